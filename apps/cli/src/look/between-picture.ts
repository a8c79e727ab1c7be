/**
 * Ways between two points, in terminals and in pictures.
 */
import type { Between } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { bar, plot, short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { framed, palette, pixel, polyline, widened } from './chart.ts';

interface Way {
  readonly name: string;
  readonly at: readonly number[];
  readonly values: readonly number[];
  readonly barrier: number;
}

/** All ways there are, by name; the band's images are taken to be as far apart as they are. */
function waysOf({ straight, aligned, rotated, band }: Between): readonly Way[] {
  const path = (name: string, { at, values, barrier }: Between['straight']): Way => ({ name, at: [...at], values: [...values], barrier });
  return [
    path('straight', straight),
    path('to the nearest point of the orbit', aligned),
    ...(rotated === null ? [] : [path('by rotations, then straight', rotated)]),
    ...(band === null ? [] : [{ name: 'elastic band', at: alongBand(band.images), values: [...band.values], barrier: band.barrier }]),
  ];
}

function alongBand(images: readonly Float64Array[]): number[] {
  const lengths = images.slice(1).map((image, k) => Math.hypot(...image.map((value, i) => value - images[k]![i]!)));
  const whole = lengths.reduce((sum, length) => sum + length, 0) || 1;
  let sum = 0;
  return [0, ...lengths.map((length) => (sum += length) / whole)];
}

function told({ component, straight, band }: Between): string {
  const orbit = component === 1 ? 'The other end is a reflection: no path in the orbit leads from its nearest point to it.' : 'The nearest point of the orbit and the other end are joined within the orbit.';
  if (band === null) return orbit;
  if (!band.converged) return `${orbit} The band has not come to rest: its barrier may still fall.`;
  return `${orbit} ${band.barrier <= 1e-6 * straight.barrier ? 'The band found a way around the hill.' : `The band rests, with a gradient of ${short(band.gradientNorm)} at its highest image, near a saddle.`}`;
}

export function ofBetween(found: Between, screen: Screen): readonly string[] {
  const ways = waysOf(found);
  const least = Math.min(...ways.map(({ values }) => Math.min(...values)));
  const most = Math.max(...ways.map(({ barrier }) => barrier));
  const { values } = found.straight;
  const widest = Math.max(...ways.map(({ name }) => name.length));
  return [
    `  ${'ends'.padEnd(widest)}  ${short(tidy(values[0]!))} and ${short(tidy(values.at(-1)!))}`,
    ...ways.map(({ name, barrier }) => `  ${name.padEnd(widest)}  ${short(tidy(barrier)).padStart(10)} above the higher end  ${tidy(barrier) === 0 ? '' : bar(barrier, most, Math.max(8, screen.columns - widest - 38), screen.unicode)}`),
    '',
    ...wrap(told(found), screen.columns - 2).map((line) => `  ${line}`),
    '',
    ...plot(ways.map((way) => ({ x: way.at, y: way.values.map((value) => value - Math.min(0, least)) })), { width: screen.columns - 14, height: 14, unicode: screen.unicode }),
  ];
}

/** Barriers and values that are rounding are 0. */
const tidy = (value: number): number => (Math.abs(value) < 1e-12 ? 0 : value);

export function betweenSvg(found: Between, objective: string): string {
  const ways = waysOf(found);
  const values = ways.flatMap((way) => way.values).filter(Number.isFinite);
  const [low, high] = widened(Math.min(...values), Math.max(...values));
  return framed({
    title: `${objective} between two points`,
    x: { label: 'share of the way', from: 0, to: 1 },
    y: { label: 'value', from: low, to: high },
    draw: (x, y) => ways.map((way, k) => {
      const points = way.at.map((at, i) => [x(at), y(way.values[i]!)] as const);
      const dots = way.name === 'elastic band' ? points.map(([a, b]) => `<circle cx="${pixel(a)}" cy="${pixel(b)}" r="3" fill="${palette[k]!}"/>`).join('') : '';
      return `<path d="${polyline(points)}" fill="none" stroke="${palette[k]!}" stroke-width="1.8"/>${dots}`;
    }),
    keys: ways.map(({ name, barrier }, k) => ({ name: `${name}: ${short(tidy(barrier))}`, colour: palette[k]! })),
    notes: ['Numbers: how far a way rises above the higher end.', told(found)],
  });
}
