import type { Device, Mat, Memory, Vec } from '@lowland/core';

import type { FusedMap } from './linear-map.ts';
import type { FactoredProblem } from './problem.ts';
import { newMatrix, newVector, views } from './term.ts';

/** out = weight Hess s(x)[v] for each of the directions, which stand one after another as their products do in out. */
export type Curvatures = (x: Vec, directions: Vec, out: Vec) => void;

/**
 * The curvature of the fit along k directions where a* a = 1, in one pass over the data: the factors of all directions side by side,
 * W = [dV_1 … dV_k] with k r columns, make
 *
 *     [R dV_1 … R dV_k] = R W,   likewise R^T [dU_1 … dU_k],
 *
 * with the residual computed once. 2 (2 k + 1) rows cols rank flops in place of 6 k, and one look at the data in place of k. The products of
 * r x r matrices that the differential of the residual collapses to are shared likewise: of stacked rows dU_j (V^T V) is one product.
 */
export function isometricCurvatures(problem: FactoredProblem, fused: FusedMap, device: Device, memory: Memory): Curvatures {
  const { symmetric, weight, rank, map: { rows, cols } } = problem;
  const { left, right } = views(problem, device);
  const { gemm } = device.kernels;
  const slope = symmetric ? 2 * weight : weight;
  const total = symmetric ? rows : rows + cols;
  const unused = memory.vector(1);
  const small = newMatrix(device, memory, rank, rank);

  /** A vector of the length of k points as the factors of all directions side by side, and their rows one below another: those of a row of X together. */
  const factorsOf = (x: Vec, k: number) => {
    const side = (from: number, count: number) => ({ wide: device.matrix(x, from * k * rank, count, k * rank), tall: device.matrix(x, from * k * rank, count * k, rank) });
    const first = side(0, rows);
    return { all: device.matrix(x, 0, total * k, rank), left: first, right: symmetric ? first : side(rows, cols) };
  };
  type Sides = ReturnType<typeof factorsOf>;

  const made = new Map<number, ReturnType<typeof make>>();
  const make = (k: number) => ({
    along: factorsOf(memory.vector(k * total * rank), k),
    products: factorsOf(memory.vector(k * total * rank), k),
    together: rowsTogether(device, memory, k, symmetric ? [rows] : [rows, cols]),
    inner: newMatrix(device, memory, k * rank, rank),
    // the same rows in another order, and as one matrix
    mixed: sideBySide(device, memory, k, rank),
    innerTogether: rowsTogether(device, memory, k, [rank]),
  });

  /** out_j += slope (du_j (v^T v) + u (dv_j^T v)) for all j. */
  const addGrams = ({ inner, mixed, innerTogether }: ReturnType<typeof make>, u: Mat, v: Mat, du: Sides['left'], dv: Sides['left'], out: Sides['left']): void => {
    gemm('T', 'N', 1, v, v, 0, small);
    gemm('N', 'N', slope, du.tall, small, 1, out.tall);
    gemm('T', 'N', 1, dv.wide, v, 0, inner);
    innerTogether(inner, mixed.tall, false);
    gemm('N', 'N', slope, u, mixed.wide, 1, out.wide);
  };

  return (x, directions, out) => {
    const k = directions.length / x.length;
    if (k === 0) return;
    const scratch = made.get(k) ?? make(k);
    made.set(k, scratch);
    const { along, products, together } = scratch;
    const stacked = (of: Vec): Mat => device.matrix(of, 0, total * k, rank);
    together(stacked(directions), along.all, false);
    const [u, v] = [left(x), right(x)];
    fused.residualProducts(u, v, slope, along.right.wide, products.left.wide, symmetric ? undefined : along.left.wide, symmetric ? undefined : products.right.wide, unused, 0);
    addGrams(scratch, u, v, along.left, along.right, products.left);
    if (!symmetric) addGrams(scratch, v, u, along.right, along.left, products.right);
    together(products.all, stacked(out), true);
  };
}

/** Rows of k directions one after another to k rows together for each row of a factor, and back: a product with a permutation. */
function rowsTogether(device: Device, memory: Memory, k: number, factors: readonly number[]): (from: Mat, to: Mat, back: boolean) => void {
  const total = factors.reduce((sum, count) => sum + count, 0);
  const [to, from] = [new Int32Array(k * total), new Int32Array(k * total)];
  let at = 0;
  for (let j = 0; j < k; j++) {
    let before = 0;
    for (const count of factors) {
      for (let i = 0; i < count; i++, at++) {
        to[at] = before * k + i * k + j;
        from[at] = at;
      }
      before += count;
    }
  }
  const [row, col, ones] = [memory.integers(to), memory.integers(from), newVector(device, memory, new Float64Array(k * total).fill(1))];
  return (x, out, back) => { device.kernels.spmm(row, col, ones, x, out, back); };
}

function sideBySide(device: Device, memory: Memory, k: number, rank: number): { readonly wide: Mat; readonly tall: Mat } {
  const x = memory.vector(k * rank * rank);
  return { wide: device.matrix(x, 0, rank, k * rank), tall: device.matrix(x, 0, rank * k, rank) };
}
