import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

import { writeAtomically } from '../data/index.ts';

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

/** Seconds that a line may wait in memory. */
const patience = 0.5;

/**
 * The trace of a run as CSV, appended as the run goes. Numbers are written so that they read back to the same double.
 *
 * A step is synchronous, so no timer can flush while one runs: a line is written at once when the next one may come
 * too late, judged by the time since the one before.
 */
export class TraceFile {
  readonly #file: number;
  #pending = '';
  #flushed = performance.now() / 1000;
  #previous = this.#flushed;

  /** Starts a new trace, or goes on after the rows of `file` for which `keep` holds. */
  constructor(file: string, keep?: (round: number, iteration: number) => boolean) {
    const kept = keep === undefined || !existsSync(file) ? [] : readRows(file).filter((row) => keep(row.round, row.iteration));
    writeAtomically(file, [header, ...kept.map((row) => row.line), ''].join('\n'));
    this.#file = openSync(file, 'a');
  }

  append(row: TraceRow): void {
    this.#pending += `${row.round},${row.rank},${row.iteration},${row.seconds},${row.value},${row.gradientNorm}\n`;
    const now = performance.now() / 1000;
    const interval = now - this.#previous;
    this.#previous = now;
    if (now - this.#flushed + interval >= patience) this.flush();
  }

  flush(): void {
    if (this.#pending !== '') writeSync(this.#file, this.#pending);
    this.#pending = '';
    this.#flushed = performance.now() / 1000;
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
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
