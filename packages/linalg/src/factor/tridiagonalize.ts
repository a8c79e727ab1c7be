/**
 * Householder reduction of a symmetric matrix to tridiagonal form in panels (Dongarra, Hammarling, Sorensen, J. Comput. Appl. Math. 27, 1989;
 * LAPACK's dlatrd), and products with the reflections in blocks (Schreiber, Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989).
 *
 * Rows go from the last one up, so that everything runs along rows: reflection r = 1 … n − 1 maps row r, up to the entry before the diagonal,
 * to a multiple of e_(r−1). A = Q T Qᵀ with Q = H_(n−1) ⋯ H_1, H_r = I − τ_r v_r v_rᵀ.
 */
import type { Workspace } from './workspace.ts';

/** Reflections of a panel, whose updates of the rest wait for its end. */
const panel = 32;
/** Reflections that are applied together, for matrices of up to so many rows and for larger ones. */
const manyRows = 200;
const shortBlock = 16;
const longBlock = 32;
/** Numbers of the rows that reflections pass through at a time: what the second-level cache holds. */
const stripSize = 2 ** 16;
/** Rows of norm below 2^-485 count as zero where the largest entry is about 1: their squares lose digits. */
const negligible = 2 ** -970;

/**
 * The lower triangle of the n × n matrix at `a` (rows n apart, entries about 1 at most) to a tridiagonal matrix: its diagonal to `d`, entry
 * (i + 1, i) to `e` + i, τ to `tau`. Row r of `a` becomes v_r, followed by zeros.
 *
 * 4/3 n³ flops: half of them products of the matrix with vectors, bound by memory where the matrix does not fit in the caches, the other half
 * matrix products.
 */
export function tridiagonalize(w: Workspace, n: number, a: number, d: number, e: number, tau: number): void {
  w.scope(() => {
    const images = w.take(3 * Math.min(panel, n) * n);
    const first = w.take(2 * panel);
    for (let high = n; high > 0; high -= panel) {
      const low = Math.max(0, high - panel);
      const rows = high - low;
      // Three groups of rows: V, W, V; W is made by the panel.
      const image = images + rows * n;
      for (let r = high - 1; r >= low; r--) {
        reduceRow(w, n, a, r, high, image + (r - low) * n, first, d, e, tau);
      }
      if (low === 0) return;
      for (const copy of [images, image + rows * n]) w.data.copyWithin(copy, a + low * n, a + high * n);
      w.gemmLower(low, 2 * rows, -1, images, 1, n, image, n, 1, 1, a, n);
    }
  });
}

/** Reflection r of a panel that ends before row `high`; w_r goes to `out`, w of the rows behind lie after it. */
function reduceRow(
  w: Workspace, n: number, a: number, r: number, high: number, out: number, first: number, d: number, e: number, tau: number,
): void {
  const { data } = w;
  const row = a + r * n;
  const done = high - r - 1;
  const second = first + done;
  if (done > 0) {
    for (let k = 0; k < done; k++) {
      data[first + k] = data[row + (k + 1) * n + r]!;
      data[second + k] = data[out + (k + 1) * n + r]!;
    }
    w.gemvTransposed(done, r + 1, -1, out + n, n, first, row);
    w.gemvTransposed(done, r + 1, -1, row + n, n, second, row);
  }
  data[d + r] = data[row + r]!;
  data.fill(0, row + r, row + n);
  if (r === 0) return;
  const head = data[row + r - 1]!;
  data[row + r - 1] = 0;
  const squares = w.dot(r, row, row);
  data[row + r - 1] = 1;
  if (!(squares > negligible)) {
    data.fill(0, row, row + r - 1);
    data[e + r - 1] = head;
    data[tau + r] = 0;
    data.fill(0, out, out + r);
    return;
  }
  const length = Math.sqrt(squares + head * head);
  const factor = head > 0 ? -length : length;
  data[e + r - 1] = factor;
  data[tau + r] = (factor - head) / factor;
  w.scal(r - 1, 1 / (head - factor), row);
  // w = tau (A - V Wᵀ - W Vᵀ) v, less the part along v.
  w.symv(r, a, n, row, out);
  if (done > 0) {
    w.gemv(done, r, 1, out + n, n, row, 0, first);
    w.gemv(done, r, 1, row + n, n, row, 0, second);
    w.gemvTransposed(done, r, -1, row + n, n, first, out);
    w.gemvTransposed(done, r, -1, out + n, n, second, out);
  }
  const t = data[tau + r]!;
  w.scal(r, t, out);
  w.axpy(r, -0.5 * t * w.dot(r, out, row), row, out);
}

/**
 * The rows of the `count` × n matrix at z, times Qᵀ from the right: for rows that are eigenvectors of T those of A. 2 n² flops for each.
 *
 * Bound by arithmetic: rows go in strips that stay in the second-level cache while all reflections pass.
 */
export function applyReflections(w: Workspace, n: number, a: number, tau: number, count: number, z: number): void {
  w.scope(() => {
    const block = n > manyRows ? longBlock : shortBlock;
    // H_low ⋯ H_(low+block-1) = I − Vᵀ T V; Tᵀ is lower triangular.
    const triangles = w.take(n * block);
    const products = w.take(block * block);
    for (let low = 1; low < n; low += block) {
      const size = Math.min(block, n - low);
      const v = a + low * n;
      w.gemmLower(size, low + size - 1, 1, v, n, 1, v, 1, n, 0, products, block);
      for (let k = 0; k < size; k++) {
        const row = triangles + (low - 1 + k) * block;
        const t = w.data[tau + low + k]!;
        w.gemvTransposed(k, k, -t, triangles + (low - 1) * block, block, products + k * block, row);
        w.data[row + k] = t;
      }
    }
    const strip = Math.min(count, Math.max(block, Math.ceil(stripSize / n)));
    const coefficients = w.take(2 * strip * block);
    const directions = coefficients + strip * block;
    for (let first = 0; first < count; first += strip) {
      const rows = Math.min(strip, count - first);
      const at = z + first * n;
      for (let low = 1; low < n; low += block) {
        const size = Math.min(block, n - low);
        const width = low + size - 1;
        const v = a + low * n;
        w.gemm(rows, size, width, 1, at, n, 1, v, 1, n, 0, coefficients, block);
        w.gemm(rows, size, size, 1, coefficients, block, 1, triangles + (low - 1) * block, 1, block, 0, directions, block);
        w.gemm(rows, width, size, -1, directions, block, 1, v, n, 1, 1, at, n);
      }
    }
  });
}
