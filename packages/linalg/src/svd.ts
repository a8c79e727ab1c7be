import { fixSigns, symmetricEigen } from './eigen.ts';
import { matrix, requireFinite, transpose, type Matrix } from './matrix.ts';
import { gram, multiply } from './multiply.ts';
import { thinQr } from './qr.ts';
import { powerOfTwoAbove } from './scaling.ts';
import { dot, largestMagnitude, norm } from './vector.ts';

export interface Svd {
  /** Left singular vectors in columns, orthonormal. */
  readonly u: Matrix;
  /** Singular values, descending, never negative. */
  readonly s: Float64Array;
  /** Right singular vectors in columns (not transposed), orthonormal. */
  readonly v: Matrix;
}

/**
 * The thin singular value decomposition A = U diag(s) Vᵀ with k = min(m, n) triples, for any shape, rank-deficient, zero and empty
 * matrices included. Residual and orthogonality are within 20·max(m, n)·2⁻⁵², normwise. In each column of U the first entry that exceeds half
 * its largest one is positive.
 *
 * QR down to the small side; the right vectors of the core start from the eigenvectors of its Gram matrix (`symmetricEigen`, so
 * ml-matrix) and are finished by one-sided Jacobi rotations, which undo the loss of squaring. The SVD of ml-matrix itself is not
 * used: it never ends on some low-rank matrices (all ones, 100 × 100). O(m·n·k): about 0.4 s for 256 × 256.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 */
export function thinSvd(a: Matrix): Svd {
  requireFinite(a, 'A singular value decomposition');
  if (a.rows < a.cols) {
    const { u, s, v } = thinSvd(transpose(a));
    fixSigns(v, u);
    return { u: v, s, v: u };
  }
  const largest = largestMagnitude(a.data);
  if (largest === 0) return zeroSvd(a.rows, a.cols);
  const unit = powerOfTwoAbove(largest);
  const scaled = matrix(a.rows, a.cols, a.data.map((x) => x / unit));
  const { q, r } = thinQr(scaled);
  const core = coreSvd(r);
  const u = multiply(q, core.u);
  fixSigns(u, core.v);
  return { u, s: core.s.map((x) => x * unit), v: core.v };
}

function zeroSvd(m: number, n: number): Svd {
  const u = matrix(m, n);
  const v = matrix(n, n);
  for (let j = 0; j < n; j++) {
    u.data[j * n + j] = 1;
    v.data[j * n + j] = 1;
  }
  return { u, s: new Float64Array(n), v };
}

/** SVD of a square matrix R with entries about 1. */
function coreSvd(r: Matrix): Svd {
  const n = r.cols;
  // Rows of `images` are the columns of R V, rows of `directions` those of V: rotations then run along memory.
  const start = symmetricEigen(gram(r)).vectors;
  const images = rowsOf(multiply(start, r, { transposeA: true, transposeB: true }));
  const directions = rowsOf(transpose(start));
  orthogonalizeRows(images, directions);

  const lengths = images.map(norm);
  const order = lengths.map((_, j) => j).sort((i, j) => lengths[j]! - lengths[i]!);
  const sorted = matrix(n, n);
  const v = matrix(n, n);
  order.forEach((from, j) => {
    for (let i = 0; i < n; i++) {
      sorted.data[i * n + j] = images[from]![i]!;
      v.data[i * n + j] = directions[from]![i]!;
    }
  });
  // Orthogonal columns: R's factor is diagonal up to rounding, and Q stays orthonormal where columns vanish.
  const { q, r: diagonal } = thinQr(sorted);
  const s = new Float64Array(n);
  for (let j = 0; j < n; j++) s[j] = diagonal.data[j * n + j]!;
  sortTail(s, q, v);
  return { u: q, s, v };
}

function rowsOf(a: Matrix): Float64Array[] {
  return Array.from({ length: a.rows }, (_, i) => a.data.subarray(i * a.cols, (i + 1) * a.cols));
}

/** Sweeps needed are 1 to 4 from the Gram start; Jacobi converges quadratically. */
const maxSweeps = 30;

/** One-sided Jacobi (Hestenes): rotates pairs of rows until all are orthogonal relative to their lengths. */
function orthogonalizeRows(rows: readonly Float64Array[], companions: readonly Float64Array[]): void {
  const n = rows.length;
  const tolerance = n * 2 ** -53;
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    const squares = rows.map((row) => dot(row, row));
    // Rows below the rounding error of the longest are zero as far as the result is concerned.
    const negligible = Math.max(...squares) * (2 ** -53) ** 2;
    let rotated = false;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        if (squares[i]! <= negligible || squares[j]! <= negligible) continue;
        const product = dot(rows[i]!, rows[j]!);
        if (Math.abs(product) <= tolerance * Math.sqrt(squares[i]! * squares[j]!)) continue;
        rotated = true;
        const zeta = (squares[j]! - squares[i]!) / (2 * product);
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(rows[i]!, rows[j]!, c, c * t);
        rotate(companions[i]!, companions[j]!, c, c * t);
        squares[i] = dot(rows[i]!, rows[i]!);
        squares[j] = dot(rows[j]!, rows[j]!);
      }
    }
    if (!rotated) return;
  }
}

function rotate(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let k = 0; k < x.length; k++) {
    const xk = x[k]!;
    const yk = y[k]!;
    x[k] = c * xk - s * yk;
    y[k] = s * xk + c * yk;
  }
}

/** The values come out sorted up to rounding; exchanges what rounding put out of order. */
function sortTail(s: Float64Array, u: Matrix, v: Matrix): void {
  for (let j = 1; j < s.length; j++) {
    for (let k = j; k > 0 && s[k]! > s[k - 1]!; k--) {
      [s[k], s[k - 1]] = [s[k - 1]!, s[k]!];
      exchangeColumns(u, k, k - 1);
      exchangeColumns(v, k, k - 1);
    }
  }
}

function exchangeColumns({ rows, cols, data }: Matrix, j: number, k: number): void {
  for (let i = 0; i < rows; i++) {
    const at = i * cols;
    [data[at + j], data[at + k]] = [data[at + k]!, data[at + j]!];
  }
}
