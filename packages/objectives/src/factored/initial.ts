import { createPoint, layoutLength, normals, type Point, type StreamKey } from '@lowland/core';

import { factorsOf, type FactoredProblem } from './problem.ts';

/**
 * The default start: iid N(0, s^2) entries with s = (|data|^2 / (|a|_F^2 rank))^(1/4), so that the measurements of the
 * start are as large as the data: E |a(U V^T)|^2 = |a|_F^2 rank s^4. Where data and linear term are all zero so is the
 * start, which is then a global minimum; a linear term alone says nothing about the size of X and gives s = 1.
 *
 * Losses whose data are labels or counts start at measurements of size 1, and where they have a domain, z >= -beta, at a start that is
 * shrunk until no measurement is below -beta/2.
 */
export function initialPoint(problem: FactoredProblem, key: StreamKey): Point {
  const { map, rank, layout, data, linear, loss } = problem;
  const point = createPoint(layout, new Float64Array(layoutLength(layout)));
  const fitted = loss === undefined || loss.psi.kind === 'huber';
  if (fitted && data.every(isZero) && (linear === undefined || linear.every(isZero))) return point;
  let squares = 0;
  for (const b of data) squares += fitted ? b * b : 1;
  normals(key, point.data);
  const fourth = squares / (map.frobeniusSquared * rank);
  // Two square roots, which are correctly rounded, rather than a power, which is not.
  let s = fourth > 0 && Number.isFinite(fourth) ? Math.sqrt(Math.sqrt(fourth)) : 1;
  if (loss !== undefined && loss.psi.domain > -Infinity) s = Math.min(s, Math.sqrt(roomIn(problem, loss.psi.domain, point)));
  for (let k = 0; k < point.data.length; k++) point.data[k]! *= s;
  return point;
}

/** The largest t with all measurements of t X at least domain / 2. */
function roomIn(problem: FactoredProblem, domain: number, point: Point): number {
  const { left, right } = factorsOf(problem, point);
  const image = new Float64Array(problem.map.length);
  problem.map.image(left, right, image);
  const least = image.reduce((smallest, z) => Math.min(smallest, z), 0);
  return least < 0 ? domain / (2 * least) : Infinity;
}

const isZero = (x: number): boolean => x === 0;
