import type { StationaryPointView, StationaryView } from '../../model/types.ts';
import { type Chart, chartOf, type Frame, framed } from '../draw/axes.ts';
import type { Place, Size } from '../draw/pen.ts';
import { scaleOf } from '../draw/scale.ts';
import type { Drawing } from '../export/picture.ts';
import { drawMark } from '../slice/marks.ts';

/** Points of one index whose values are nearly the same: their positions. */
export function grouped(points: readonly StationaryPointView[], near: number): number[][] {
  const groups: number[][] = [];
  const byIndex = points.map((_, k) => k).sort((a, b) => (points[a]!.index ?? -1) - (points[b]!.index ?? -1) || points[a]!.value - points[b]!.value);
  for (const k of byIndex) {
    const group = groups.at(-1);
    const last = group && points[group.at(-1)!]!;
    if (group && last && (last.index ?? -1) === (points[k]!.index ?? -1) && Math.abs(points[k]!.value - last.value) <= near) group.push(k);
    else groups.push([k]);
  }
  return groups;
}

/** Those of a group side by side, so that none hides another: offsets across in parts of the room that an index has. */
export function spread(groups: readonly (readonly number[])[], count: number): number[] {
  const offsets = Array<number>(count).fill(0);
  for (const group of groups) group.forEach((k, position) => (offsets[k] = (position - (group.length - 1) / 2) / Math.max(6, group.length)));
  return offsets;
}

/** One label for a group, beside its last point: `3`, or `5, 6, 7`, or `5 … 9`. */
function labelled(groups: readonly (readonly number[])[]): (string | undefined)[] {
  const out: (string | undefined)[] = [];
  for (const group of groups) {
    const names = group.map((k) => k + 1).sort((a, b) => a - b);
    out[group.at(-1)!] = names.length > 3 ? `${names[0]!} … ${names.at(-1)!}` : names.join(', ');
  }
  return out;
}

export interface MorseGraph {
  readonly drawing: (selected: number | null) => Drawing;
  /** The point nearest to a place of the picture; null where none is near. */
  readonly nearest: (place: Place, size: Size) => number | null;
}

/** Index across, value up, ways down as lines. */
export function morseGraph({ points, falls }: StationaryView): MorseGraph {
  const y = scaleOf('linear', points.map(({ value }) => value), 0.08) ?? { kind: 'linear', from: 0, to: 1 };
  const highest = points.reduce((most, { index }) => Math.max(most, index ?? 0), 1);
  const groups = grouped(points, (y.to - y.from) / 40);
  const offsets = spread(groups, points.length);
  const labels = labelled(groups);
  const frame: Frame = { x: { scale: { kind: 'linear', from: -0.6, to: highest + 0.6 }, label: 'index: directions that go down', whole: true }, y: { scale: y, label: 'value' } };
  const edges = [...new Map(falls.flatMap(({ from, to }) => (to === null ? [] : [[`${from} ${to}`, [from, to] as const] as const]))).values()];
  const placed = (chart: Chart, k: number): Place => [chart.x((points[k]!.index ?? 0) + offsets[k]!), chart.y(points[k]!.value)];
  return {
    drawing: (selected) => (pen, theme, size) => {
      framed(pen, theme, frame, size, (chart) => {
        for (const [from, to] of edges) {
          const own = selected === from || selected === to;
          pen.lines([[placed(chart, from), placed(chart, to)]], { stroke: own ? theme.accent : theme.soft, width: own ? 2.4 : 1, opacity: own ? 1 : 0.55 });
        }
        points.forEach((point, k) => {
          const [cx, cy] = placed(chart, k);
          if (selected === k) pen.circle([cx, cy], 12, { stroke: theme.accent, width: 2.5 });
          if (point.spurious) pen.circle([cx, cy], 9, { stroke: theme.bad, width: 2 });
          drawMark(pen, theme, [cx, cy], { kind: point.kind, label: `point ${k + 1}` });
          const label = labels[k];
          if (label !== undefined) pen.text([cx + 12, cy + 4], label, { colour: theme.ink, size: 11, halo: theme.surface });
        });
      });
    },
    nearest([px, py], size) {
      const chart = chartOf(frame, size);
      let [best, least]: [number | null, number] = [null, 24];
      points.forEach((_, k) => {
        const [x, at] = placed(chart, k);
        const distance = Math.hypot(x - px, at - py);
        if (distance < least) [best, least] = [k, distance];
      });
      return best;
    },
  };
}
