/**
 * Threads that call the library side by side, each call on one thread: for work whose pieces are too small for the library's own.
 *
 * As in the pool of linalg, jobs stand on a list, the calling thread takes them like any other, and waits for jobs that were taken, never
 * for workers: those asleep, or not there yet, cost it nothing but a notification. Workers reach the memory of the process by addresses, so
 * that nothing is shared or copied beforehand.
 */
import process from 'node:process';
import { Worker } from 'node:worker_threads';

import { LowlandError } from '@lowland/core';

import type { Signature } from '../cblas.ts';
import type { Library } from '../library.ts';
import { decorations, koffiPath, loadKoffi } from '../native.ts';
import { board, counters, rowLength } from './board.ts';
import { type Bound, type Native, perform, serve, type Start } from './serve.ts';

/** How often a worker looks before it sleeps, a quarter of a millisecond, and the calling thread before it does. */
const patience = 50_000;
const looksBeforeSleep = 20_000;
/** After so long without progress a worker counts as gone. */
const deadlineMilliseconds = 60_000;

/** The scratch of whoever makes the call. */
export const scratch = 0n;

export class Hands {
  readonly #board = board();
  readonly #native: Native;
  readonly #functions: readonly Bound[];
  readonly #start: Start;
  #scratch = new Uint8Array(0);
  #scratchAddress = 0n;
  #jobs = 0;
  #calls = 0;

  /** Resolves when all workers serve that could be started; until then, and without them, the calling thread does what they would. */
  readonly ready: Promise<void>;

  constructor(library: Library, signatures: readonly Signature[], workers: number) {
    this.#native = loadKoffi();
    this.#functions = signatures.map(({ name, result, parameters }) => ({
      run: library.cblas(name, result, parameters),
      isPointer: parameters.map((type) => type === 'void *'),
      parameters: parameters.map(() => 0),
    }));
    this.#start = { board: this.#board, layout: { counters, rowLength }, koffi: koffiPath(), library: library.path, functions: signatures, decorations, patience };
    this.ready = Promise.all(Array.from({ length: workers }, () => this.#employ())).then(() => undefined);
  }

  /** Jobs that workers did, ever. */
  get helped(): number {
    return Atomics.load(this.#board.words, counters.helped);
  }

  /** Where the numbers lie, until their memory moves. */
  address({ buffer, byteOffset }: ArrayBufferView): bigint {
    // An array that has its buffer asked for is not in the collector's heap, where small ones might move at any time.
    return this.#native.address(buffer) + BigInt(byteOffset);
  }

  #employ(): Promise<void> {
    const source = `const { parentPort, workerData } = require('node:worker_threads');
(${serve.toString()})(workerData, require(workerData.koffi), ${perform.toString()}, () => { parentPort.postMessage('ready'); });`;
    const worker = new Worker(source, { eval: true, workerData: this.#start, execArgv: [] });
    worker.unref();
    return new Promise((resolve) => {
      worker.once('message', () => { resolve(); });
      worker.once('error', (cause) => {
        process.emitWarning(`Lowland computes on fewer threads: one that calls BLAS has ended (${String(cause)}).`);
        resolve();
      });
    });
  }

  /** What follows is one job: calls that are made in their order. `bytes`: scratch that they need. */
  begin(bytes: number): void {
    const { words, starts } = this.#board;
    words[counters.scratch] = this.#jobs === 0 ? bytes : Math.max(bytes, words[counters.scratch]!);
    starts[this.#jobs++] = this.#calls;
  }

  /** Puts a call on the list. Where its result will be. */
  call(f: number, ...parameters: readonly (number | bigint)[]): number {
    const { numbers, pointers } = this.#board;
    const row = rowLength * this.#calls++;
    numbers[row] = f;
    for (let i = 0, at = row + 2; i < parameters.length; i++, at++) {
      const x = parameters[i]!;
      if (typeof x === 'bigint') pointers[at] = x;
      else numbers[at] = x;
    }
    return row + 1;
  }

  /** What a call returned. */
  result(place: number): number {
    return this.#board.numbers[place]!;
  }

  /**
   * Does the jobs on the list, and returns when all are done.
   *
   * @throws LOWLAND_E_THREADS when a worker fails or does not come to an end; what the calls write is undefined then
   */
  join(): void {
    const { words, starts } = this.#board;
    const jobs = this.#jobs;
    starts[jobs] = this.#calls;
    this.#jobs = 0;
    this.#calls = 0;
    if (this.#scratch.length < words[counters.scratch]!) {
      this.#scratch = new Uint8Array(words[counters.scratch]!);
      this.#scratchAddress = this.address(this.#scratch);
    }
    words[counters.jobs] = jobs;
    Atomics.store(words, counters.done, 0);
    Atomics.store(words, counters.open, jobs);
    if (jobs > 1 && Atomics.load(words, counters.asleep) > 0) Atomics.notify(words, counters.open, jobs - 1);
    let expected = jobs;
    try {
      for (let open = jobs; open > 0; open = Atomics.load(words, counters.open)) {
        if (Atomics.compareExchange(words, counters.open, open, open - 1) !== open) continue;
        try {
          perform(this.#board, rowLength, this.#functions, this.#scratchAddress, jobs - open);
        } finally {
          Atomics.add(words, counters.done, 1);
        }
      }
    } catch (cause) {
      // Jobs that nobody has taken stay undone.
      expected -= Atomics.exchange(words, counters.open, 0);
      throw cause;
    } finally {
      this.#wait(expected);
    }
  }

  #wait(jobs: number): void {
    const { words } = this.#board;
    let done = Atomics.load(words, counters.done);
    for (let looks = 0; done !== jobs && looks < looksBeforeSleep; looks++) done = Atomics.load(words, counters.done);
    while (done !== jobs) {
      const before = done;
      const waited = Atomics.wait(words, counters.done, done, deadlineMilliseconds);
      done = Atomics.load(words, counters.done);
      if (waited === 'timed-out' && done === before) throw gone('does not come to an end');
    }
    if (Atomics.load(words, counters.failed) === 1) throw gone('failed');
  }
}

function gone(why: string): LowlandError {
  return new LowlandError('LOWLAND_E_THREADS', `A thread that calls the BLAS library ${why}. Compute with blas({ threads: 1 }) in a new process.`);
}
