import type { Objective } from '@lowland/core';

import { defineObjective } from '../define/define-objective.ts';
import { pointsOf, requireDimension, requirePositive, uniformOn, type TerrainCapability } from './terrain.ts';

export interface RosenbrockOptions {
  /** At least 2; default 2. */
  readonly dimension?: number;
  /** b, above 0; default 100. */
  readonly steepness?: number;
}

/**
 * The Rosenbrock function, a bent and narrow valley:
 *
 *     f(x) = sum_{i<n} b (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 = 1/2 |r|^2,   r = (sqrt(2b) (x_{i+1} - x_i^2), sqrt(2) (1 - x_i))_i
 *
 * Global minimum 0 at (1, …, 1), for two variables the only stationary point. The classical start is (-1.2, 1); starts here are
 * uniform on [-2.048, 2.048]^n.
 *
 * Source: Rosenbrock 1960 (doi:10.1093/comjnl/3.3.175).
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of range
 */
export function rosenbrock({ dimension = 2, steepness: b = 100 }: RosenbrockOptions = {}): Objective<TerrainCapability | 'residual'> {
  requireDimension(dimension, 2);
  requirePositive('steepness', b);
  const last = dimension - 1;
  const [steep, flat] = [Math.sqrt(2 * b), Math.SQRT2];
  return defineObjective({
    id: 'rosenbrock',
    scale: 'b (y - x^2)^2 + (1 - x)^2',
    options: { dimension, steepness: b },
    blocks: { x: [dimension] },
    value({ x }) {
      let sum = 0;
      for (let i = 0; i < last; i++) sum += b * (x[i + 1]! - x[i]! * x[i]!) ** 2 + (1 - x[i]!) ** 2;
      return sum;
    },
    gradient({ x }, { x: out }) {
      for (let i = 0; i < last; i++) {
        const off = 2 * b * (x[i + 1]! - x[i]! * x[i]!);
        out[i]! += -2 * off * x[i]! - 2 * (1 - x[i]!);
        out[i + 1]! += off;
      }
    },
    hessianVectorProduct({ x }, { x: v }, { x: out }) {
      for (let i = 0; i < last; i++) {
        const off = 2 * b * (v[i + 1]! - 2 * x[i]! * v[i]!);
        out[i]! += -2 * off * x[i]! + (2 - 4 * b * (x[i + 1]! - x[i]! * x[i]!)) * v[i]!;
        out[i + 1]! += off;
      }
    },
    residual: {
      degree: 2,
      length: 2 * last,
      evaluate({ x }, out) {
        for (let i = 0; i < last; i++) {
          out[2 * i] = steep * (x[i + 1]! - x[i]! * x[i]!);
          out[2 * i + 1] = flat * (1 - x[i]!);
        }
      },
      jvp({ x }, { x: v }, out) {
        for (let i = 0; i < last; i++) {
          out[2 * i] = steep * (v[i + 1]! - 2 * x[i]! * v[i]!);
          out[2 * i + 1] = -flat * v[i]!;
        }
      },
      vjp({ x }, w, { x: out }) {
        for (let i = 0; i < last; i++) {
          out[i]! -= 2 * steep * x[i]! * w[2 * i]! + flat * w[2 * i + 1]!;
          out[i + 1]! += steep * w[2 * i]!;
        }
      },
    },
    start: (key, out) => { uniformOn(2.048, key, out.x); },
    truth: { optimum: 0, stationaryPoints: () => pointsOf(dimension, [new Float64Array(dimension).fill(1)]) },
  });
}
