/** The regions of the partition on a plane, under the contours of the objective. */
import { contours } from 'd3-contour';
import { type Capability, analyse, type Backend, createPoint, LowlandError, type Objective, type Point } from '@lowland/core';
import { type RegionMap, regionMap, type RegionsOptions, type Slice, slice } from '@lowland/landscape';

import { short } from '../terminal/plot.ts';
import { framed, palette, pixel, polyline } from './chart.ts';

const radius = 1.5;
const grid = 97;
/** Words as they stand in the picture. */
const meanings = { R1: 'R1: a descending direction', "R3'": "R3': large gradient", "R3''": "R3'': large gradient, far away", R2: 'R2: near the minimisers' } as const;
const names = ['R1', 'R2', "R3'", "R3''"] as const;
const colours: Readonly<Record<(typeof names)[number], string>> = { R1: palette[1]!, R2: palette[2]!, "R3'": palette[0]!, "R3''": palette[3]! };

/** The plane through the point, the origin (at -1) and across a random direction; `matrix` is that of `regions`. */
export async function regionsSvg(objective: Objective<Capability>, point: Point, backend: Backend, seed: number, matrix: RegionsOptions): Promise<string> {
  if (point.data.every((value) => value === 0)) throw new LowlandError('LOWLAND_E_POINT', 'A picture of regions is a plane through the point and the origin; the point is the origin. Leave out --svg.');
  const doubled = createPoint(point.layout, point.data.map((value) => 2 * value));
  const any = objective as Objective<'value' | 'gradient' | 'hessianVectorProduct' | 'factors'>;
  const section = await analyse(any, slice({ first: doubled, second: 'random', radius, grid }), point, backend, { seed });
  const map = await analyse(any, regionMap({ ...matrix, directions: section.directions, radius, grid }), point, backend, { seed });
  return drawn(section, map, objective.id);
}

function drawn({ s, values, directions }: Slice, { regions, at }: RegionMap, objective: string): string {
  const t = s;
  const finite = values.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const lines = contours().size([s.length, t.length]).thresholds(Array.from({ length: 14 }, (_, k) => least + (most - least) * ((k + 1) / 15) ** 2.5))([...values]);
  const length = short(Math.hypot(...directions[0]!.data));
  return framed({
    title: `Regions of ${objective}`,
    x: { label: `away from the origin, which is at -1: one unit is ${length} long`, from: s[0]!, to: s.at(-1)! },
    y: { label: `random: one unit is ${length} long`, from: t[0]!, to: t.at(-1)! },
    draw(x, y, { width, height }) {
      const [cell, row] = [width / s.length, height / t.length];
      const boxes: string[] = [];
      for (let i = 0; i < t.length; i++) {
        for (let j = 0, first = 0; j < s.length; j++) {
          if (j + 1 < s.length && regions[i * s.length + j + 1] === regions[i * s.length + j]) continue;
          boxes.push(`<rect x="${pixel(x(s[0]!) + first * cell)}" y="${pixel(y(t[0]!) - (i + 1) * row)}" width="${pixel((j + 1 - first) * cell)}" height="${pixel(row + 0.3)}" fill="${colours[regions[i * s.length + j]!]}"/>`);
          first = j + 1;
        }
      }
      const ring = (points: readonly (readonly number[])[]): string => polyline(points.map(([column = 0, up = 0]) => [x(s[0]!) + ((column - 0.5) / (s.length - 1)) * width, y(t[0]!) - ((up - 0.5) / (t.length - 1)) * height]));
      return [
        `<clipPath id="frame"><rect x="${pixel(x(s[0]!))}" y="${pixel(y(t.at(-1)!))}" width="${width}" height="${height}"/></clipPath>`,
        '<g clip-path="url(#frame)">',
        `<g opacity="0.55" shape-rendering="crispEdges">${boxes.join('')}</g>`,
        ...lines.map(({ coordinates }) => `<path class="line" d="${coordinates.flat().map(ring).join('')}" fill="none" stroke-opacity="0.45" stroke-width="0.8"/>`),
        `<path class="line" d="M${pixel(x(0) - 6)},${pixel(y(0))}h12M${pixel(x(0))},${pixel(y(0) - 6)}v12" stroke-width="2"/>`,
        '</g>',
      ];
    },
    keys: names.filter((name) => regions.includes(name)).map((name) => ({ name: meanings[name], colour: colours[name], as: 'square' })),
    notes: [`Cross: the point, in ${at.region}. Lines: the objective, denser below.`, at.statement],
  });
}
