import { axpy, dot, matrix, provePositiveDefinite, type Matrix } from '@lowland/linalg';

import type { FactoredProblem } from './problem.ts';

/** Products that the search may take in all, some seconds, and steps that it needs at least. */
const affordable = 1e9;
const fewest = 4;
const most = 100;

/**
 * e with sqrt(weight) a*(e) - I positive semidefinite, or undefined where none is found: then <e, residual> bounds the trace, and a dual point
 * that is not feasible becomes so along e. The least-squares solution of a*(e) = I by conjugate gradients, as far as it comes, proved by Cholesky
 * factorisation and scaled by what was proved. Where I is no image at all, as when entries of the diagonal are unobserved, there is none.
 */
export function traceDirection({ map, weight }: Pick<FactoredProblem, 'map' | 'weight'>): Float64Array | undefined {
  const { rows: n, length, depth } = map;
  // an image of a dense matrix: n products a cell, n^2 where the A_k are no cells
  const steps = Math.min(most, Math.floor(affordable / (length * (depth > n ? n * n : n) + n ** 3)));
  if (steps < fewest) return undefined;
  const unit = identityOf(n);
  const dense = (w: Float64Array): Matrix => {
    const z = matrix(n, n);
    map.adjoint(w).dense(z.data);
    return z;
  };
  const e = new Float64Array(length);
  const rest = new Float64Array(length);
  map.image(unit, unit, rest);
  const direction = rest.slice();
  const image = new Float64Array(length);
  const start = dot(rest, rest);
  for (let k = 0, square = start; k < steps && square > 1e-24 * start; k++) {
    const z = dense(direction);
    const curvature = dot(z.data, z.data);
    if (curvature === 0) break;
    map.image(z, unit, image);
    const step = square / curvature;
    axpy(step, direction, e);
    axpy(-step, image, rest);
    const next = dot(rest, rest);
    for (let i = 0; i < length; i++) direction[i] = rest[i]! + (next / square) * direction[i]!;
    square = next;
  }
  const { rounding } = map.adjoint(e);
  const found = dense(e);
  for (const least of [1 - 1e-10, 1 - 1e-4, 0.5, 0.05]) {
    if (provePositiveDefinite(found, -(least + rounding))) return e.map((value) => value / (least * Math.sqrt(weight)));
  }
  return undefined;
}

function identityOf(n: number): Matrix {
  const unit = matrix(n, n);
  for (let i = 0; i < n; i++) unit.data[i * (n + 1)] = 1;
  return unit;
}
