import { closeSync, openSync, writeSync } from 'node:fs';

import { writeAtomically } from '../data/index.ts';

/** Seconds that a line may wait in memory. */
const patience = 0.5;

/**
 * A file to which lines are appended as a run goes.
 *
 * A step is synchronous, so no timer can flush while one runs: a line is written at once when the next one may come
 * too late, judged by the time since the one before.
 */
export class GrowingFile {
  readonly #file: number;
  #pending = '';
  #flushed = performance.now() / 1000;
  #previous = this.#flushed;

  /** Starts with `lines`, in place of what was there. */
  constructor(path: string, lines: readonly string[]) {
    writeAtomically(path, lines.map((line) => `${line}\n`).join(''));
    this.#file = openSync(path, 'a');
  }

  append(line: string): void {
    this.#pending += `${line}\n`;
    const now = performance.now() / 1000;
    const interval = now - this.#previous;
    this.#previous = now;
    if (now - this.#flushed + interval >= patience) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#pending !== '') writeSync(this.#file, this.#pending);
    this.#pending = '';
    this.#flushed = performance.now() / 1000;
  }
}
