/** How long gradient descent takes to leave a saddle, against what its linearisation says. */
import { type Analysis, type Context, createPoint, LowlandError, normals, type Point, type Vec } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { nullityOf } from '../classify/nullity.ts';
import { orbitTangent } from '../classify/orbit-tangent.ts';
import { requireFlat } from '../classify/walk.ts';
import { actionOf } from '../groups/action.ts';
import { acrossOrbits, modesAcross } from './across-orbits.ts';
import { hostTerrain } from './host-terrain.ts';
import { lowestSaddle, minimumNear } from './pass.ts';

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
  /** lambda, the least eigenvalue of the Hessian, those along the orbit, which are 0, left out. */
  readonly curvature: number;
  /** |grad f| at the saddle. */
  readonly gradient: number;
  /** Null directions: along the orbit of the symmetry, and all others, in which a saddle is degenerate. */
  readonly nullity: { readonly orbit: number; readonly excess: number };
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
type Aids = 'symmetry' | 'factors';

/**
 * The analysis `escape-times`, at a saddle, or at a minimum for the lowest saddle found above it: gradient descent from x_s + eps v, v the eigenvector of the least curvature, until it is r away. At
 * a strict saddle the time grows as log(1 / eps), by the law of `linearEscapeTime` up to a constant that is left to the terrain between the
 * linear range and r; at saddles of order p > 2 as eps^(2 - p), from a random direction. Source: Lee, Simchowitz, Jordan and Recht 2016
 * (arXiv:1602.04915).
 *
 * Saddles and minima need not be isolated: along the orbit of a continuous symmetry gradient descent neither grows nor shrinks a displacement, and
 * a gradient has no part along it. Curvatures are those across the orbit; `nullity` says how many null directions are left beyond it, which do
 * not slow the escape from a strict saddle either, but leave open whether a point without negative curvature is a saddle at all.
 *
 * @throws LOWLAND_E_OPTIONS when a number is out of range; LOWLAND_E_POINT where the gradient is not small; LOWLAND_E_NUMERICAL where no saddle is found above a minimum
 * @throws LOWLAND_E_CAPABILITY at a minimum whose symmetry has orbits that cannot be told apart here
 * @throws LOWLAND_E_SHAPE beyond 200 variables
 */
export function escapeTimes({ step, displacements = [1e-2, 1e-4, 1e-6, 1e-8], radius = 0.5, limit = 100_000 }: EscapeTimesOptions = {}): Analysis<Needs, EscapeTimes, Aids> {
  if (!(radius > 0) || displacements.some((eps) => !(eps > 0 && eps < radius)) || (step !== undefined && !(step > 0))) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `Runs start between 0 and the radius ${radius}, with a positive step; ${displacements.join(', ')} and ${String(step)} were given.`);
  }
  return {
    id: 'escape-times',
    requires: ['value', 'gradient', 'hessianVectorProduct'],
    uses: ['symmetry', 'factors'],
    dtype: 'f64',
    run(context: Context<Needs, Aids>, point: Vec, host: Point): EscapeTimes {
      requireFlat(context, 'escape-times');
      const n = host.data.length;
      const terrain = hostTerrain(context, n, 'escape-times');
      const { device } = context;
      const place = context.scratch(n);
      let tangent = orbitTangent(context, point);
      let modes = modesAcross(terrain.hessian(host.data), tangent);
      let saddle: Float64Array = host.data.slice();
      if (modes.values.at(-1)! > 1e-9 * Math.abs(modes.values[0]!)) {
        const { symmetry, factors } = context.problem;
        const across = tangent.cols === 0 ? terrain : acrossOrbits(terrain, actionOf(host.layout, symmetry, factors));
        saddle = lowestSaddle(across, minimumNear(across, host.data)).point;
        device.write(place, saddle);
        tangent = orbitTangent(context, place);
        modes = modesAcross(terrain.hessian(saddle), tangent);
      }
      const { values, vectors } = modes;
      const curvature = values.at(-1) ?? 0;
      const size = Math.max(Math.abs(values[0] ?? 0), Math.abs(curvature));
      const gradient = norm(terrain.gradient(saddle));
      const strict = curvature < -1e-9 * size;
      const eta = step ?? (size === 0 ? 0.1 : 0.1 / size);
      // Without this the run leaves along the gradient, and the time says nothing of the saddle.
      if (!(gradient <= 1e-6 * Math.max(size, 1) * radius)) throw new LowlandError('LOWLAND_E_POINT', `The point is not stationary: the gradient is ${gradient}. Give a saddle to more digits.`);

      const direction = new Float64Array(n);
      if (strict) for (let i = 0; i < n; i++) direction[i] = vectors.data[(i + 1) * vectors.cols - 1]!;
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
      return { saddle: createPoint(host.layout, saddle), step: eta, radius, curvature, gradient, nullity: { orbit: tangent.cols, excess: nullityOf(values, tangent.cols, () => host).excess }, direction: strict ? 'eigenvector' : 'random', runs };
    },
  };
}
