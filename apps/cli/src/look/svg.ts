import { contours } from 'd3-contour';
import type { Census, Fall, Connections, Slice, Spectrum } from '@lowland/landscape';

import type { AnalysisCommand } from '../command-line/base-flags.ts';
import { short } from '../terminal/plot.ts';
import { criticalLegend, criticalMarks, criticalNotes } from './critical-marks.ts';
import { framed, pixel, polyline } from './chart.ts';

/** A standalone SVG of what was found; undefined where there is nothing to draw. */
export function svgOf(command: AnalysisCommand, found: unknown, objective: string): string | undefined {
  if (command === 'spectrum') return ofSpectrum(found as Spectrum, objective);
  if (command === 'census') return ofOrbits(found as Census, [], objective);
  if (command === 'connect') return ofOrbits((found as Connections).census, (found as Connections).falls, objective);
  if (command !== 'slice') return undefined;
  const slice = found as Slice;
  return slice.t === null ? ofLine(slice, objective) : ofPlane(slice, slice.t, objective);
}

function ofSpectrum({ eigenvalues, density, smallest, largest, deflated, group, signs, threshold }: Spectrum, objective: string): string | undefined {
  const ends = [...smallest, ...largest].map(({ value }) => value);
  const marks = eigenvalues === null ? ends : [...eigenvalues];
  const points = density === null ? marks : [...density.points];
  if (points.length === 0) return undefined;
  const [low, high] = widened(Math.min(...points, ...marks), Math.max(...points, ...marks));
  const most = density === null ? 1 : Math.max(...density.values);
  return framed({
    title: `Hessian spectrum of ${objective}`,
    x: { label: 'eigenvalue', from: low, to: high },
    y: { label: density === null ? '' : 'share of eigenvalues per unit', from: 0, to: 1.08 * most },
    draw: (x, y) => [
      ...(density === null ? [] : [`<path d="${polyline([...density.points].map((value, k) => [x(value), y(density.values[k]!)]))}" fill="none" stroke="#3b76c4" stroke-width="1.6"/>`]),
      ...marks.map((value) => `<line x1="${pixel(x(value))}" x2="${pixel(x(value))}" y1="${pixel(y(0))}" y2="${pixel(y(0) - 12)}" stroke="${value < -threshold ? '#d1691b' : '#3b76c4'}" stroke-width="1.4"/>`),
    ],
    notes: [
      `${eigenvalues === null ? 'Marks: both ends' : 'Marks: all eigenvalues'}${density === null ? '' : `; line: density by stochastic Lanczos quadrature, smoothed by ${short(density.width)}`}.`,
      ...(deflated === 0 ? [] : [`${deflated} directions of ${group!} are left out.`]),
      ...(signs === null ? [] : [`${signs.negative} negative, ${signs.zero} zero, ${signs.positive} positive.`]),
    ],
  });
}

function ofLine({ s, values, names, method, degree, critical }: Slice, objective: string): string {
  const finite = values.filter(Number.isFinite);
  const [low, high] = widened(Math.min(...finite), Math.max(...finite));
  const points = [...s].flatMap((at, k): [number, number][] => (Number.isFinite(values[k]) ? [[at, values[k]!]] : []));
  return framed({
    title: `${objective} along a line`,
    x: { label: `${names[0]!}, in lengths of the direction`, from: s[0]!, to: s.at(-1)! },
    y: { label: 'value', from: low, to: high },
    draw: (x, y) => [
      `<path d="${polyline(points.map(([at, value]) => [x(at), y(value)]))}" fill="none" stroke="#3b76c4" stroke-width="1.8"/>`,
      `<line x1="${pixel(x(0))}" x2="${pixel(x(0))}" y1="${pixel(y(low))}" y2="${pixel(y(high))}" stroke="#d1691b" stroke-dasharray="4 4"/>`,
      ...(critical === null ? [] : [...criticalMarks(critical, x, y), ...criticalLegend(critical, x(s[0]!), y(high))]),
    ],
    notes: [howText(method, degree), 'Dashed: the point.', ...(critical === null ? [] : criticalNotes(critical))],
  });
}

/** Colour-blind-safe, dark to light with height (samples of cividis). */
const ramp = ['#00224e', '#123570', '#3b496c', '#575d6d', '#707173', '#8a8678', '#a59c74', '#c3b369', '#e1cc55', '#fee838'];
const lines = 14;

