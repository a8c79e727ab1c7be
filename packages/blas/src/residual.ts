/**
 * `residualProducts` by calls of BLAS: the rows of the target are taken in panels, so small that the panel of the residual
 * stays in the second-level cache for the four calls that use it. The target is read once, which bounds large problems.
 *
 * OpenBLAS has kernels without packing for products of up to a million multiplications, whence the height of a panel. They run on one
 * thread, so that threads make calls side by side instead: rows are cut into jobs by the sizes alone, each with its own sum of squares
 * and right product, added in the order of the jobs. Bits do not depend on the number of threads.
 *
 * Measured on OpenBLAS 0.3.21, Zen 5, one thread, against the same calls on whole matrices: twice as fast for 1000 x 1000, 2 to 4 times
 * for 3000 x 3000 (ranks 3 to 10).
 */
import type { Dtype, Kernels, Mat } from '@lowland/core';
import { hostVector, type Numbers } from '@lowland/linalg';

import { rowMajor, signature, transposed } from './cblas.ts';
import { Hands, scratch } from './hands/hands.ts';
import type { Library } from './library.ts';
import type { Parts } from './parts.ts';

const smallProduct = 1e6;
/** Of a panel: half of a usual second-level cache. */
const panelBytes = 2 ** 20;
const leastHeight = 32;
/** Of panels: five calls each have to fit on the list. */
const mostPanels = 6000;
const mostJobs = 16;

function panelHeight(rows: number, cols: number, rank: number, bytes: number): number {
  return Math.min(rows, Math.max(leastHeight, Math.floor(Math.min(smallProduct / (cols * rank), panelBytes / (cols * bytes))), Math.ceil(rows / mostPanels)));
}

/** A power of two, of at least two panels each. */
const jobCount = (panels: number): number => Math.min(mostJobs, 2 ** Math.max(0, Math.floor(Math.log2(panels / 2))));

/** The functions that jobs call, by their places on the list of `Hands`. */
const names = ['copy', 'dot', 'gemm'] as const;
const [copy, dot, gemm] = [0, 1, 2] as const;

const crews = new WeakMap<Library, Map<string, Hands>>();

/** One crew for each library, number type and number of threads: like the library's own threads it stays, and keeps no process alive. */
function handsOf(library: Library, dtype: Dtype, threads: number): Hands {
  const known = crews.get(library) ?? new Map<string, Hands>();
  crews.set(library, known);
  const key = `${dtype} ${threads}`;
  let hands = known.get(key);
  if (hands === undefined) {
    hands = new Hands(library, names.map((name) => signature(library, dtype, name)), threads - 1);
    known.set(key, hands);
  }
  return hands;
}

export function residualKernel({ library, cblas: { axpy }, dtype, threads, useThreads, least, plain }: Parts): Required<Pick<Kernels, 'residualProducts'>> {
  const { N, T } = transposed;
  const bytes = dtype === 'f64' ? 8 : 4;
  const sideBySide = library.callsSideBySide;
  let hands: Hands | undefined;
  /** Right products of the jobs after the first. */
  let others: Numbers[] = [];

  return {
    residualProducts(target, u, v, scale, b, left, c, right, out, at = 0) {
      const [m, n, k] = [target.rows, target.cols, u.cols];
      const r = Math.max(b?.cols ?? 0, c?.cols ?? 0);
      if (m * n * Math.max(k, r) < least.product || !(at >= 0 && at < out.length) || !fits(target, u, v, b, left, c, right)) {
        plain.residualProducts!(target, u, v, scale, b, left, c, right, out, at);
        return;
      }
      hands ??= handsOf(library, dtype, sideBySide ? threads : 1);
      const panels = Math.ceil(m / panelHeight(m, n, Math.max(k, r), bytes));
      const jobs = jobCount(panels);
      const rightLength = right?.length ?? 0;
      if (others.length < jobs - 1 || others[0]?.length !== rightLength) others = Array.from({ length: jobs - 1 }, () => (dtype === 'f64' ? new Float64Array(rightLength) : new Float32Array(rightLength)));
      const place = (x: Mat | undefined): bigint => (x === undefined ? 0n : hands!.address(hostVector(x)));
      const [atTarget, atU, atV, atB, atLeft, atC, atRight] = [place(target), place(u), place(v), place(b), place(left), place(c), place(right)];
      const row = (start: bigint, i: number, width: number): bigint => start + BigInt(bytes * width * i);
      // Without factors the residual is -target, which is not copied.
      const factor = k === 0 ? -scale : scale;
      const sums: number[] = [];
      for (let job = 0; job < jobs; job++) {
        const [first, last] = [Math.floor((panels * job) / jobs), Math.floor((panels * (job + 1)) / jobs)];
        const sum = job === 0 ? atRight : hands.address(others[job - 1]!);
        hands.begin(Math.ceil(m / panels) * n * bytes);
        for (let p = first; p < last; p++) {
          const [i, end] = [Math.floor((m * p) / panels), Math.floor((m * (p + 1)) / panels)];
          const size = end - i;
          const panel = k === 0 ? row(atTarget, i, n) : scratch;
          if (k > 0) {
            hands.call(copy, size * n, row(atTarget, i, n), 1, scratch, 1);
            hands.call(gemm, rowMajor, N, T, size, n, k, 1, row(atU, i, k), k, atV, k, -1, scratch, n);
          }
          sums.push(hands.call(dot, size * n, panel, 1, panel, 1));
          if (b !== undefined) hands.call(gemm, rowMajor, N, N, size, b.cols, n, factor, panel, n, atB, b.cols, 0, row(atLeft, i, b.cols), b.cols);
          if (c !== undefined) hands.call(gemm, rowMajor, T, N, n, c.cols, size, factor, panel, n, row(atC, i, c.cols), c.cols, p === first ? 0 : 1, sum, c.cols);
        }
      }
      if (sideBySide) library.useThreads(1);
      else useThreads();
      hands.join();
      if (right !== undefined) for (let job = 1; job < jobs; job++) axpy(rightLength, 1, others[job - 1]!, 1, hostVector(right), 1);
      hostVector(out)[at] = sums.reduce((total, sum) => total + hands!.result(sum), 0);
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
