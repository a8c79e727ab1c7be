import type { Lift, Lifted, Point } from '@lowland/core';
import { multiply } from '@lowland/linalg';

import { once } from './once.ts';
import { factorsOf, type FactoredProblem } from './problem.ts';

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
  const { symmetric, map, rank, weight, ridge, balance, linear } = problem;
  const { left, right } = factorsOf(problem, x);
  const root = Math.sqrt(weight);

  const residual = new Float64Array(map.length);
  const magnitude = new Float64Array(map.length);
  const data = new Float64Array(map.length);
  map.image(left, right, residual);
  map.magnitudes(left, right, magnitude);
  let fit = 0;
  let rounding = 0;
  for (let k = 0; k < residual.length; k++) {
    const b = problem.data[k]!;
    const rho = root * (residual[k]! - b);
    fit += rho * rho;
    rounding += Math.abs(rho) * root * (magnitude[k]! + Math.abs(b));
    residual[k] = rho;
    data[k] = root * b;
  }

  let squares = 0;
  for (const entry of x.data) squares += entry * entry;
  let imbalance = 0;
  if (balance > 0) {
    const u = multiply(left, left, { transposeA: true });
    const v = multiply(right, right, { transposeA: true });
    for (let k = 0; k < u.data.length; k++) imbalance += (u.data[k]! - v.data[k]!) ** 2;
  }
  let linearValue = 0;
  let linearMagnitude = 0;
  if (linear !== undefined) {
    const product = multiply(left, right, { transposeB: true });
    for (let k = 0; k < linear.length; k++) {
      linearValue += linear[k]! * product.data[k]!;
      linearMagnitude += Math.abs(linear[k]! * product.data[k]!);
    }
  }

  const penalties = (ridge / 2) * squares + balance * imbalance;
  const terms = map.length + x.data.length + (linear?.length ?? 0) + rank * rank;
  const z = map.adjoint(scaled(root, residual), linear);
  const lifted: Lifted = {
    value: fit / 2 + linearValue + penalties,
    // A residual carries the rounding of its own sum, (depth + rank) steps; it counts in the unit of `terms` steps.
    absoluteSum: fit / 2 + linearMagnitude + penalties + ((map.depth + rank) / terms) * rounding,
    terms,
    residual,
    data,
    apply(v, out, transposed) {
      if (transposed) z.applyTransposed(v, out);
      else z.apply(v, out);
    },
    maxRowCount: z.maxRowCount,
  };
  // A Gram matrix of more than 3000 rows takes seconds and 72 MB: the other rules of rigour.md A1 are for those.
  if (Math.min(map.rows, map.cols) > 3000) return lifted;
  return { ...lifted, gram: (out) => (symmetric ? z.dense(out) : z.gram(out)) };
}

function scaled(factor: number, x: Float64Array): Float64Array {
  return factor === 1 ? x : x.map((entry) => factor * entry);
}
