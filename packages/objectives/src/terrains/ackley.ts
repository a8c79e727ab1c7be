import type { Objective } from '@lowland/core';

import { finiteGroup, requireDimension, terrain, type TerrainCapability } from './terrain.ts';

export interface AckleyOptions {
  /** Default 2. */
  readonly dimension?: number;
}

/**
 * The Ackley function, many shallow wells on the way to one deep one:
 *
 *     f(x) = 20 (1 - exp(-r/5)) + e - exp(mean of cos(2 pi x_i)),   r^2 = mean of x_i^2
 *
 * Global minimum 0 at 0, where f has a kink: its gradient there is given as 0, a subgradient, and its Hessian-vector product as that
 * of the smooth last term, a lower bound of the curvature. Starts are uniform on [-32.768, 32.768]^n. Exponentials and sines
 * are the engine's, so results agree between engines up to rounding only.
 *
 * Source: Ackley 1987, A connectionist machine for genetic hillclimbing.
 *
 * @throws LOWLAND_E_OPTIONS when `dimension` is no positive integer
 */
export function ackley({ dimension = 2 }: AckleyOptions = {}): Objective<TerrainCapability | 'symmetry'> {
  requireDimension(dimension);
  const n = dimension;
  const turn = 2 * Math.PI;
  const radius = (x: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i]! * x[i]!;
    return Math.sqrt(sum / n);
  };
  /** mean of cos(2 pi x_i), less 1 */
  const wave = (x: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.sin(Math.PI * x[i]!) ** 2;
    return (-2 * sum) / n;
  };
  return terrain({
    id: 'ackley',
    scale: '20 (1 - exp(-r/5)) + e - exp(mean cos(2 pi x))',
    options: { dimension },
    dimension,
    radius: 32.768,
    symmetry: finiteGroup(`signed permutations of ${dimension}`),
    optimum: 0,
    value: (x) => -20 * Math.expm1(-radius(x) / 5) - Math.E * Math.expm1(wave(x)),
    gradient(x, out) {
      const r = radius(x);
      const bowl = r === 0 ? 0 : (4 * Math.exp(-r / 5)) / (n * r);
      const waves = (turn / n) * Math.exp(1 + wave(x));
      for (let i = 0; i < n; i++) out[i] = bowl * x[i]! + waves * Math.sin(turn * x[i]!);
    },
    hessianVectorProduct(x, v, out) {
      const r = radius(x);
      let [along, sines] = [0, 0];
      for (let i = 0; i < n; i++) {
        along += x[i]! * v[i]!;
        sines += Math.sin(turn * x[i]!) * v[i]!;
      }
      const bowl = r === 0 ? 0 : (4 * Math.exp(-r / 5)) / (n * r);
      // -(h'' - h'/r) of h = -20 exp(-r/5), times <x, v> / (n r)^2
      const bend = r === 0 ? 0 : (bowl * along * (0.2 * r + 1)) / (n * r * r);
      const waves = Math.exp(1 + wave(x)) * (turn / n);
      for (let i = 0; i < n; i++) {
        out[i] = bowl * v[i]! - bend * x[i]! + waves * (turn * Math.cos(turn * x[i]!) * v[i]! - (turn / n) * sines * Math.sin(turn * x[i]!));
      }
    },
    stationaryPoints: () => [new Float64Array(n)],
  });
}
