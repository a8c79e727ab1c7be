import type { Point, Scale } from '@lowland/core';
import { frobeniusNorm, gram, matrix, multiply, symmetricEigen, type Matrix } from '@lowland/linalg';

import { denseOperator, operatorTimes } from './host-operators.ts';
import type { HostOperator } from './linear-map.ts';
import { factorsOf, type FactoredProblem } from './problem.ts';

/**
 * The sizes that tolerances are relative to.
 *
 * gradient: the norms of the terms that cancel in grad f, one by one: c a*(a(X)) V, c a*(data) V, C V, ridge U, and
 * 4 balance U U^T U, 4 balance U V^T V; the same for V. Hessian: the third derivative along a unit direction is
 * at most 3 c |a|^2 sqrt(|U|^2 + |V|^2) + 24 balance sqrt(|U|^2 + |V|^2), and 12 c |a|^2 |X| for X X^T (spectral norms).
 */
export function scaleOf(problem: FactoredProblem): Scale {
  const { symmetric, map, weight, ridge, balance, linear } = problem;
  const slope = symmetric ? 2 * weight : weight;
  let squares = 0;
  for (const b of problem.data) squares += b * b;

  const fitNorms = (w: Float64Array, left: Matrix, right: Matrix): number => slope * productNorms(map.adjoint(w), left, right, symmetric);

  return {
    zeroValue: (weight / 2) * squares,
    gradient(x: Point) {
      const { left, right } = factorsOf(problem, x);
      const image = new Float64Array(map.length);
      map.image(left, right, image);
      let sum = fitNorms(image, left, right) + fitNorms(problem.data, left, right);
      if (linear !== undefined) {
        const c = denseOperator(matrix(map.rows, map.cols, linear));
        sum += (symmetric ? 2 : 1) * productNorms(c, left, right, symmetric);
      }
      sum += ridge * (symmetric ? frobeniusNorm(left) : frobeniusNorm(left) + frobeniusNorm(right));
      if (balance > 0) {
        const [u, v] = [gram(left), gram(right)];
        for (const factor of [left, right]) for (const g of [u, v]) sum += 4 * balance * frobeniusNorm(multiply(factor, g));
      }
      return sum;
    },
    hessianLipschitz(x: Point) {
      const { left, right } = factorsOf(problem, x);
      const curvature = weight * map.normSquared();
      if (symmetric) return 12 * curvature * Math.sqrt(normSquared(left));
      return (3 * curvature + 24 * balance) * Math.sqrt(normSquared(left) + normSquared(right));
    },
  };
}

/** |Z V|_F + |Z^T U|_F, or |Z X|_F alone. */
function productNorms(z: HostOperator, left: Matrix, right: Matrix, symmetric: boolean): number {
  const here = frobeniusNorm(operatorTimes(z, right, false));
  return symmetric ? here : here + frobeniusNorm(operatorTimes(z, left, true));
}

/** The square of the spectral norm, from the r x r Gram matrix. NaN or infinite factors give NaN. */
function normSquared(a: Matrix): number {
  const g = gram(a);
  return g.data.every(Number.isFinite) ? Math.max(0, symmetricEigen(g).values[0]!) : NaN;
}
