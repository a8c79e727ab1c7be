import type { Objective } from '@lowland/core';

import { requireDimension, requirePositive, terrain, type TerrainCapability } from './terrain.ts';

export interface DoubleWellOptions {
  /** Default 2. */
  readonly dimension?: number;
  /** k, the curvature across the valley, above 0; default 1. */
  readonly stiffness?: number;
}

/**
 * The double well, the terrain of exit times:
 *
 *     f(x, y) = (x^2 - 1)^2/4 + (k/2) |y|^2,   x the first variable, y the others
 *
 * Minima (±1, 0), f = 0, Hessian diag(2, k, …); strict saddle 0, f = 1/4, Hessian diag(-1, k, …). Starts are uniform on [-2, 2]^n.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of range
 */
export function doubleWell({ dimension = 2, stiffness = 1 }: DoubleWellOptions = {}): Objective<TerrainCapability | 'symmetry'> {
  requireDimension(dimension);
  requirePositive('stiffness', stiffness);
  const planes: (readonly [number, number])[] = [];
  for (let a = 1; a < dimension; a++) for (let b = a + 1; b < dimension; b++) planes.push([a, b]);
  return terrain({
    id: 'double-well',
    scale: '(x^2 - 1)^2/4',
    options: { dimension, stiffness },
    dimension,
    radius: 2,
    symmetry: {
      group: dimension === 1 ? 'O(1)' : `O(1) x O(${dimension - 1})`,
      dimension: planes.length,
      generator({ x }, k, out) {
        const [a, b] = planes[k]!;
        out.x[a] = x[b]!;
        out.x[b] = -x[a]!;
      },
    },
    optimum: 0,
    value(x) {
      let across = 0;
      for (let j = 1; j < dimension; j++) across += x[j]! * x[j]!;
      return (x[0]! * x[0]! - 1) ** 2 / 4 + (stiffness / 2) * across;
    },
    gradient(x, out) {
      for (let j = 1; j < dimension; j++) out[j] = stiffness * x[j]!;
      out[0] = (x[0]! * x[0]! - 1) * x[0]!;
    },
    hessianVectorProduct(x, v, out) {
      for (let j = 1; j < dimension; j++) out[j] = stiffness * v[j]!;
      out[0] = (3 * x[0]! * x[0]! - 1) * v[0]!;
    },
    stationaryPoints: () => [-1, 0, 1].map((well) => Float64Array.from({ length: dimension }, (_, j) => (j === 0 ? well : 0))),
  });
}
