import { regionMap, type RegionMap } from '@lowland/landscape';
import { createPoint } from '@lowland/core';

import type { RegionsView } from '../../model/types.ts';
import type { Stand } from './stand.ts';

const names = ['R1', 'R2', "R3'", "R3''"];
/** Places along an axis at most: each takes a decomposition of the factors. */
const most = 49;

/** The partition on the plane of a slice. @throws as `regions` does where an objective has none */
export async function regionsOn(stand: Stand, directions: readonly Float64Array[], radius: number, grid: number): Promise<RegionsView> {
  const places = directions.map((direction) => createPoint(stand.point.layout, direction));
  const { s, t, regions, at } = await stand.look<RegionMap>(regionMap({ directions: places, radius, grid: Math.min(grid, most) }));
  const { region, minimiser, thresholds, statement, survives } = at;
  return { s, t, region: Uint8Array.from(regions, (name) => names.indexOf(name)), names, at: { region, ...at.at, thresholds, minimiser, statement, survives } };
}
