/** Small complex linear systems by elimination with row pivoting; matrices are given by their real and imaginary parts, n x n. */
export interface ComplexSolver {
  /** Factors a copy of A. False where a pivot is zero or not finite. */
  factor(re: Float64Array, im: Float64Array): boolean;
  /** b := A^-1 b, b as real parts, then imaginary parts. */
  solve(b: Float64Array): void;
}

export function complexSolver(n: number): ComplexSolver {
  const [ar, ai] = [new Float64Array(n * n), new Float64Array(n * n)];
  const rows = new Int32Array(n);
  const [xr, xi] = [new Float64Array(n), new Float64Array(n)];
  return {
    factor(re, im) {
      ar.set(re);
      ai.set(im);
      for (let i = 0; i < n; i++) rows[i] = i;
      for (let k = 0; k < n; k++) {
        let [pivot, most] = [k, -1];
        for (let i = k; i < n; i++) {
          const at = rows[i]! * n + k;
          const size = ar[at]! ** 2 + ai[at]! ** 2;
          if (size > most) [pivot, most] = [i, size];
        }
        if (!(most > 0 && most < Infinity)) return false;
        [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
        const top = rows[k]! * n;
        const [pr, pi] = [ar[top + k]! / most, -ai[top + k]! / most];
        for (let i = k + 1; i < n; i++) {
          const row = rows[i]! * n;
          const [cr, ci] = [ar[row + k]! * pr - ai[row + k]! * pi, ar[row + k]! * pi + ai[row + k]! * pr];
          ar[row + k] = cr;
          ai[row + k] = ci;
          for (let j = k + 1; j < n; j++) {
            ar[row + j] = ar[row + j]! - (cr * ar[top + j]! - ci * ai[top + j]!);
            ai[row + j] = ai[row + j]! - (cr * ai[top + j]! + ci * ar[top + j]!);
          }
        }
      }
      return true;
    },
    solve(b) {
      for (let i = 0; i < n; i++) {
        const row = rows[i]! * n;
        let [re, im] = [b[rows[i]!]!, b[n + rows[i]!]!];
        for (let j = 0; j < i; j++) {
          re -= ar[row + j]! * xr[j]! - ai[row + j]! * xi[j]!;
          im -= ar[row + j]! * xi[j]! + ai[row + j]! * xr[j]!;
        }
        xr[i] = re;
        xi[i] = im;
      }
      for (let i = n - 1; i >= 0; i--) {
        const row = rows[i]! * n;
        let [re, im] = [xr[i]!, xi[i]!];
        for (let j = i + 1; j < n; j++) {
          re -= ar[row + j]! * xr[j]! - ai[row + j]! * xi[j]!;
          im -= ar[row + j]! * xi[j]! + ai[row + j]! * xr[j]!;
        }
        const [dr, di] = [ar[row + i]!, ai[row + i]!];
        const size = dr * dr + di * di;
        xr[i] = (re * dr + im * di) / size;
        xi[i] = (im * dr - re * di) / size;
      }
      b.set(xr);
      b.set(xi, n);
    },
  };
}
