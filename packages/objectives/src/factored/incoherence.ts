import type { Device, Mat, Memory, Vec } from '@lowland/core';
import { scalarLosses } from '@lowland/linalg';

import { quadraticRows } from './plane.ts';
import type { FactoredProblem } from './problem.ts';
import { newMatrix, views, type Side, type Term } from './term.ts';

/** The weight lambda and the row norm alpha up to which rows are free. */
export interface Incoherence {
  readonly weight: number;
  readonly alpha: number;
}

/** Of row square q = |u_i|^2: (sqrt q - alpha)_+^4, convex in q. */
export const hinge = scalarLosses['quartic-hinge'];

/** Kernels of the term. */
export const incoherenceKernels = ['axpy', 'dot', 'fill', 'gemm', 'gemv', 'loss', 'mul', 'scal'] as const;

/**
 * The row penalty s = sum over the rows u_i of both factors (of X, where there is one) of (|u_i| - alpha)_+^4, with weight lambda: it keeps
 * recovered matrices away from those that sampling does not see. With q_i = |u_i|^2 and psi(q) = (sqrt q - alpha)_+^4
 *
 *     grad_i = 2 psi'(q_i) u_i = 4 (|u_i| - alpha)_+^3 u_i / |u_i|,   Hess_i = 2 psi'(q_i) du_i + 4 psi''(q_i) <u_i, du_i> u_i
 *
 * It is no sum of squares of smooth functions: no residual. 2 (rows + cols) rank flops and the roots of the rows.
 *
 * Source: Ge, Lee, Ma 2016 (arXiv 1605.07272); Sun, Luo 2016 (arXiv 1411.8003).
 */
export function incoherenceTerm(problem: FactoredProblem, { weight, alpha }: Incoherence, device: Device, memory: Memory): Term {
  const { symmetric, rank, map } = problem;
  const { axpy, dot, fill, gemm, gemv, mul, scal } = device.kernels;
  // Routes come here only where the device has it.
  const loss = device.kernels.loss!;
  const { left, right } = views(problem, device);
  const ones = memory.vector(rank);
  fill(ones, 1);
  const row = device.matrix(ones, 0, 1, rank);
  const none = memory.vector(0);

  // One number for each row, those of both factors one after another.
  const count = symmetric ? map.rows : map.rows + map.cols;
  const numbers = (value: number): Vec => {
    const made = memory.vector(count);
    fill(made, value);
    return made;
  };
  const [squares, alphas, values, each, first, second, along, scaled] = [numbers(0), numbers(alpha), numbers(0), numbers(1), numbers(0), numbers(0), numbers(0), numbers(0)];
  const factor = (view: (x: Vec) => Mat, side: Side, from: number, length: number) => ({
    view,
    side,
    within: (x: Vec) => device.view(x, from, length),
    squares: device.view(squares, from, length),
    along: device.view(along, from, length),
    column: device.matrix(scaled, from, length, 1),
    spread: newMatrix(device, memory, length, rank),
    product: newMatrix(device, memory, length, rank),
  });
  const factors = [factor(left, 'left', 0, map.rows), ...(symmetric ? [] : [factor(right, 'right', map.rows, map.cols)])];
  type Rows = (typeof factors)[number];

  /** out = <u_i, v_i> for every row. */
  const inner = ({ product, view }: Rows, u: Vec, v: Vec, out: Vec): void => {
    mul(view(u), view(v), product);
    gemv('N', 1, product, ones, 0, out);
  };
  const scale = (alpha: number, coefficients: Vec): void => {
    fill(scaled, 0);
    axpy(alpha, coefficients, scaled);
  };
  /** out += diag(scaled) x in the rows of this factor. */
  const addScaled = ({ view, column, spread, product }: Rows, x: Vec, out: Vec): void => {
    gemm('N', 'N', 1, column, row, 0, spread);
    mul(spread, view(x), product);
    axpy(1, product, view(out));
  };
  return {
    weight,
    prepare(x) {
      for (const part of factors) inner(part, x, x, part.squares);
    },
    sum(_x, sums, slot) {
      loss('quartic-hinge', none, squares, alphas, values);
      dot(values, each, sums, slot);
    },
    gradient(x, side, out) {
      loss('quartic-hinge', none, squares, alphas, undefined, first);
      scale(2 * weight, first);
      for (const part of factors) if (side === 'both' || side === part.side) addScaled(part, x, out);
    },
    curvature(x, v, out) {
      loss('quartic-hinge', none, squares, alphas, undefined, first, second);
      scale(2 * weight, first);
      for (const part of factors) {
        addScaled(part, v, out);
        inner(part, x, v, part.along);
      }
      mul(along, second, first);
      scale(4 * weight, first);
      for (const part of factors) addScaled(part, x, out);
    },
    plane: {
      kind: 'quartic-hinge',
      scale: weight,
      shape: [count, 1],
      data: () => alphas,
      rows: quadraticRows(
        (x, out) => { for (const part of factors) inner(part, x, x, part.within(out)); },
        (x, v, out) => {
          for (const part of factors) inner(part, x, v, part.within(out));
          scal(2, out);
        },
      ),
    },
  };
}
