import type { Lift, Lifted, Point } from '@lowland/core';

import { evaluate } from './evaluate.ts';
import { once } from './once.ts';
import type { FactoredProblem } from './problem.ts';

/**
 * The convex problem behind a factored one: min phi(X) + penalty |X|_* over all X, or + penalty tr X over X psd, with
 *
 *     phi(X) = 1/2 |rho|^2 + <C, X>,   rho = sqrt(weight) (a(X) - data),   grad phi = sqrt(weight) a*(rho) + C.
 *
 * The factored value is never below the convex one: |x|^2/2 >= |X|_* (and = tr X for X X^T), balance >= 0.
 * The data of the dual are sqrt(weight) data, as stored doubles.
 */
export function liftOf(problem: FactoredProblem): Lift {
  const { symmetric, map, weight, linear } = problem;
  const smoothness = once(() => weight * map.normSquared());
  return {
    kind: symmetric ? 'psd' : 'nuclear',
    rows: map.rows,
    cols: map.cols,
    // |x|^2 is tr X X^T itself, and at least twice |U V^T|_*.
    penalty: symmetric ? problem.ridge / 2 : problem.ridge,
    lowerBound: linear === undefined ? 0 : -Infinity,
    get smoothness() {
      return smoothness();
    },
    hasLinearTerm: linear !== undefined,
    at: (x) => liftedAt(problem, x),
  };
}

function liftedAt(problem: FactoredProblem, x: Point): Lifted {
  const { symmetric, map, weight, linear } = problem;
  const evaluated = evaluate(problem, x);
  const z = map.adjoint(scaled(Math.sqrt(weight), evaluated.residual), linear);
  const lifted: Lifted = {
    ...evaluated,
    apply(v, out, transposed) {
      if (transposed) z.applyTransposed(v, out);
      else z.apply(v, out);
    },
    maxRowCount: z.maxRowCount,
    gradientRounding: z.rounding,
  };
  // A Gram matrix of more than 3000 rows takes seconds and 72 MB: the other rules of rigour.md A1 are for those.
  if (Math.min(map.rows, map.cols) > 3000) return lifted;
  return { ...lifted, gram: (out) => (symmetric ? z.dense(out) : z.gram(out)) };
}

function scaled(factor: number, x: Float64Array): Float64Array {
  return factor === 1 ? x : x.map((entry) => factor * entry);
}
