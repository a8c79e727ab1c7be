import type { Round } from './rounding.ts';

/**
 * out = g (W^T W + shift I)^-1 for a factor W of `rank` columns, with the Cholesky factor L of the Gram matrix:
 *
 * - entry (a, b), a >= b, of W^T W is the sum over the rows in their order, from 0; on the diagonal then + shift
 * - column by column: d = entry (j, j) minus the squares of L_jk in the order of k; no factor unless 0 < d < Infinity; L_jj = sqrt(d); L_ij = (entry (i, j)
 *   minus L_ik L_jk in the order of k) / L_jj
 * - for each row: forwards, x_i = (g_i minus L_ik x_k, k = 0 … i - 1) / L_ii; backwards, x_i = (x_i minus L_ki x_k, k = r - 1 … i + 1) / L_ii
 *
 * All in one type, each operation rounded. False where there is no factor.
 */
export function gramSolver(rank: number, round: Round) {
  const l = new Float64Array(rank * rank);

  const factor = (): boolean => {
    for (let j = 0; j < rank; j++) {
      let d = l[j * rank + j]!;
      for (let k = 0; k < j; k++) d = round(d - round(l[j * rank + k]! * l[j * rank + k]!));
      if (!(d > 0 && d < Infinity)) return false;
      const pivot = round(Math.sqrt(d));
      l[j * rank + j] = pivot;
      for (let i = j + 1; i < rank; i++) {
        let s = l[i * rank + j]!;
        for (let k = 0; k < j; k++) s = round(s - round(l[i * rank + k]! * l[j * rank + k]!));
        l[i * rank + j] = round(s / pivot);
      }
    }
    return true;
  };

  /** W: `count` rows of x from `at` on; g and out: `rows` rows from `from` on. */
  return (x: Float64Array, at: number, count: number, shift: number, g: Float64Array, from: number, rows: number, out: Float64Array): boolean => {
    l.fill(0);
    // row by row: sums of different entries do not wait for each other
    for (let i = 0, p = at; i < count; i++, p += rank) {
      for (let a = 0; a < rank; a++) for (let b = 0; b <= a; b++) l[a * rank + b] = round(l[a * rank + b]! + round(x[p + a]! * x[p + b]!));
    }
    for (let a = 0; a < rank; a++) l[a * rank + a] = round(l[a * rank + a]! + shift);
    if (!factor()) return false;
    for (let row = 0, p = from; row < rows; row++, p += rank) {
      for (let i = 0; i < rank; i++) {
        let s = g[p + i]!;
        for (let k = 0; k < i; k++) s = round(s - round(l[i * rank + k]! * out[p + k]!));
        out[p + i] = round(s / l[i * rank + i]!);
      }
      for (let i = rank - 1; i >= 0; i--) {
        let s = out[p + i]!;
        for (let k = rank - 1; k > i; k--) s = round(s - round(l[k * rank + i]! * out[p + k]!));
        out[p + i] = round(s / l[i * rank + i]!);
      }
    }
    return true;
  };
}