/** Filled contours at levels that crowd towards the least value. */
function ofPlane({ s, values, names, method, degree, critical }: Slice, t: Float64Array, objective: string): string {
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((low, value) => Math.min(low, value), Infinity);
  const most = finite.reduce((high, value) => Math.max(high, value), -Infinity);
  const thresholds = Array.from({ length: lines }, (_, k) => least + (most - least) * (k / lines) ** 2.5);
  const bands = contours().size([s.length, t.length]).thresholds(thresholds)(Array.from(values, (value) => (Number.isFinite(value) ? value : most)));
  const best = values.indexOf(least);
  return framed({
    title: `${objective} on a plane`,
    x: { label: `${names[0]!}, in lengths of the direction`, from: s[0]!, to: s.at(-1)! },
    y: { label: names[1]!, from: t[0]!, to: t.at(-1)! },
    draw(x, y, { width, height }) {
      // Grid squares are centred at their values: half a square beyond the frame on each side.
      const across = (column: number): number => x(s[0]!) + ((column - 0.5) / (s.length - 1)) * width;
      const up = (row: number): number => y(t[0]!) - ((row - 0.5) / (t.length - 1)) * height;
      const ring = (points: readonly (readonly number[])[]): string => `${polyline(points.map(([column = 0, row = 0]) => [across(column), up(row)]))}Z`;
      return [
        `<clipPath id="frame"><rect x="${pixel(x(s[0]!))}" y="${pixel(y(t.at(-1)!))}" width="${width}" height="${height}"/></clipPath>`,
        '<g clip-path="url(#frame)">',
        ...bands.map(({ coordinates }, k) => `<path d="${coordinates.flat().map(ring).join('')}" fill="${ramp[Math.floor((k * ramp.length) / lines)]!}" fill-rule="evenodd" stroke="#0004" stroke-width="0.5"/>`),
        `<path d="M${pixel(x(0) - 6)},${pixel(y(0))}h12M${pixel(x(0))},${pixel(y(0) - 6)}v12" stroke="#fff" stroke-width="2"/>`,
        `<circle cx="${pixel(x(s[best % s.length]!))}" cy="${pixel(y(t[Math.floor(best / s.length)]!))}" r="5" fill="none" stroke="#fff" stroke-width="2"/>`,
        ...(critical === null ? [] : criticalMarks(critical, x, y)),
        '</g>',
        ...(critical === null ? [] : criticalLegend(critical, x(s[0]!), y(t.at(-1)!))),
      ];
    },
    notes: [
      howText(method, degree),
      `Cross: the point. Circle: the least value on the grid, ${short(least)}.`,
      `Lines from ${short(thresholds[1]!)} to ${short(thresholds.at(-1)!)}, denser below.`,
      ...(critical === null ? [] : criticalNotes(critical)),
    ],
  });
}

const howText = (method: Slice['method'], degree: number | null): string => (method === 'polynomial' ? `Exact: a polynomial of degree ${degree!}.` : 'Evaluated point by point.');

/** Stationary points by index and value, saddles joined to what lies below them. */
function ofOrbits({ orbits, audit, group }: Census, falls: readonly Fall[], objective: string): string | undefined {
  if (orbits.length === 0) return undefined;
  const values = orbits.map(({ value }) => value);
  const [low, high] = widened(Math.min(...values), Math.max(...values));
  const [, right] = widened(0, Math.max(1, ...orbits.map(({ index }) => index ?? 0)));
  const colour = ({ kind, spurious }: Census['orbits'][number]): string => (spurious ? '#d1691b' : kind === 'least' ? '#2d8a4e' : '#3b76c4');
  const edges = [...new Map(falls.flatMap(({ from, to }) => (to === null ? [] : [[`${from} ${to}`, [orbits[from]!, orbits[to]!] as const] as const]))).values()];
  return framed({
    title: falls.length > 0 ? `Morse graph of ${objective}` : `Stationary points of ${objective}`,
    x: { label: 'index: descending directions', from: -right / 20, to: right, whole: true },
    y: { label: 'value', from: low, to: high },
    draw: (x, y) => [
      ...edges.map(([from, to]) => `<line class="line" x1="${pixel(x(from.index ?? 0))}" y1="${pixel(y(from.value))}" x2="${pixel(x(to.index ?? 0))}" y2="${pixel(y(to.value))}" opacity="0.2"/>`),
      ...orbits.map((orbit) => `<circle cx="${pixel(x(orbit.index ?? 0))}" cy="${pixel(y(orbit.value))}" r="5" fill="${colour(orbit)}"/>`),
    ],
    notes: [
      `${orbits.length} orbits of ${group}. Green: the least value${orbits.some(({ spurious }) => spurious) ? '; orange: spurious second-order points' : ''}.`,
      ...(falls.length > 0 ? ['Lines: ways down along negative curvature.'] : []),
      `Euler audit ${audit.status}${audit.sum === null ? '' : `, sum ${audit.sum}`}.`,
    ],
  });
}

/** A range with a little room. */
function widened(low: number, high: number): [number, number] {
  const room = high > low ? 0.04 * (high - low) : Math.max(Math.abs(high), 1) / 10;
  return [low - room, high + room];
}
