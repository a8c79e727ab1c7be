/** A phase map in a terminal and as a standalone SVG. */
import type { PhaseCell, PhaseMap } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { escapeText, framed, pixel } from './chart.ts';

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Rows of cells, from the last value of the second axis down to its first; cells that were not come to are missing. */
function rowsOf({ axes, cells }: PhaseMap): readonly { readonly value: number | undefined; readonly cells: readonly PhaseCell[] }[] {
  const width = axes[0]!.values.length;
  const values: readonly (number | undefined)[] = axes[1]?.values ?? [undefined];
  return values.map((value, i) => ({ value, cells: cells.slice(i * width, (i + 1) * width) })).reverse();
}

/** A table of shares, with the intervals where there is one axis. */
export function ofPhase(map: PhaseMap, { style, columns }: Screen): readonly string[] {
  const { objective, method, axes, trials, steps, tolerance, cells, routes } = map;
  const [first, second] = axes;
  const diverged = cells.reduce((sum, cell) => sum + cell.diverged, 0);
  const wanted = axes.reduce((product, { values }) => product * values.length, 1);
  const head = [
    `${style('bold', 'phase')} of ${objective} by ${method}: the share of ${trials} problems that are recovered to ${short(tolerance)} within ${steps} steps`,
    ...wrap(`${routes.fused} of ${routes.fused + routes.loop} cells as one ensemble${routes.notes.map((note) => `; ${note}`).join('')}${diverged === 0 ? '' : `; ${diverged} runs diverged`}${cells.length === wanted ? '' : `; interrupted after ${cells.length} of ${wanted} cells`}`, columns - 4).map((line) => style('dim', line)),
    '',
  ];
  if (second === undefined) {
    const name = first!.name;
    return [
      ...head,
      `  ${name.padStart(14)}  ${'recovered'.padStart(9)}  ${'95 % interval'.padStart(15)}  ${'steps'.padStart(7)}  freedom`,
      ...cells.map(({ at, successes, interval: [low, high], medianSteps, freedom }) =>
        `  ${short(at[0]!).padStart(14)}  ${percent(successes / trials).padStart(9)}  ${`${percent(low)} to ${percent(high)}`.padStart(15)}  ${(medianSteps === null ? '' : String(medianSteps)).padStart(7)}  ${freedom === null ? '' : String(freedom)}`),
    ];
  }
  return [
    ...head,
    ...rowsOf(map).map(({ value, cells: row }) => `  ${`${second.name} ${short(value!)}`.padStart(20)} ${row.map(({ successes }) => percent(successes / trials).padStart(6)).join(' ')}`),
    `  ${first!.name.padStart(20)} ${first!.values.map((value) => short(value).padStart(6)).join(' ')}`,
  ];
}

/** From dark, nothing recovered, to light, all of it. */
function shade(share: number): string {
  const [dark, light] = [[38, 52, 99], [250, 226, 120]] as const;
  return `rgb(${dark.map((from, k) => Math.round(from + share * (light[k]! - from))).join(',')})`;
}

export function phaseSvg(map: PhaseMap): string {
  const { objective, method, axes, trials, steps, tolerance, routes } = map;
  const [first, second] = axes;
  const rows = rowsOf(map);
  const wide = first!.values.length;
  return framed({
    title: `Recovery of ${objective} by ${method}`,
    x: { label: first!.name, from: 0, to: wide, blank: true },
    y: { label: second?.name ?? '', from: 0, to: rows.length, blank: true },
    height: Math.max(60, Math.min(420, 60 * rows.length)),
    draw(x, y) {
      const out: string[] = [];
      rows.forEach(({ value, cells }, i) => {
        const [top, bottom] = [y(rows.length - i), y(rows.length - i - 1)];
        const middle = pixel((top + bottom) / 2 + 4);
        if (value !== undefined) out.push(`<text x="${pixel(x(0) - 6)}" y="${middle}" text-anchor="end">${escapeText(short(value))}</text>`);
        cells.forEach(({ successes }, j) => {
          const share = successes / trials;
          const [from, to] = [x(j), x(j + 1)];
          out.push(`<rect x="${pixel(from)}" y="${pixel(top)}" width="${pixel(to - from)}" height="${pixel(bottom - top)}" fill="${shade(share)}"/>`);
          if (wide <= 14) out.push(`<text x="${pixel((from + to) / 2)}" y="${middle}" text-anchor="middle" style="fill:${share > 0.5 ? '#000' : '#fff'}">${percent(share)}</text>`);
        });
        const place = freedomAt(first!.values, cells, first!.name);
        if (place !== undefined) out.push(`<line x1="${pixel(x(place))}" x2="${pixel(x(place))}" y1="${pixel(top)}" y2="${pixel(bottom)}" stroke="#d1691b" stroke-width="2.5"/>`);
      });
      const each = Math.max(1, Math.ceil(wide / 14));
      first!.values.forEach((value, j) => {
        if (j % each === 0) out.push(`<text x="${pixel(x(j + 0.5))}" y="${pixel(y(0) + 16)}" text-anchor="middle">${escapeText(short(value))}</text>`);
      });
      return out;
    },
    notes: [
      `The share of ${trials} problems a cell that are recovered to ${short(tolerance)} within ${steps} steps, seeds from ${map.seed}.`,
      ...(rows.some(({ cells }) => freedomAt(first!.values, cells, first!.name) !== undefined) ? ['Orange: as many measurements as degrees of freedom; left of it there are fewer data than unknowns.'] : []),
      ...routes.notes.map((note) => `${note}.`),
    ],
  });
}

/** Where on a row of cells, in cells, there are as many measurements as degrees of freedom. */
function freedomAt(values: readonly number[], cells: readonly PhaseCell[], name: string): number | undefined {
  const freedom = cells[0]?.freedom ?? null;
  if (name !== 'measurements' || freedom === null) return undefined;
  const after = values.findIndex((value) => value >= freedom);
  if (after < 0 || (after === 0 && values[0]! > freedom)) return undefined;
  const before = values[after - 1];
  return before === undefined ? after + 0.5 : after - 0.5 + (freedom - before) / (values[after]! - before);
}
