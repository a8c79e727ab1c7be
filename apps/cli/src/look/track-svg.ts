/** Trackers along a run as a standalone SVG: a panel for each kind of number. */
import type { TrackedRow } from '../output/tracked.ts';
import type { Setup } from '../set-up.ts';
import { short } from '../terminal/plot.ts';
import { type Frame, type Key, palette, pixel, polyline, stacked } from './chart.ts';
import { type CurveGroup, trackSeries, type WordSeries } from './track-series.ts';

/** Curves in a panel; those beyond are left out and said to be. */
const most = palette.length;

export function svgOfTracked(rows: readonly TrackedRow[], { objective, optimizer }: Pick<Setup, 'objective' | 'optimizer'>): string {
  const { groups, words } = trackSeries(rows);
  const limit = stabilityLimit(optimizer.options);
  const frames = [...groups.flatMap((group) => ofGroup(group, group.title === 'sharpness' ? limit : undefined)), ...words.map(ofWords)];
  return stacked(`Trackers of ${optimizer.id} on ${objective.id}`, frames);
}

/** 2 / eta of gradient descent with a fixed step, which the largest curvature must not pass for long. */
function stabilityLimit(options: Readonly<Record<string, unknown>>): number | undefined {
  const step = options['step'] as { readonly id?: unknown; readonly options?: { readonly step?: unknown } } | undefined;
  const eta = step?.id === 'fixed' ? step.options?.step : undefined;
  return typeof eta === 'number' && eta > 0 ? 2 / eta : undefined;
}

function ofGroup({ title, x, curves, logarithmic }: CurveGroup, limit: number | undefined): Frame[] {
  const height = (value: number): number => (logarithmic ? (value > 0 ? Math.log10(value) : NaN) : value);
  const shown = curves.slice(0, most).map(({ name, y }) => ({ name, y: y.map(height) }));
  const values = [...shown.flatMap(({ y }) => y.filter(Number.isFinite)), ...(limit === undefined ? [] : [height(limit)])];
  if (values.length === 0) return [];
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const largest = values.reduce((high, value) => Math.max(high, value), -Infinity);
  const room = largest - least > 1e-6 * Math.abs(largest) ? 0.05 * (largest - least) : Math.abs(largest) / 10 || 1;
  const keys: Key[] = [
    ...(curves.length > 1 ? shown.map(({ name }, k) => ({ name, colour: palette[k]! })) : []),
    ...(limit === undefined ? [] : [{ name: `2 / step = ${short(limit)}`, colour: palette[1]!, as: 'dashes' as const }]),
  ];
  return [
    {
      title: logarithmic ? `${title}, logarithmic` : title,
      height: 180,
      x: { label: 'iteration', ...range(x) },
      y: { label: '', from: least - room, to: largest + room, power: logarithmic },
      draw: (placeX, placeY) => [
        ...shown.map(({ y }, k) => `<path d="${pieces(x, y).map((piece) => polyline(piece.map(([at, value]) => [placeX(at), placeY(value)]))).join('')}" fill="none" stroke="${palette[k]!}" stroke-width="1.6"/>`),
        ...(limit === undefined ? [] : [`<line x1="${pixel(placeX(range(x).from))}" x2="${pixel(placeX(range(x).to))}" y1="${pixel(placeY(height(limit)))}" y2="${pixel(placeY(height(limit)))}" stroke="${palette[1]!}" stroke-dasharray="5 4"/>`]),
      ],
      keys,
      notes: curves.length > most ? [`The first ${most} of ${curves.length} are drawn.`] : [],
    },
  ];
}

/** Bands of colour, one row; a word keeps its colour. */
function ofWords({ title, spans }: WordSeries): Frame {
  const words = [...new Set(spans.map(({ word }) => word))];
  const colour = (word: string): string => (word === 'fails' ? palette[1]! : word === 'holds' ? palette[2]! : palette[words.indexOf(word) % palette.length]!);
  const x = range(spans.flatMap(({ from, to }) => [from, to]));
  return {
    title,
    height: 24,
    x: { label: 'iteration', ...x },
    y: { label: '', from: 0.1, to: 0.9, blank: true },
    draw: (placeX, placeY, { height }) =>
      spans.map(({ word, from }, k) => {
        const end = spans[k + 1]?.from ?? x.to;
        return `<rect x="${pixel(placeX(from))}" y="${pixel(placeY(0.9))}" width="${pixel(placeX(end) - placeX(from))}" height="${height}" fill="${colour(word)}"/>`;
      }),
    keys: words.map((word) => ({ name: word, colour: colour(word), as: 'square' })),
    notes: [],
  };
}

/** Runs of finite numbers, thinned to what can be seen. */
function pieces(x: readonly number[], y: readonly number[]): (readonly [number, number])[][] {
  const stride = Math.max(1, Math.floor(x.length / 2000));
  const out: (readonly [number, number])[][] = [[]];
  y.forEach((value, k) => {
    if (!Number.isFinite(value)) out.push([]);
    else if (k % stride === 0 || k === y.length - 1) out.at(-1)!.push([x[k]!, value]);
  });
  return out.filter((piece) => piece.length > 0);
}

const range = (x: readonly number[]): { from: number; to: number } => {
  const [from, to] = [x[0] ?? 0, x.at(-1) ?? 1];
  return { from, to: to > from ? to : from + 1 };
};
