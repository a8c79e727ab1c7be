/** Products of matrices on the heap. */
import { stridedGemm } from '../cpu/gemm.ts';
import { withWorkspace, type Workspace } from './workspace.ts';

/** Below so many multiplications, or uses of each number, copying to the fast kernels takes longer than they save. Bits are the same either way. */
const fewMultiplications = 2048;
const fewUses = 2;
/** Numbers of the left factor that are copied at a time: what the last-level cache holds. */
const stripSize = 2 ** 20;

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
    stridedGemm(m, n, k, 1, a, 0, ai, ak, b, 0, bk, bj, 0, c, 0, n);
    return;
  }
  withWorkspace((w) => {
    const right = w.take(k * n);
    w.data.set(b.subarray(0, k * n), right);
    const rows = Math.min(m, Math.max(16, Math.ceil(stripSize / (k + n))));
    const left = w.take(rows * k);
    const out = w.take(rows * n);
    for (let i = 0; i < m; i += rows) {
      const high = Math.min(rows, m - i);
      copyStrip(w, a, i, high, k, ai, ak, left);
      w.gemm(high, n, k, 1, left, ai === 1 ? 1 : k, ai === 1 ? high : 1, right, bk, bj, 0, out, n);
      c.set(w.data.subarray(out, out + high * n), i * n);
    }
  });
}

/** Rows i to i + high - 1 of A to `at`, as they lie or, where A is given by columns, in columns of `high`. */
function copyStrip(w: Workspace, a: Float64Array, i: number, high: number, k: number, ai: number, ak: number, at: number): void {
  const { data } = w;
  if (ai !== 1) data.set(a.subarray(i * ai, (i + high) * ai), at);
  else for (let p = 0; p < k; p++) data.set(a.subarray(p * ak + i, p * ak + i + high), at + p * high);
}

/** The lower triangle of Aᵀ A to `out`, rows `cols` apart, for a rows × cols A; what lies above the diagonal has no meaning. */
export function hostGram(rows: number, cols: number, a: Float64Array, out: Float64Array): void {
  if (rows * cols * cols < fewMultiplications || cols < fewUses) {
    stridedGemm(cols, cols, rows, 1, a, 0, 1, cols, a, 0, cols, 1, 0, out, 0, cols);
    return;
  }
  withWorkspace((w) => {
    const given = w.take(rows * cols);
    w.data.set(a, given);
    const square = w.take(cols * cols);
    w.gemmLower(cols, rows, 1, given, 1, cols, given, cols, 1, 0, square, cols);
    out.set(w.data.subarray(square, square + cols * cols));
  });
}
