import { createPoint, LowlandError, type Layout, type Objective, type Point } from '@lowland/core';

import { distanceOf, named } from '../factored/named.ts';
import { symmetricFactorization, type SymmetricFactorizationCapability } from './symmetric.ts';

type WeightedTwoByTwo = Objective<SymmetricFactorizationCapability<{ readonly weights: Float64Array }>>;

/**
 * The least weighted problem with a spurious minimum: X* = 1 1^T under the weights W = [[1, a], [a, 1]], 0 < a <= 1,
 *
 *     f(X) = 1/2 sum of W_ij ((X X^T)_ij - 1)^2,   X: 2 x rank.
 *
 * Rank 1: the stationary points are 0, +-(1, 1) of value 0, and for a < 1 +-(p, -p), p^2 = (1 - a)/(1 + a), of value 4a/(1 + a), where
 * the Hessian is positive along (1, -1) and changes its sign along (1, 1) at a = 1/3: a spurious minimum below, a strict saddle above.
 * The conditioning of the weights at which that happens, 1/a = 3, is the restricted isometry constant 1/2. With a column more the
 * point is a strict saddle for every a, of curvature -8a/(1 + a) along (1, 1) in that column.
 *
 * Source: Li, Tang 2017 (arXiv 1611.03060); Zhu, Li, Tang, Wakin 2018 (arXiv 1703.01256).
 *
 * @throws LOWLAND_E_OPTIONS unless 0 < a <= 1
 * @throws LOWLAND_E_RANK unless rank is 1 or 2
 */
export function weightedTwoByTwo(a = 0.1, rank = 1): WeightedTwoByTwo {
  if (!(a > 0 && a <= 1)) throw new LowlandError('LOWLAND_E_OPTIONS', `The weight a of the entries off the diagonal is above 0 and at most 1; ${a} was given.`, { details: { a } });
  const ones = { rows: 2, cols: 2, values: new Float64Array(4).fill(1) };
  // Twice the weights, since symmetric factorization has 1/4.
  const objective: WeightedTwoByTwo = symmetricFactorization({ target: ones, rank, weights: Float64Array.of(2, 2 * a, 2 * a, 2), truth: ones });
  return named(objective, {
    id: 'weighted-two-by-two',
    scale: '1/2 sum of W_ij ((X X^T)_ij - 1)^2',
    options: { a, rank },
    truth: { optimum: 0, stationaryPoints: () => stationaryPoints(objective.layout, a, rank), ...distanceOf(objective) },
    grow: (next) => weightedTwoByTwo(a, next),
  });
}

/** One of each orbit. */
function* stationaryPoints(layout: Layout, a: number, rank: number): Generator<Point> {
  const p = Math.sqrt((1 - a) / (1 + a));
  const column = (x: number, y: number): Point => {
    const point = createPoint(layout);
    point.data[0] = x;
    point.data[rank] = y;
    return point;
  };
  yield column(0, 0);
  yield column(1, 1);
  if (p > 0) yield column(p, -p);
}
