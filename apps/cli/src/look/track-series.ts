/** What trackers said, as curves and as words: numbers, lists and records of them, whatever a tracker gives. */
import type { TrackedRow } from '../output/tracked.ts';

/** One number at each observation, NaN where there was none. */
export interface Curve {
  readonly name: string;
  readonly y: readonly number[];
}

/** Curves of one kind, which share an axis. */
export interface CurveGroup {
  readonly title: string;
  readonly x: readonly number[];
  readonly curves: readonly Curve[];
  /** Whether all numbers are positive and span more than two decades. */
  readonly logarithmic: boolean;
}

/** Words (regions, passes and failures), and for how long each held. */
export interface WordSeries {
  readonly title: string;
  readonly spans: readonly { readonly word: string; readonly from: number; readonly to: number }[];
}

export interface TrackSeries {
  readonly groups: readonly CurveGroup[];
  readonly words: readonly WordSeries[];
}

/** Numbers of one list share an axis, and so do those of a record inside a record; numbers beside each other in a record do not. */
export function trackSeries(rows: readonly TrackedRow[]): TrackSeries {
  const x = rows.map(({ iteration }) => iteration);
  const groups: CurveGroup[] = [];
  const words: WordSeries[] = [];
  const visit = (title: string, values: readonly unknown[], depth: number): void => {
    const known = values.find((value) => value !== null && value !== undefined);
    if (typeof known === 'number') {
      if (values.every((value, k) => value === x[k])) return;
      if (isStaged(values)) words.push({ title, spans: spansOf(x, values) });
      else groups.push(groupOf(title, x, [{ name: '', y: values.map(numberOf) }]));
    }
    if (typeof known === 'string' || typeof known === 'boolean') words.push({ title, spans: spansOf(x, values) });
    else if (Array.isArray(known)) visitList(title, values, Math.max(...values.map((value) => (Array.isArray(value) ? value.length : 0))));
    else if (typeof known === 'object') {
      const names = Object.keys(known);
      const parts = names.map((name) => [name, values.map((value) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[name])] as const);
      const numbers = parts.filter(([, part]) => part.some((value) => typeof value === 'number'));
      if (depth > 0 && numbers.length > 1) groups.push(groupOf(title, x, numbers.map(([name, part]) => ({ name, y: part.map(numberOf) }))));
      for (const [name, part] of depth > 0 && numbers.length > 1 ? parts.filter((part) => !numbers.includes(part)) : parts) visit(`${title}: ${name}`, part, depth + 1);
    }
  };
  const visitList = (title: string, values: readonly unknown[], length: number): void => {
    if (length === 0) return;
    const at = (k: number): Curve => ({ name: String(k + 1), y: values.map((value) => (Array.isArray(value) ? numberOf((value as readonly unknown[])[k]) : NaN)) });
    groups.push(groupOf(title, x, Array.from({ length }, (_, k) => at(k))));
  };
  for (const id of Object.keys(rows[0]?.tracked ?? {})) visit(id, rows.map(({ tracked }) => tracked[id]), 0);
  return { groups, words };
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : NaN);

/** A few whole numbers, each of which holds for a while: stages, ranks. */
function isStaged(values: readonly unknown[]): boolean {
  const known = new Set(values.filter((value) => value !== null && value !== undefined));
  return known.size <= 4 && values.length >= 4 * known.size && [...known].every(Number.isInteger);
}

/** Below this part of the largest number a curve on a logarithmic axis is rounding. */
const floor = 1e-18;

function groupOf(title: string, x: readonly number[], curves: readonly Curve[]): CurveGroup {
  const values = curves.flatMap(({ y }) => y.filter(Number.isFinite));
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity);
  const positive = values.filter((value) => value > floor * most);
  const least = positive.reduce((low, value) => Math.min(low, value), Infinity);
  // zeros are left out of a logarithmic picture, where there are few of them
  const logarithmic = values.every((value) => value >= 0) && positive.length >= 0.5 * values.length && most > 100 * least;
  return { title, x, curves, logarithmic };
}

function spansOf(x: readonly number[], values: readonly unknown[]): WordSeries['spans'] {
  const spans: { word: string; from: number; to: number }[] = [];
  values.forEach((value, k) => {
    const word = value === null || value === undefined ? 'nothing' : typeof value === 'boolean' ? (value ? 'holds' : 'fails') : typeof value === 'string' ? value : JSON.stringify(value);
    const last = spans.at(-1);
    if (last?.word === word) last.to = x[k]!;
    else spans.push({ word, from: x[k]!, to: x[k]! });
  });
  return spans;
}
