import { withWorkspace } from './factor/workspace.ts';
import { matrix, requireFinite, requireSquare, type Matrix } from './matrix.ts';
import { powerOfTwoAbove } from './scaling.ts';
import { largestMagnitude } from './vector.ts';

export interface Inertia {
  /** Eigenvalues of A − shift·I below, at and above zero, as counted from the factorisation. */
  readonly negative: number;
  readonly zero: number;
  readonly positive: number;
  /**
   * A proved radius: the counts are those of a matrix within this spectral distance of A − shift·I, so A has at most `negative` + `zero` eigenvalues
   * below shift − radius, and at least `negative` below shift + radius.
   */
  readonly radius: number;
}

/**
 * The inertia of A − shift·I for a dense symmetric A, from P(A − shift·I)Pᵀ = L D Lᵀ with 1 × 1 and 2 × 2 pivots (Bunch–Kaufman).
 *
 * Rigorous is what `radius` says: by Sylvester's law the counts are exactly those of L D Lᵀ, and the distance of that product from the
 * given matrix is computed and its rounding added. Without looking at `radius` the counts are only those of a nearby matrix. Only the lower triangle of A
 * is read.
 *
 * Cost: n³/3 flops for the factors, bound by memory (rank-1 updates), and as many for the radius, in products: about 0.1 s for n = 1000.
 *
 * Source: J. Bunch, L. Kaufman, Math. Comp. 31 (1977); N. Higham, Accuracy and Stability (2002), section 11.1.
 *
 * @throws LOWLAND_E_SHAPE when A is not square. @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 */
export function inertia(a: Matrix, shift = 0): Inertia {
  requireSquare(a, 'An inertia');
  requireFinite(a, 'An inertia');
  const n = a.rows;
  const largest = Math.max(largestMagnitude(a.data), Math.abs(shift));
  if (largest === 0) return { negative: 0, zero: n, positive: 0, radius: 0 };
  const unit = powerOfTwoAbove(largest);
  const given = matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) given.data[i * n + j] = (a.data[i * n + j]! - (i === j ? shift : 0)) / unit;
  }
  const factors = bunchKaufman(given);
  const counts = { negative: 0, zero: 0, positive: 0 };
  for (let k = 0; k < n; k += factors.wide[k] === 1 ? 2 : 1) {
    if (factors.wide[k] === 1) {
      // The pivoting makes every 2 × 2 block indefinite: |off-diagonal|² > |product of the diagonal|.
      counts.negative += 1;
      counts.positive += 1;
    } else {
      const pivot = factors.d[k]!;
      counts[pivot < 0 ? 'negative' : pivot > 0 ? 'positive' : 'zero'] += 1;
    }
  }
  return { ...counts, radius: (distance(given, factors) + 2 * n * 2 ** -53) * unit };
}

interface LdlFactors {
  /** Unit lower triangular, row-major, of the permuted matrix. */
  readonly l: Float64Array;
  readonly d: Float64Array;
  /** off[k]: the entry (k+1, k) of D where a 2 × 2 pivot starts at k. */
  readonly off: Float64Array;
  readonly wide: Uint8Array;
  /** Row i of the permuted matrix is row order[i] of the given one. */
  readonly order: Int32Array;
}

/** Pivots are taken from the diagonal as long as growth stays below 1 + 1/α. */
const alpha = (1 + Math.sqrt(17)) / 8;

