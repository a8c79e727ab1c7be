import { existsSync, readFileSync } from 'node:fs';

import { GrowingFile } from './growing-file.ts';

/** A line of the trace. `round` and `rank` are constant where the rank is. */
export interface TraceRow {
  readonly round: number;
  readonly rank: number;
  readonly iteration: number;
  readonly seconds: number;
  readonly value: number;
  readonly gradientNorm: number;
}

const header = 'round,rank,iteration,seconds,value,gradientNorm';

/** The trace of a run as CSV, appended as the run goes. Numbers are written so that they read back to the same double. */
export class TraceFile {
  readonly #file: GrowingFile;

  /** Starts a new trace, or goes on after the rows of `file` for which `keep` holds. */
  constructor(file: string, keep?: (round: number, iteration: number) => boolean) {
    const kept = keep === undefined || !existsSync(file) ? [] : readRows(file).filter((row) => keep(row.round, row.iteration));
    this.#file = new GrowingFile(file, [header, ...kept.map((row) => row.line)]);
  }

  append(row: TraceRow): void {
    this.#file.append(`${row.round},${row.rank},${row.iteration},${row.seconds},${row.value},${row.gradientNorm}`);
  }

  close(): void {
    this.#file.close();
  }
}

function readRows(file: string): { line: string; round: number; iteration: number }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => ({ line, fields: line.split(',') }))
    .filter(({ fields }) => fields.length === 6)
    .map(({ line, fields }) => ({ line, round: Number(fields[0]), iteration: Number(fields[2]) }));
}
