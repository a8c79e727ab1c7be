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

import { type Cblas, rowMajor, transposed } from './cblas.ts';
import type { Thresholds } from './kernels.ts';
import { panels } from './panels.ts';

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

interface Parts {
  readonly cblas: Cblas;
  readonly threads: number;
  readonly useThreads: () => void;
}

export function residualKernel({ cblas: { dot, gemm }, threads, useThreads }: Parts, dtype: Dtype, least: Thresholds, plain: Kernels): Required<Pick<Kernels, 'residualProducts'>> {
  const { N, T } = transposed;
  let residual: Numbers = new Float64Array(0);
  let rest: Numbers = residual;
  const reserve = (height: number, remainder: number, cols: number): void => {
    if (residual.length !== height * cols) residual = dtype === 'f64' ? new Float64Array(height * cols) : new Float32Array(height * cols);
    if (rest.buffer !== residual.buffer || rest.length !== remainder * cols) rest = residual.subarray(0, remainder * cols);
  };

  return {
    residualProducts(target, u, v, scale, b, left, c, right, out, at = 0) {
      const [m, n, r] = [target.rows, target.cols, u.cols];
      if (m * n * r < least.product || !(at >= 0 && at < out.length) || !fits(target, u, v, b, left, c, right)) {
        plain.residualProducts!(target, u, v, scale, b, left, c, right, out, at);
        return;
      }
      const height = Math.min(m, panelHeight(n, r, dtype, threads));
      reserve(height, m % height, n);
      const [rows, us] = [panels(target, height), panels(u, height)];
      const [lefts, cs] = [left && panels(left, height), c && panels(c, height)];
      const vs = hostVector(v);
      useThreads();
      let squares = 0;
      for (let i = 0; i < rows.length; i++) {
        const size = Math.min(height, m - i * height);
        const panel = size === height ? residual : rest;
        panel.set(rows[i]!);
        gemm(rowMajor, N, T, size, n, r, 1, us[i]!, r, vs, r, -1, panel, n);
        squares += dot(size * n, panel, 1, panel, 1);
        if (b !== undefined) gemm(rowMajor, N, N, size, r, n, scale, panel, n, hostVector(b), r, 0, lefts![i]!, r);
        if (cs !== undefined) gemm(rowMajor, T, N, n, r, size, scale, panel, n, cs[i]!, r, i === 0 ? 0 : 1, hostVector(right!), r);
      }
      hostVector(out)[at] = squares;
    },
  };
}

/** Whether the shapes are what the kernel takes; where not, the plain one says what is wrong. */
function fits(target: Mat, u: Mat, v: Mat, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined): boolean {
  const is = (x: Mat | undefined, rows: number) => x === undefined || (!x.complex && x.rows === rows && x.cols === u.cols);
  const together = (b === undefined) === (left === undefined) && (c === undefined) === (right === undefined);
  return together && !target.complex && is(u, target.rows) && is(v, target.cols) && is(b, target.cols) && is(left, target.rows) && is(c, target.rows) && is(right, target.cols);
}
