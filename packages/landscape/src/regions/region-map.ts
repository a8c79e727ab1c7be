/**
 * The regions R1, R2, R3 on a line or a plane through a point: what colours a slice.
 */
import { type Analysis, type Context, createPoint, LowlandError, type Point, type Vec } from '@lowland/core';
import { thinSvd } from '@lowland/linalg';

import { factorsAt } from '../factored.ts';
import { orbitDistance, partition, type Region, type Regions, type RegionsOptions, regionOf, regions, stacked } from './regions.ts';

export interface RegionMapOptions extends RegionsOptions {
  /** One or two: the directions of a `Slice`. */
  readonly directions: readonly Point[];
  /** As of the slice; default 1. */
  readonly radius?: number;
  /** Points along each axis; default 33. */
  readonly grid?: number;
}

export interface RegionMap {
  /** Coordinates along the directions, as those of a slice; `t` is null on a line. */
  readonly s: Float64Array;
  readonly t: Float64Array | null;
  /** At (s[j], t[i]) in place i · s.length + j. */
  readonly regions: readonly Region[];
  /** At the point itself. */
  readonly at: Regions;
}

type Needs = 'value' | 'factors';
type Uses = 'target' | 'lift';

/**
 * The analysis `region-map`: thresholds once, then a decomposition of the factors at each place.
 *
 * @throws as `regions` does; LOWLAND_E_OPTIONS for no direction, more than two, a window or a grid that is none
 */
export function regionMap({ directions, radius = 1, grid = 33, ...matrix }: RegionMapOptions): Analysis<Needs, RegionMap, Uses> {
  if (directions.length < 1 || directions.length > 2 || !(radius > 0 && radius < Infinity) || !(Number.isSafeInteger(grid) && grid >= 2)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `A map of regions has one or two directions, a positive radius and at least two points along each axis; ${directions.length}, ${radius} and ${grid} were given.`);
  }
  return { id: 'region-map', requires: ['value', 'factors'], uses: ['target', 'lift'], dtype: 'f64', run: (context, x, host) => mapOf(context, x, host, directions, radius, grid, matrix) };
}

async function mapOf(context: Context<Needs, Uses>, x: Vec, host: Point, directions: readonly Point[], radius: number, grid: number, given: RegionsOptions): Promise<RegionMap> {
  const at = await regions(given).run(context, x, host);
  const { problem } = context;
  const centre = factorsAt(host, problem.factors);
  const { minimiser, thresholds } = partition(problem.target, centre.left, centre.right, centre.symmetric, given.planted);
  const [first, second] = directions as readonly [Point, Point?];
  const s = Float64Array.from({ length: grid }, (_, i) => radius * (-1 + (2 * i) / (grid - 1)));
  const t = second === undefined ? null : s;
  const found: Region[] = [];
  for (const b of t ?? [0]) {
    for (const a of s) {
      const point = createPoint(host.layout, host.data.map((value, k) => value + a * first.data[k]! + b * (second?.data[k] ?? 0)));
      const { symmetric, left, right } = factorsAt(point, problem.factors);
      const w = symmetric ? left : stacked(left, right);
      const sizes = thinSvd(w).s;
      found.push(regionOf({ least: sizes.at(-1)!, largest: sizes[0]!, distance: orbitDistance(w, minimiser.matrix) }, thresholds));
    }
  }
  return { s, t, regions: found, at };
}
