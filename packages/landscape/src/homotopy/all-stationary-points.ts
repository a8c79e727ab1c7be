/**
 * Every stationary point of a small polynomial objective, proved complete by counting.
 */
import { type Analysis, type Context, createPoint, LowlandError, type Point } from '@lowland/core';
import { matrix, symmetricEigen } from '@lowland/linalg';

import { requireFlat } from '../classify/walk.ts';
import { gradientSystem } from './gradient-system.ts';
import type { Isolated } from './isolate.ts';
import { polynomialResidual } from './polynomial-residual.ts';
import { solutionsOf } from './solutions.ts';

export interface AllStationaryPointsOptions {
  /** Paths at most, hence the largest Bézout number; default 2,000. */
  readonly paths?: number;
  /** Times that all paths are followed, each with another constant, while solutions are missing; default 4. */
  readonly attempts?: number;
}

export interface StationaryPoint {
  readonly point: Point;
  readonly value: number;
  /** Number of negative Hessian eigenvalues; null where one is zero to 1e-10 of the largest. */
  readonly index: number | null;
  /** All Hessian eigenvalues, ascending. */
  readonly eigenvalues: Float64Array;
  /** Each coordinate is known to this. */
  readonly radius: number;
}

export interface AllStationaryPoints {
  /** Whether as many solutions are isolated and apart as there can be: then there are no others. */
  readonly complete: boolean;
  /** Why not. */
  readonly reason: string | null;
  /** (2 L - 1)^n, the largest number of isolated complex solutions. */
  readonly bezout: number;
  /** Isolated complex solutions that were proved to be, real ones included. */
  readonly solutions: number;
  /** The real ones, by value. */
  readonly points: readonly StationaryPoint[];
  /** Sum of (-1)^index over the points: 1 for coercive objectives whose points are nondegenerate. */
  readonly eulerSum: number | null;
}

type Needs = 'value' | 'gradient' | 'hessianVectorProduct' | 'residual';

/**
 * The analysis `all-stationary-points`: the solutions of grad f = 0 for f = 1/2 |r|^2, r polynomials of degree L in n variables, by total-degree
 * homotopy. grad f is n polynomials of degree 2 L - 1, which have at most (2 L - 1)^n isolated complex zeros (Bézout). Each solution found is
 * proved to be alone in a ball (Krawczyk 1969), real ones to be real; where as many balls are apart as the bound allows, the list is complete.
 * Solutions at infinity and those that are not isolated (orbits of a continuous group) leave it `incomplete`.
 *
 * The proofs hold for all systems whose coefficients are those of f to rounding.
 *
 * @throws LOWLAND_E_CAPABILITY where the residual is no polynomial, or not all of f
 * @throws LOWLAND_E_OPTIONS where there are more paths than allowed
 */
export function allStationaryPoints({ paths = 2000, attempts = 4 }: AllStationaryPointsOptions = {}): Analysis<Needs, AllStationaryPoints> {
  return {
    id: 'all-stationary-points',
    requires: ['value', 'gradient', 'hessianVectorProduct', 'residual'],
    dtype: 'f64',
    run(context, _point, host) {
      requireFlat(context, 'all-stationary-points');
      return findAll(context, host, paths, attempts);
    },
  };
}

async function findAll(context: Context<Needs>, { layout, data }: Point, paths: number, attempts: number): Promise<AllStationaryPoints> {
  const n = data.length;
  const residual = polynomialResidual(context, n);
  if (typeof residual === 'string') throw new LowlandError('LOWLAND_E_CAPABILITY', `The stationary points of this objective cannot be counted: ${residual}.`);
  const { degree } = residual;
  const bezout = (2 * degree - 1) ** n;
  if (bezout > paths) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `${n} variables and residuals of degree ${degree} have up to ${bezout} stationary points; paths allows ${paths}. Take a smaller problem, or allow more.`, {
      details: { expected: paths, given: bezout },
    });
  }
  const system = gradientSystem(residual, n);
  const { found, infinite, unresolved } = solutionsOf(system, (attempt) => context.random('homotopy', attempt), attempts);
  const points = (await Promise.all(found.filter(({ real }) => real).map((solution) => describe(context, layout, system.unit, solution)))).sort((a, b) => a.value - b.value);
  const complete = found.length === bezout;
  const settled = points.every(({ index }) => index !== null);
  return {
    complete,
    reason: complete ? null : `${found.length} of ${bezout} solutions were isolated; ${infinite} paths ran to infinity and ${unresolved.length} ended at solutions that are not isolated, or failed.`,
    bezout,
    solutions: found.length,
    points,
    eulerSum: settled ? points.reduce((sum, { index }) => sum + (index! % 2 === 0 ? 1 : -1), 0) : null,
  };
}

async function describe({ problem, device, scratch }: Context<Needs>, layout: Point['layout'], unit: number, { x, radius }: Isolated): Promise<StationaryPoint> {
  const n = x.length / 2;
  const point = createPoint(layout, x.slice(0, n).map((value) => unit * value));
  const [at, value, v, image] = [scratch(), scratch(1), scratch(), scratch()];
  device.write(at, point.data);
  problem.value(at, value);
  const f = await device.scalar(value);
  const hessian = matrix(n, n);
  for (let j = 0; j < n; j++) {
    device.write(v, Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)));
    problem.hessianVectorProduct(at, v, image);
    device.host!(image).forEach((entry, i) => (hessian.data[i * n + j] = entry));
  }
  const eigenvalues = symmetricEigen(hessian).values.slice().reverse();
  const most = Math.max(Math.abs(eigenvalues[0]!), Math.abs(eigenvalues[n - 1]!));
  const degenerate = eigenvalues.some((lambda) => Math.abs(lambda) <= 1e-10 * most);
  return { point, value: f, index: degenerate ? null : eigenvalues.filter((lambda) => lambda < 0).length, eigenvalues, radius: unit * radius };
}
