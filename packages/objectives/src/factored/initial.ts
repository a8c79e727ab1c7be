import { createPoint, layoutLength, normals, type Point, type StreamKey } from '@lowland/core';

import type { FactoredProblem } from './problem.ts';

/**
 * The default start: iid N(0, s^2) entries with s = (|data|^2 / (|a|_F^2 rank))^(1/4), so that the measurements of the
 * start are as large as the data: E |a(U V^T)|^2 = |a|_F^2 rank s^4. Where data and linear term are all zero so is the
 * start, which is then a global minimum; a linear term alone says nothing about the size of X and gives s = 1.
 */
export function initialPoint(problem: FactoredProblem, key: StreamKey): Point {
  const { map, rank, layout, data, linear } = problem;
  const point = createPoint(layout, new Float64Array(layoutLength(layout)));
  if (data.every(isZero) && (linear === undefined || linear.every(isZero))) return point;
  let squares = 0;
  for (const b of data) squares += b * b;
  normals(key, point.data);
  const fourth = squares / (map.frobeniusSquared * rank);
  // Two square roots, which are correctly rounded, rather than a power, which is not.
  const s = fourth > 0 && Number.isFinite(fourth) ? Math.sqrt(Math.sqrt(fourth)) : 1;
  for (let k = 0; k < point.data.length; k++) point.data[k]! *= s;
  return point;
}

const isZero = (x: number): boolean => x === 0;
