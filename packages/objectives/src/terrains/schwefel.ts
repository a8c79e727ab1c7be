import type { Objective } from '@lowland/core';

import { finiteGroup, requireDimension, terrain, type TerrainCapability } from './terrain.ts';

export interface SchwefelOptions {
  /** Default 2. */
  readonly dimension?: number;
}

/** The largest of x sin sqrt|x| on [-500, 500]. */
const deepest = 418.9828872724337;
const side = 500;

/**
 * The Schwefel function, whose second best wells lie far from the best one:
 *
 *     f(x) = sum_i (418.98… - x_i sin sqrt|x_i|),   |x_i| <= 500; infinite outside
 *
 * Its stationary points have coordinates ±s^2 with tan s = -s/2, or 0; the global minimum, f = 0, has all of them 420.9687….
 * Where a coordinate is 0 there is no second derivative, and Hessian-vector products are NaN in it. Starts are uniform on the domain.
 * Sines are the engine's, so results agree between engines up to rounding only.
 *
 * Source: Schwefel 1981, Numerical optimization of computer models.
 *
 * @throws LOWLAND_E_OPTIONS when `dimension` is no positive integer
 */
export function schwefel({ dimension = 2 }: SchwefelOptions = {}): Objective<TerrainCapability | 'symmetry'> {
  requireDimension(dimension);
  const outside = (x: Float64Array): boolean => x.some((entry) => Math.abs(entry) > side);
  return terrain({
    id: 'schwefel',
    scale: 'sum of 418.98… - x sin sqrt|x|',
    options: { dimension },
    dimension,
    radius: side,
    symmetry: finiteGroup(`permutations of ${dimension}`),
    optimum: 0,
    value(x) {
      if (outside(x)) return Infinity;
      let sum = 0;
      for (let i = 0; i < dimension; i++) sum += deepest - x[i]! * Math.sin(Math.sqrt(Math.abs(x[i]!)));
      return sum;
    },
    gradient(x, out) {
      if (outside(x)) {
        out.fill(NaN);
        return;
      }
      for (let i = 0; i < dimension; i++) out[i] = -slope(Math.sqrt(Math.abs(x[i]!)));
    },
    hessianVectorProduct(x, v, out) {
      for (let i = 0; i < dimension; i++) {
        const s = Math.sqrt(Math.abs(x[i]!));
        out[i] = s === 0 || Math.abs(x[i]!) > side ? NaN : ((Math.sign(x[i]!) * (s * Math.sin(s) - 3 * Math.cos(s))) / (4 * s)) * v[i]!;
      }
    },
    *stationaryPoints() {
      const coordinates = roots();
      for (let k = 0; k < coordinates.length ** dimension; k++) {
        yield Float64Array.from({ length: dimension }, (_, i) => coordinates[Math.floor(k / coordinates.length ** i) % coordinates.length]!);
      }
    },
  });
}

/** The derivative of x sin sqrt(x) in s = sqrt(x). */
const slope = (s: number): number => Math.sin(s) + (s / 2) * Math.cos(s);

/** Where the slope vanishes on [-500, 500]: once for s in each ((k - 1/2) pi, k pi), by bisection, and at 0. */
function roots(): readonly number[] {
  const positive: number[] = [];
  for (let k = 1; ; k++) {
    let [low, high] = [(k - 0.5) * Math.PI, k * Math.PI];
    const rising = slope(high) > slope(low);
    for (let halving = 0; halving < 60; halving++) {
      const middle = (low + high) / 2;
      if (slope(middle) > 0 === rising) high = middle;
      else low = middle;
    }
    if (high * high > side) break;
    positive.push(high * high);
  }
  return [...positive.reverse(), 0, ...positive.map((x) => -x)];
}
