/**
 * `residualProducts` by calls of BLAS: the rows of the target are taken in panels, so small that the panel of the residual
 * stays in the second-level cache for the four calls that use it. The target is read once, which bounds large problems.
 *
 * Measured on OpenBLAS 0.3.21, Zen 5, one thread, against the same calls on whole matrices: twice as fast for 1000 x 1000, 2 to 4 times
 * for 3000 x 3000 (ranks 3 to 10). OpenBLAS has kernels without packing for products of up to a million multiplications, whence the height
 * of a panel. They run on one thread, which is still faster than two on whole matrices; more threads get panels that all of them share
 * in the third-level cache (not measured: the machine had two cores).
 */
import type { Dtype, Kernels, Mat } from '@lowland/core';
import { hostVector, type Numbers } from '@lowland/linalg';

import { rowMajor, transposed } from './cblas.ts';
import { panels } from './panels.ts';
import type { Parts } from './parts.ts';

const smallProduct = 1e6;
/** Of a panel for one thread: half of a usual second-level cache. */
const panelBytes = 2 ** 20;
/** Of a panel for many, for each of them. */
const sharedBytes = 2 ** 21;
const leastHeight = 32;

function panelHeight(cols: number, rank: number, dtype: Dtype, threads: number): number {
  const rowBytes = cols * (dtype === 'f64' ? 8 : 4);
  const height = threads > 2 ? (sharedBytes * threads) / rowBytes : Math.min(smallProduct / (cols * rank), panelBytes / rowBytes);
  return Math.max(leastHeight, Math.floor(height));
}

export function residualKernel({ cblas: { dot, gemm }, dtype, threads, useThreads, least, plain }: Parts): Required<Pick<Kernels, 'residualProducts'>> {
  const { N, T } = transposed;
  let residual: Numbers = new Float64Array(0);
  let rest: Numbers = residual;
  const reserve = (height: number, remainder: number, cols: number): void => {
    if (residual.length !== height * cols) residual = dtype === 'f64' ? new Float64Array(height * cols) : new Float32Array(height * cols);
    if (rest.buffer !== residual.buffer || rest.length !== remainder * cols) rest = residual.subarray(0, remainder * cols);
  };

  return {
    residualProducts(target, u, v, scale, b, left, c, right, out, at = 0) {
      const [m, n, k] = [target.rows, target.cols, u.cols];
      const r = Math.max(b?.cols ?? 0, c?.cols ?? 0);
      if (m * n * Math.max(k, r) < least.product || !(at >= 0 && at < out.length) || !fits(target, u, v, b, left, c, right)) {
        plain.residualProducts!(target, u, v, scale, b, left, c, right, out, at);
        return;
      }
      const height = Math.min(m, panelHeight(n, Math.max(k, r), dtype, threads));
      if (k > 0) reserve(height, m % height, n);
      const [rows, us] = [panels(target, n, height), k === 0 ? [] : panels(u, k, height)];
      const [lefts, cs] = [left && panels(left, left.cols, height), c && panels(c, c.cols, height)];
      // Without factors the residual is -target, which is not copied.
      const factor = k === 0 ? -scale : scale;
      useThreads();
      let squares = 0;
      for (let i = 0; i < rows.length; i++) {
        const size = Math.min(height, m - i * height);
        const panel = k === 0 ? rows[i]! : size === height ? residual : rest;
        if (k > 0) {
          panel.set(rows[i]!);
          gemm(rowMajor, N, T, size, n, k, 1, us[i]!, k, hostVector(v), k, -1, panel, n);
        }
        squares += dot(size * n, panel, 1, panel, 1);
        if (b !== undefined) gemm(rowMajor, N, N, size, b.cols, n, factor, panel, n, hostVector(b), b.cols, 0, lefts![i]!, b.cols);
        if (c !== undefined) gemm(rowMajor, T, N, n, c.cols, size, factor, panel, n, cs![i]!, c.cols, i === 0 ? 0 : 1, hostVector(right!), c.cols);
      }
      hostVector(out)[at] = squares;
    },
  };
}

/** Whether the shapes are what the kernel takes, with columns in each; where not, the plain one does it, or says what is wrong. */
function fits(target: Mat, u: Mat, v: Mat, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined): boolean {
  const is = (x: Mat, rows: number, cols: number) => !x.complex && x.rows === rows && x.cols === cols;
  const pair = (x: Mat | undefined, rows: number, y: Mat | undefined, others: number) =>
    (x === undefined) === (y === undefined) && (x === undefined || (x.cols > 0 && is(x, rows, x.cols) && is(y!, others, x.cols)));
  const { rows: m, cols: n } = target;
  return is(target, m, n) && is(u, m, u.cols) && is(v, n, u.cols) && pair(b, n, left, m) && pair(c, m, right, n);
}
