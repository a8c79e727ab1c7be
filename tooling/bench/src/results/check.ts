/** Holds the rows of a run against the floors. */
import { noise, type Floor } from './floors.ts';
import type { Row } from './row.ts';

export interface Verdict {
  readonly floor: Floor;
  /** Who was the fastest of the rivals. */
  readonly rival?: string;
  readonly ratio?: number;
  /** `noise`: short, by no more than the noise; `missing`: there is nothing to compare. */
  readonly result: 'met' | 'noise' | 'short' | 'missing';
  /** Why something is missing. */
  readonly reason?: string;
}

/** The floors whose tasks were in the run. */
export function check(rows: readonly Row[], floors: readonly Floor[]): readonly Verdict[] {
  const run = new Set(rows.map(({ task, threads }) => `${task} ${threads}`));
  return floors.filter(({ task, threads }) => run.has(`${task} ${threads}`)).map((floor) => judge(rows, floor));
}

/** Whether nothing falls short and nothing that a floor needs is missing. */
export const passed = (verdicts: readonly Verdict[]): boolean => verdicts.every(({ result }) => result === 'met' || result === 'noise');

function judge(rows: readonly Row[], floor: Floor): Verdict {
  const { task, threads, ours, rivals, rivalThreads = threads, least } = floor;
  const find = (contender: string, count: number) => rows.find((row) => row.task === task && row.contender === contender && row.threads === count);
  const own = find(ours, threads);
  if (own?.status !== 'measured') return { floor, result: 'missing', reason: `${ours}: ${own?.note ?? 'not asked'}` };
  const others = rivals.map((name) => find(name, rivalThreads)).filter((row) => row?.status === 'measured') as readonly Row[];
  const other = others.toSorted((a, b) => a.best! - b.best!)[0];
  if (other === undefined) return { floor, result: 'missing', reason: rivals.map((name) => `${name}: ${find(name, rivalThreads)?.note ?? 'not asked'}`).join('; ') };
  const ratio = other.best! / own.best!;
  return { floor, rival: other.contender, ratio, result: ratio >= least ? 'met' : ratio >= least * (1 - noise) ? 'noise' : 'short' };
}
