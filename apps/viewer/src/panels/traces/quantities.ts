/** What can be drawn over a run. */
import type { RunView, SnapshotView } from '../../model/types.ts';
import type { ScaleKind } from '../draw/scale.ts';
import type { Series } from './series.ts';

/** `value`, `above`, `gradient`, or what a tracker's numbers are called. */
export type QuantityId = string;

export interface Quantity {
  readonly id: QuantityId;
  readonly label: string;
  /** The axis that suits it. */
  readonly kind: ScaleKind;
  series(run: RunView, runs: readonly RunView[]): Series;
}

const traced = (column: (run: RunView, runs: readonly RunView[]) => Float64Array) => (run: RunView, runs: readonly RunView[]): Series => ({ iteration: run.trace.iteration, seconds: run.trace.seconds, values: column(run, runs) });

const tracked = (id: string) => (run: RunView): Series => {
  const rows = run.snapshots.filter((row): row is SnapshotView => typeof row.tracked[id] === 'number');
  return {
    iteration: Float64Array.from(rows, ({ iteration }) => iteration),
    seconds: Float64Array.from(rows, ({ seconds }) => seconds),
    values: Float64Array.from(rows, (row) => row.tracked[id] as number),
  };
};

/** The least value that any of the runs saw; undefined where none saw one. */
export function leastSeen(runs: readonly RunView[]): number | undefined {
  let least = Infinity;
  for (const { trace } of runs) for (const value of trace.value) if (value < least) least = value;
  return least < Infinity ? least : undefined;
}

export const quantities: readonly Quantity[] = [
  { id: 'value', label: 'value', kind: 'log', series: traced(({ trace }) => trace.value) },
  {
    id: 'above',
    label: 'value above the least seen',
    kind: 'log',
    series: traced(({ trace }, runs) => {
      const least = leastSeen(runs) ?? 0;
      return trace.value.map((value) => value - least);
    }),
  },
  { id: 'gradient', label: 'gradient norm', kind: 'log', series: traced(({ trace }) => trace.gradientNorm) },
  { id: 'distance', label: 'distance to the planted matrix', kind: 'log', series: tracked('distance') },
  { id: 'effective-rank', label: 'effective rank', kind: 'linear', series: tracked('effective-rank') },
  { id: 'sharpness', label: 'sharpness', kind: 'linear', series: tracked('sharpness') },
  { id: 'balancedness', label: 'imbalance of the factors', kind: 'log', series: tracked('balancedness') },
];

/** Numbers of other trackers, under their own names. */
function others(runs: readonly RunView[]): Quantity[] {
  const named = new Set(quantities.map(({ id }) => id));
  const ids = new Set(runs.flatMap(({ snapshots }) => snapshots.flatMap(({ tracked: said }) => Object.keys(said).filter((id) => typeof said[id] === 'number' && !named.has(id)))));
  return [...ids].map((id) => ({ id, label: id.replaceAll('-', ' ').replaceAll('.', ': '), kind: 'linear', series: tracked(id) }));
}

/** Those of which some run has a number to show. */
export const available = (runs: readonly RunView[]): Quantity[] => [...quantities, ...others(runs)].filter((quantity) => runs.some((run) => quantity.series(run, runs).values.some(Number.isFinite)));

/** A logarithmic axis has no place for numbers below 0: those of a quantity that goes there are on a linear one. */
export const fittingAxis = (quantity: Quantity, runs: readonly RunView[]): ScaleKind => (runs.some((run) => quantity.series(run, runs).values.some((value) => value < 0)) ? 'linear' : quantity.kind);
