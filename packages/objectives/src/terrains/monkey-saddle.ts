import type { Objective } from '@lowland/core';

import { finiteGroup, terrain, type TerrainCapability } from './terrain.ts';

/**
 * The monkey saddle,
 *
 *     f(x, y) = x^3 - 3 x y^2 = Re (x + i y)^3,
 *
 * whose one stationary point 0 is no strict saddle: the Hessian vanishes there, and only third derivatives tell it from a minimum.
 * Unbounded below. Starts are uniform on [-1, 1]^2.
 */
export function monkeySaddle(): Objective<TerrainCapability | 'symmetry'> {
  return terrain({
    id: 'monkey-saddle',
    scale: 'x^3 - 3 x y^2',
    options: {},
    dimension: 2,
    radius: 1,
    symmetry: finiteGroup('D3'),
    value: (z) => z[0]! * (z[0]! * z[0]! - 3 * z[1]! * z[1]!),
    gradient(z, out) {
      out[0] = 3 * (z[0]! * z[0]! - z[1]! * z[1]!);
      out[1] = -6 * z[0]! * z[1]!;
    },
    hessianVectorProduct(z, v, out) {
      out[0] = 6 * (z[0]! * v[0]! - z[1]! * v[1]!);
      out[1] = -6 * (z[1]! * v[0]! + z[0]! * v[1]!);
    },
    stationaryPoints: () => [[0, 0]],
  });
}
