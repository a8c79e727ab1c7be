import { existsSync, readFileSync } from 'node:fs';

import type { Observation } from '@lowland/core';

/** What the trackers said at an iteration. */
export interface TrackedRow {
  /** Of runs over several ranks, where trackers start anew in each round; else left out. */
  readonly round?: number;
  readonly iteration: number;
  readonly tracked: NonNullable<Observation['tracked']>;
}

/** One JSON document a line. */
export const trackedLine = (row: TrackedRow): string => JSON.stringify(row);
export const trackedLines = (rows: readonly TrackedRow[]): string => rows.map((row) => `${trackedLine(row)}\n`).join('');

/** The rows of an earlier run up to where its checkpoint was taken. The last line of one that was cut short may be half. */
export function readTracked(file: string, { round, iteration }: { readonly round: number; readonly iteration: number }): TrackedRow[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TrackedRow)
    .filter((row) => (row.round ?? 0) < round || ((row.round ?? 0) === round && row.iteration <= iteration));
}
