import { createPoint, normals, type Point, type StreamKey } from '@lowland/core';
import { matrix, thinQr } from '@lowland/linalg';

import { factorLayout, type ConstrainedProblem } from './problem.ts';

/** iid N(0, s^2) entries with s^4 = |b|^2 / (|a|_F^2 rank), so that a(X) is as large as b on average; s = 1 where b = 0. */
export function gaussianStart({ rows, rank, constraints: { map, bounds } }: ConstrainedProblem, key: StreamKey): Point {
  const point = createPoint(factorLayout(rows, rank));
  normals(key, point.data);
  const fourth = bounds.reduce((sum, b) => sum + b * b, 0) / (map.frobeniusSquared * rank);
  const s = fourth > 0 && Number.isFinite(fourth) ? Math.sqrt(Math.sqrt(fourth)) : 1;
  for (let k = 0; k < point.data.length; k++) point.data[k]! *= s;
  return point;
}

/** U_k U_k^T = I for each block of d rows: orthonormal bases of the row spaces of Gaussian blocks. Feasible to rounding. */
export function orthonormalBlocks(rows: number, rank: number, d: number, key: StreamKey): Point {
  const point = createPoint(factorLayout(rows, rank));
  normals(key, point.data);
  for (let from = 0; from < rows; from += d) {
    const block = point.data.subarray(from * rank, (from + d) * rank);
    const transposed = matrix(rank, d);
    for (let i = 0; i < d; i++) for (let k = 0; k < rank; k++) transposed.data[k * d + i] = block[i * rank + k]!;
    const { q } = thinQr(transposed);
    for (let i = 0; i < d; i++) for (let k = 0; k < rank; k++) block[i * rank + k] = q.data[k * d + i]!;
  }
  return point;
}
