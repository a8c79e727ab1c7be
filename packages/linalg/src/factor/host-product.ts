/**
 * Products of matrices on the heap. What comes to the fast kernels goes through a bounded memory: the right factor in groups of rows, the left
 * one in blocks of it.
 */
import { stridedGemm } from '../cpu/gemm.ts';
import { withWorkspace, type Workspace } from './workspace.ts';

/** Below so many multiplications, or uses of each number, copying to the fast kernels takes longer than they save. Bits are the same either way. */
const fewMultiplications = 2048;
const fewUses = 2;
/** Inner indices of a group: sums of groups are added in order. */
const depth = 4096;
/** Numbers of the left factor that are copied at a time: what the last-level cache holds. */
const stripSize = 2 ** 20;

/** Calls `use` for each group of inner indices, at least once: with its first one, their number, and 0 for the first group, 1 for the others. */
function eachGroup(k: number, use: (first: number, count: number, beta: number) => void): void {
  use(0, Math.min(depth, k), 0);
  for (let p = depth; p < k; p += depth) use(p, Math.min(depth, k - p), 1);
}

/**
 * C = A B, m × n over k: entry (i, p) of A is a[i ai + p ak], (p, j) of B is b[p bk + j bj], one of each pair of strides being 1; rows of C are n
 * apart. Bound by arithmetic.
 *
 * @throws LOWLAND_E_MEMORY
 */
export function hostProduct(
  m: number, n: number, k: number, a: Float64Array, ai: number, ak: number, b: Float64Array, bk: number, bj: number, c: Float64Array,
): void {
  if (m * n * k < fewMultiplications || Math.min(m, n) < fewUses) {
    eachGroup(k, (p, count, beta) => { stridedGemm(m, n, count, 1, a, p * ak, ai, ak, b, p * bk, bk, bj, beta, c, 0, n); });
    return;
  }
  const inner = Math.min(depth, k);
  const rows = Math.min(m, Math.max(16, Math.ceil(stripSize / (inner + n))));
  withWorkspace((w) => {
    const right = w.take(inner * n);
    const left = w.take(rows * inner);
    const out = w.take(rows * n);
    eachGroup(k, (p, count, beta) => {
      const across = copyBlock(w, b, p, count, 0, n, bk, bj, right);
      for (let i = 0; i < m; i += rows) {
        const high = Math.min(rows, m - i);
        const along = copyBlock(w, a, i, high, p, count, ai, ak, left);
        if (beta !== 0) w.data.set(c.subarray(i * n, (i + high) * n), out);
        w.gemm(high, n, count, 1, left, ai === 1 ? 1 : along, ai === 1 ? along : 1, right, bk === 1 ? 1 : across, bk === 1 ? across : 1, beta, out, n);
        c.set(w.data.subarray(out, out + high * n), i * n);
      }
    });
  });
}

/** A block of a matrix to `at` as it lies, by rows or, where those have stride 1, by columns; returns how far apart they are there. */
function copyBlock(
  w: Workspace, x: Float64Array, row: number, rows: number, col: number, cols: number, xi: number, xj: number, at: number,
): number {
  const { data } = w;
  const [lines, length, line, first] = xi === 1 ? [cols, rows, xj, row + col * xj] : [rows, cols, xi, row * xi + col];
  if (line === length) data.set(x.subarray(first, first + lines * length), at);
  else for (let l = 0; l < lines; l++) data.set(x.subarray(first + l * line, first + l * line + length), at + l * length);
  return length;
}

/** The lower triangle of Aᵀ A to `out`, rows `cols` apart, for a rows × cols A; what lies above the diagonal has no meaning. */
export function hostGram(rows: number, cols: number, a: Float64Array, out: Float64Array): void {
  if (rows * cols * cols < fewMultiplications || cols < fewUses) {
    eachGroup(rows, (p, count, beta) => { stridedGemm(cols, cols, count, 1, a, p * cols, 1, cols, a, p * cols, cols, 1, beta, out, 0, cols); });
    return;
  }
  withWorkspace((w) => {
    const given = w.take(Math.min(depth, rows) * cols);
    const square = w.take(cols * cols);
    eachGroup(rows, (p, count, beta) => {
      w.data.set(a.subarray(p * cols, (p + count) * cols), given);
      w.gemmLower(cols, count, 1, given, 1, cols, given, cols, 1, beta, square, cols);
    });
    out.set(w.data.subarray(square, square + cols * cols));
  });
}
