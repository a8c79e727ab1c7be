import { createPoint, LowlandError, uniforms, type Layout, type Objective, type Point, type StreamKey } from '@lowland/core';

import { defineObjective, type BlockSymmetry } from '../define/define-objective.ts';

/** What every terrain offers. */
export type TerrainCapability = 'value' | 'gradient' | 'valueAndGradient' | 'ensemble' | 'hessianVectorProduct' | 'truth';

/** A function of n numbers in closed form. `out` arrives as zeros. */
interface Terrain {
  readonly id: string;
  readonly scale: string;
  readonly options: Readonly<Record<string, number>>;
  readonly dimension: number;
  /** +Infinity outside the domain, where the gradient is NaN. */
  value(x: Float64Array): number;
  gradient(x: Float64Array, out: Float64Array): void;
  hessianVectorProduct(x: Float64Array, v: Float64Array, out: Float64Array): void;
  /** Starts are uniform on [-radius, radius]^n. */
  readonly radius: number;
  readonly symmetry: BlockSymmetry<{ readonly x: readonly number[] }>;
  /** Absent where there is no least value. */
  readonly optimum?: number;
  /** All of them. */
  stationaryPoints(): Iterable<ArrayLike<number>>;
}

/** The objective of a terrain: one block x, on the host. */
export function terrain(given: Terrain): Objective<TerrainCapability | 'symmetry'> {
  const { id, scale, options, dimension, symmetry, optimum, radius } = given;
  return defineObjective({
    id,
    scale,
    options,
    blocks: { x: [dimension] },
    value: ({ x }) => given.value(x),
    gradient: ({ x }, out) => { given.gradient(x, out.x); },
    hessianVectorProduct: ({ x }, v, out) => { given.hessianVectorProduct(x, v.x, out.x); },
    start: (key, out) => { uniformOn(radius, key, out.x); },
    symmetry,
    truth: { ...(optimum !== undefined && { optimum }), stationaryPoints: () => pointsOf(dimension, given.stationaryPoints()) },
  });
}

/** out[i] uniform on [-radius, radius). */
export function uniformOn(radius: number, key: StreamKey, out: Float64Array): void {
  uniforms(key, out);
  for (let i = 0; i < out.length; i++) out[i] = radius * (2 * out[i]! - 1);
}

/** Points of one block x. */
export function* pointsOf(dimension: number, all: Iterable<ArrayLike<number>>): Generator<Point> {
  const layout: Layout = { blocks: [{ name: 'x', shape: [dimension] }] };
  for (const x of all) yield createPoint(layout, Float64Array.from(x));
}

/** @throws LOWLAND_E_OPTIONS unless `given` is a finite number above 0. */
export function requirePositive(name: string, given: number): void {
  if (Number.isFinite(given) && given > 0) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `${name} is a finite number above 0; ${given} was given.`, { details: { name, given } });
}

/** @throws LOWLAND_E_OPTIONS unless `given` is an integer of at least `least`. */
export function requireDimension(given: number, least = 1): void {
  if (Number.isSafeInteger(given) && given >= least) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `dimension is an integer that is at least ${least}; ${given} was given.`, { details: { given, least } });
}

/** A finite group has no directions. */
export const finiteGroup = (group: string) => ({ group, dimension: 0 }) as const;
