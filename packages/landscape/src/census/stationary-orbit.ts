/**
 * One entry of a census: an orbit of stationary points, what it is, and where such orbits fill a continuum.
 */
import { createPoint, type Point, type Vec } from '@lowland/core';

import { deflatedHessian, eigenvaluesOnComplement } from '../classify/hessian.ts';
import { nullityOf } from '../classify/nullity.ts';
import type { Action } from '../groups/action.ts';
import type { CensusContext } from './census.ts';
import type { HostModel } from './host-model.ts';
import type { Polished } from './levenberg-marquardt.ts';

export interface Seen {
  /** The given point. */
  readonly given: number;
  readonly random: number;
  readonly fixed: number;
  readonly followed: number;
}

export interface StationaryOrbit {
  /** One of its points. */
  readonly point: Point;
  readonly value: number;
  readonly gradientNorm: number;
  /** Number of negative Hessian eigenvalues; null where some are too small to have a sign. */
  readonly index: number | null;
  /** Zero eigenvalues beyond the directions of the orbit: 0 for nondegenerate (Morse-Bott) orbits. */
  readonly nullity: number;
  /** Eigenvalues off the orbit, ascending. */
  readonly eigenvalues: Float64Array;
  readonly orbit: {
    readonly dimension: number;
    /** Of the subgroup that leaves the point where it is. */
    readonly stabiliserDimension: number;
    readonly components: number;
    readonly twofold: boolean;
    readonly euler: number | null;
    readonly rank: number | null;
    readonly unused: number;
  };
  /** The best value that is known; a minimum elsewhere; a direction goes down; flat to second order beyond the orbit. */
  readonly kind: 'least' | 'minimum' | 'saddle' | 'maximum' | 'degenerate';
  /** A second-order point above the least value: where descent can be caught. */
  readonly spurious: boolean;
  /** Starts that ended here: the given point, random ones, those in fixed spaces, and ways up from minima. */
  readonly seen: Seen;
}

export interface Continuum {
  /** How many of the listed orbits. */
  readonly orbits: number;
  /** Flat directions beyond the orbit, at least and at most. */
  readonly flat: readonly [number, number];
  readonly statement: string;
}

export type Described = Omit<StationaryOrbit, 'kind' | 'spurious'>;

export function describe(context: CensusContext, action: Action, model: HostModel, { layout }: Point, { x, gradientNorm }: Polished, seen: Seen, size: number): Described {
  const at: Vec = context.scratch();
  context.device.write(at, x);
  const hessian = deflatedHessian(context, at);
  const eigenvalues = eigenvaluesOnComplement(hessian);
  const dimension = context.problem.symmetry?.dimension ?? 0;
  const nullity = nullityOf(eigenvalues, hessian.orbit.cols, () => createPoint(layout));
  const cut = 1e-8 * eigenvalues.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    point: createPoint(layout, x),
    value: model.value(x),
    gradientNorm,
    index: nullity.status === 'clear' ? eigenvalues.filter((value) => value < -cut).length : null,
    nullity: nullity.excess,
    eigenvalues,
    orbit: { dimension: hessian.orbit.cols, stabiliserDimension: dimension - hessian.orbit.cols, ...action.orbit(x, 1e-6 * size) },
    seen,
  };
}

export function standing({ value, index, nullity, eigenvalues }: Described, least: number, room: number, n: number): Pick<StationaryOrbit, 'kind' | 'spurious'> {
  const lowest = value <= least + room;
  const secondOrder = index === 0;
  const spurious = secondOrder && !lowest;
  // what descends further is no least value, though nothing lower was found
  if (lowest && (index === null || secondOrder)) return { kind: 'least', spurious };
  if (index === null || (secondOrder && nullity > 0)) return { kind: 'degenerate', spurious };
  if (secondOrder) return { kind: 'minimum', spurious };
  return { kind: index === eigenvalues.length && eigenvalues.length === n ? 'maximum' : 'saddle', spurious };
}

/** f is constant on a connected set of stationary points, and flat along it; orbits that are isolated hardly ever share their value and are flat, too. */
export function continuumIn(orbits: readonly StationaryOrbit[], room: number): Continuum | null {
  const flat = orbits.filter(({ nullity }) => nullity > 0);
  const shared = flat.filter((one) => flat.some((other) => other !== one && Math.abs(other.value - one.value) <= room));
  if (shared.length === 0) return null;
  const dimensions = shared.map(({ nullity }) => nullity);
  return {
    orbits: shared.length,
    flat: [Math.min(...dimensions), Math.max(...dimensions)],
    statement: `${shared.length} of the ${orbits.length} listed orbits are flat beyond the orbit and share their value: they are places on a continuum of stationary points, of each value one or more, where every start ends at another place; their number means nothing, nor does the estimate of the unseen.`,
  };
}
