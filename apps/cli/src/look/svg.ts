import type { Basins, Between, Census, Classification, Connections, EscapeTimes, ExitTimes, Fall, Isotropy, Recurrence, RestrictedIsometry, Slice, Spectrum } from '@lowland/landscape';

import type { AnalysisCommand } from '../command-line/base-flags.ts';
import { short } from '../terminal/plot.ts';
import { basinsSvg } from './basins-svg.ts';
import { type Frame, framed, pixel, polyline, stacked, widened } from './chart.ts';
import { betweenSvg } from './between-picture.ts';
import { eigenvaluesSvg } from './eigenvalues-svg.ts';
import { isometrySvg } from './isometry-svg.ts';
import { isotropySvg } from './isotropy-picture.ts';
import { sliceSvg } from './slice-svg.ts';
import { escapeTimesSvg, exitTimesSvg, recurrenceSvg } from './times-svg.ts';
import { treeFrame } from './tree-svg.ts';

/** A standalone SVG of what was found; undefined where there is nothing to draw. */
export function svgOf(command: AnalysisCommand, found: unknown, objective: string): string | undefined {
  if (command === 'spectrum') return ofSpectrum(found as Spectrum, objective);
  if (command === 'census') return drawn([ofOrbits(found as Census, [], objective)]);
  if (command === 'connect') {
    const { census, falls } = found as Connections;
    return drawn([ofOrbits(census, falls, objective), treeFrame(found as Connections, objective)], `Connections of ${objective}`);
  }
  if (command === 'between') return betweenSvg(found as Between, objective);
  if (command === 'isotropy') return isotropySvg(found as Isotropy, objective);
  if (command === 'basins') return basinsSvg(found as Basins, objective);
  if (command === 'classify') return eigenvaluesSvg(found as Classification, objective);
  if (command === 'rip') return isometrySvg(found as RestrictedIsometry, objective);
  if (command === 'escape-times') return escapeTimesSvg(found as EscapeTimes, objective);
  if (command === 'exit-times') return exitTimesSvg(found as ExitTimes, objective);
  if (command === 'recurrence') return recurrenceSvg(found as Recurrence, objective);
  return command === 'slice' ? sliceSvg(found as Slice, objective) : undefined;
}

/** Commands that have a picture. */
export const pictured: readonly AnalysisCommand[] = ['basins', 'regions', 'spectrum', 'census', 'connect', 'between', 'isotropy', 'slice', 'classify', 'rip', 'escape-times', 'exit-times', 'recurrence'];

function drawn(frames: readonly (Frame | undefined)[], title = ''): string | undefined {
  const all = frames.filter((frame) => frame !== undefined);
  return all.length > 1 ? stacked(title, all) : all[0] && framed(all[0]);
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
      ...(deflated === 0 ? [] : [`${deflated === 1 ? 'One direction' : `${deflated} directions`} of ${group!} ${deflated === 1 ? 'is' : 'are'} left out.`]),
      ...(signs === null ? [] : [`${signs.negative} negative, ${signs.zero} zero, ${signs.positive} positive.`]),
    ],
  });
}

/** Stationary points by index and value, saddles joined to what lies below them. */
function ofOrbits({ orbits, audit, group }: Census, falls: readonly Fall[], objective: string): Frame | undefined {
  if (orbits.length === 0) return undefined;
  const values = orbits.map(({ value }) => value);
  const [low, high] = widened(Math.min(...values), Math.max(...values));
  const [, right] = widened(0, Math.max(1, ...orbits.map(({ index }) => index ?? 0)));
  const colour = ({ kind, spurious }: Census['orbits'][number]): string => (spurious ? '#d1691b' : kind === 'least' ? '#2d8a4e' : '#3b76c4');
  const edges = [...new Map(falls.flatMap(({ from, to }) => (to === null ? [] : [[`${from} ${to}`, [orbits[from]!, orbits[to]!] as const] as const]))).values()];
  return {
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
  };
}
