/** How long gradient descent takes to leave a saddle, against what its linearisation says. */
import { type Analysis, type Context, createPoint, LowlandError, normals, type Point, type Vec } from '@lowland/core';
import { norm, symmetricEigen } from '@lowland/linalg';

import { requireFlat } from '../classify/walk.ts';
import { hostTerrain } from './host-terrain.ts';
import { lowestPass, minimumNear } from './pass.ts';

export interface EscapeTimesOptions {
  /** eta; default 0.1 / the largest curvature in size, 0.1 where there is none. */
  readonly step?: number | undefined;
  /** Distances eps from the saddle at which runs start; default 1e-2, 1e-4, 1e-6, 1e-8. */
  readonly displacements?: readonly number[];
  /** The distance r that counts as away; default 0.5. */
  readonly radius?: number;
  /** Iterations at most; default 100,000. */
  readonly limit?: number;
}

export interface EscapeTimes {
  /** The point itself, or the lowest saddle found above it where it is a minimum. */
  readonly saddle: Point;
  readonly step: number;
  readonly radius: number;
  /** lambda, the least eigenvalue of the Hessian. */
  readonly curvature: number;
  /** |grad f| at the saddle. */
  readonly gradient: number;
  /** Where no curvature is negative runs start in a random direction, of a saddle of higher order. */
  readonly direction: 'eigenvector' | 'random';
  readonly runs: readonly {
    /** eps */
    readonly displacement: number;
    /** Steps until |x - x_s| >= r; null where the limit came first. */
    readonly iterations: number | null;
    /** log(r / eps) / log(1 + eta |lambda|); null where no curvature is negative. */
    readonly predicted: number | null;
  }[];
}

/** log(r / eps) / log(1 + eta |lambda|): steps of gradient descent from eps to r along an eigenvector of curvature lambda < 0. */
export const linearEscapeTime = (displacement: number, radius: number, step: number, curvature: number): number => Math.log(radius / displacement) / Math.log1p(step * -curvature);

type Needs = 'value' | 'gradient' | 'hessianVectorProduct';

/**
 * The analysis `escape-times`, at a saddle, or at a minimum for the lowest saddle found above it: gradient descent from x_s + eps v, v the eigenvector of the least curvature, until it is r away. At
 * a strict saddle the time grows as log(1 / eps), by the law of `linearEscapeTime` up to a constant that is left to the terrain between the
 * linear range and r; at saddles of order p > 2 as eps^(2 - p), from a random direction. Source: Lee, Simchowitz, Jordan and Recht 2016
 * (arXiv:1602.04915).
 *
 * @throws LOWLAND_E_OPTIONS when a number is out of range; LOWLAND_E_POINT where the gradient is not small; LOWLAND_E_NUMERICAL where no saddle is found above a minimum
 * @throws LOWLAND_E_SHAPE beyond 200 variables
 */
export function escapeTimes({ step, displacements = [1e-2, 1e-4, 1e-6, 1e-8], radius = 0.5, limit = 100_000 }: EscapeTimesOptions = {}): Analysis<Needs, EscapeTimes> {
  if (!(radius > 0) || displacements.some((eps) => !(eps > 0 && eps < radius)) || (step !== undefined && !(step > 0))) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `Runs start between 0 and the radius ${radius}, with a positive step; ${displacements.join(', ')} and ${String(step)} were given.`);
  }
  return {
    id: 'escape-times',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    dtype: 'f64',
    run(context: Context<Needs>, _point: Vec, host: Point): EscapeTimes {
      requireFlat(context, 'escape-times');
      const n = host.data.length;
      const terrain = hostTerrain(context, n, 'escape-times');
      const here = symmetricEigen(terrain.hessian(host.data)).values;
      const above = here[n - 1]! > 1e-9 * Math.abs(here[0]!);
      const saddle = above ? lowestPass(terrain, minimumNear(terrain, host.data)).saddle.point : host.data.slice();
      const { values, vectors } = symmetricEigen(terrain.hessian(saddle));
      const size = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
      const gradient = norm(terrain.gradient(saddle));
      const curvature = values[n - 1]!;
      const strict = curvature < -1e-9 * size;
      const eta = step ?? (size === 0 ? 0.1 : 0.1 / size);
      // Without this the run leaves along the gradient, and the time says nothing of the saddle.
      if (!(gradient <= 1e-6 * Math.max(size, 1) * radius)) throw new LowlandError('LOWLAND_E_POINT', `The point is not stationary: the gradient is ${gradient}. Give a saddle to more digits.`);

      const direction = new Float64Array(n);
      if (strict) for (let i = 0; i < n; i++) direction[i] = vectors.data[i * n + n - 1]!;
      else normals(context.random('escape-times', 0), direction);
      const length = norm(direction);
      const runs = displacements.map((eps) => {
        let iterations = 0;
        let x = saddle.map((value, i) => value + (eps / length) * direction[i]!);
        const away = (): boolean => norm(x.map((value, i) => value - saddle[i]!)) >= radius;
        while (!away() && iterations < limit) {
          const slope = terrain.gradient(x);
          x = x.map((value, i) => value - eta * slope[i]!);
          iterations++;
        }
        return { displacement: eps, iterations: away() ? iterations : null, predicted: strict ? linearEscapeTime(eps, radius, eta, curvature) : null };
      });
      return { saddle: createPoint(host.layout, saddle), step: eta, radius, curvature, gradient, direction: strict ? 'eigenvector' : 'random', runs };
    },
  };
}