/** P A Pᵀ = L D Lᵀ, from the lower triangle of A. */
function bunchKaufman(given: Matrix): LdlFactors {
  const n = given.rows;
  const d = new Float64Array(n);
  const off = new Float64Array(n);
  const wide = new Uint8Array(n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  return withWorkspace((w) => {
    const at = w.take(n * n);
    const first = w.take(2 * n);
    const second = first + n;
    w.data.set(given.data, at);
    const a = w.data.subarray(at, at + n * n);
    for (let k = 0; k < n; ) {
      const { row, two } = choosePivot(a, n, k);
      const to = two ? k + 1 : k;
      if (row !== to) {
        exchange(a, n, to, row);
        [order[to], order[row]] = [order[row]!, order[to]!];
      }
      const { data } = w;
      for (let i = k; i < n; i++) {
        data[first + i] = a[i * n + k]!;
        if (two && i > k) data[second + i] = a[i * n + k + 1]!;
      }
      d[k] = a[k * n + k]!;
      if (two) {
        wide[k] = 1;
        off[k] = a[(k + 1) * n + k]!;
        d[k + 1] = a[(k + 1) * n + k + 1]!;
        a[(k + 1) * n + k] = 0;
        // [x y] D⁻¹ with everything relative to the off-diagonal, which is the largest entry of the block.
        const [p, q] = [d[k]! / off[k]!, d[k + 1]! / off[k]!];
        const scale = 1 / (off[k]! * (p * q - 1));
        for (let i = k + 2; i < n; i++) {
          const u = (q * data[first + i]! - data[second + i]!) * scale;
          const v = (p * data[second + i]! - data[first + i]!) * scale;
          w.axpy(i - k - 1, -u, first + k + 2, at + i * n + k + 2);
          w.axpy(i - k - 1, -v, second + k + 2, at + i * n + k + 2);
          a[i * n + k] = u;
          a[i * n + k + 1] = v;
        }
      } else if (d[k] !== 0) {
        for (let i = k + 1; i < n; i++) {
          const u = data[first + i]! / d[k]!;
          if (u !== 0) w.axpy(i - k, -u, first + k + 1, at + i * n + k + 1);
          a[i * n + k] = u;
        }
      }
      k += two ? 2 : 1;
    }
    const l = a.slice();
    for (let i = 0; i < n; i++) {
      l[i * n + i] = 1;
      l.fill(0, i * n + i + 1, (i + 1) * n);
    }
    return { l, d, off, wide, order };
  });
}

/** Which row comes to the pivot's place, and whether the pivot is a 2 × 2 block. */
function choosePivot(a: Float64Array, n: number, k: number): { row: number; two: boolean } {
  const own = Math.abs(a[k * n + k]!);
  let colMax = 0;
  let far = k;
  for (let i = k + 1; i < n; i++) {
    if (Math.abs(a[i * n + k]!) > colMax) [colMax, far] = [Math.abs(a[i * n + k]!), i];
  }
  if (own >= alpha * colMax) return { row: k, two: false };
  let rowMax = 0;
  for (let j = k; j < far; j++) rowMax = Math.max(rowMax, Math.abs(a[far * n + j]!));
  for (let i = far + 1; i < n; i++) rowMax = Math.max(rowMax, Math.abs(a[i * n + far]!));
  if (own >= alpha * colMax * (colMax / rowMax)) return { row: k, two: false };
  return { row: far, two: Math.abs(a[far * n + far]!) < alpha * rowMax };
}

/** Exchanges rows and columns i < j of the trailing matrix, and the rows of what is already factored. */
function exchange(a: Float64Array, n: number, i: number, j: number): void {
  const swap = (p: number, q: number): void => {
    [a[p], a[q]] = [a[q]!, a[p]!];
  };
  for (let c = 0; c < i; c++) swap(i * n + c, j * n + c);
  for (let c = i + 1; c < j; c++) swap(c * n + i, j * n + c);
  for (let r = j + 1; r < n; r++) swap(r * n + i, r * n + j);
  swap(i * n + i, j * n + j);
}

/** A proved bound of ‖P A Pᵀ − L D Lᵀ‖₂: the computed difference and the rounding of computing it. */
function distance(given: Matrix, { l, d, off, wide, order }: LdlFactors): number {
  const n = given.rows;
  const lower = matrix(n, n, l);
  const scaled = matrix(n, n); // L D
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const at = i * n + j;
      scaled.data[at] = scaled.data[at]! + l[at]! * d[j]!;
      if (wide[j] !== 1) continue;
      scaled.data[at + 1] = scaled.data[at + 1]! + l[at]! * off[j]!;
      scaled.data[at] = scaled.data[at] + (l[at + 1] ?? 0) * off[j]!;
    }
  }
  const product = lowerProduct(scaled, lower);
  let squares = 0;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [p, q] = [Math.max(order[i]!, order[j]!), Math.min(order[i]!, order[j]!)];
      const difference = given.data[p * n + q]! - product[i * n + j]!;
      squares += (i === j ? 1 : 2) * difference * difference;
      largest = Math.max(largest, Math.abs(given.data[p * n + q]!));
    }
  }
  // |fl(LDLᵀ) − LDLᵀ| ≤ terms·2⁻⁵³·|LD||Lᵀ|: n roundings for the sum of each entry, and what forms LD.
  const terms = n + 8;
  return Math.sqrt(squares) * (1 + 4 * n * n * 2 ** -53) + terms * 2 ** -53 * (absoluteNorm(scaled, lower) + n * largest);
}

/** Columns that are multiplied together. */
const panel = 64;

/** The lower triangle of A Bᵀ for a lower triangular B, and an A that is lower triangular but for entries right of its diagonal: n³/3 flops. */
function lowerProduct(a: Matrix, b: Matrix): Float64Array {
  const n = a.rows;
  return withWorkspace((w) => {
    const [left, right, out] = [w.take(n * n), w.take(n * n), w.take(n * n)];
    w.data.set(a.data, left);
    w.data.set(b.data, right);
    for (let j = 0; j < n; j += panel) {
      const cols = Math.min(panel, n - j);
      w.gemm(n - j, cols, j + cols, 1, left + j * n, n, 1, right + j * n, 1, n, 0, out + j * n + j, n);
    }
    return w.data.slice(out, out + n * n);
  });
}

/** √(‖ |A||B|ᵀ ‖₁ · ‖ |A||B|ᵀ ‖_∞), an upper bound of its spectral norm. */
function absoluteNorm(a: Matrix, b: Matrix): number {
  return Math.sqrt(largestRowSum(a, b) * largestRowSum(b, a));
}

/** ‖ |A||B|ᵀ ‖_∞ = max |A|(|B|ᵀ1). */
function largestRowSum(a: Matrix, b: Matrix): number {
  const sums = new Float64Array(b.cols);
  for (let i = 0; i < b.rows; i++) for (let j = 0; j < b.cols; j++) sums[j] = sums[j]! + Math.abs(b.data[i * b.cols + j]!);
  let most = 0;
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    for (let j = 0; j < a.cols; j++) sum += Math.abs(a.data[i * a.cols + j]!) * sums[j]!;
    most = Math.max(most, sum);
  }
  return most;
}
