/**
 * The calling thread's side of a pool: it puts calls on a list, takes part in making them, and waits until all are made.
 *
 * Workers that are awake take a call within a microsecond, sleeping ones after some hundred. Nobody waits for a sleeping one: the calling
 * thread makes whatever nobody has taken, so that a list costs it little more than making all calls alone.
 */
import { LowlandError } from '@lowland/core';

import type { Arena } from '../wasm/arena.ts';
import { type Board, capacity, counters, functionsPerModule, mostModules, rowLength } from './board.ts';

/** Exports of a module: functions of numbers. */
type Functions = Readonly<Record<string, (...args: number[]) => number>>;
type Call = (...args: number[]) => number;

/** How often the calling thread looks before it sleeps, and how long it waits for a worker that makes no progress: longer than any call takes. */
const looksBeforeSleep = 20_000;
const sliceMilliseconds = 50;

export interface CrewOptions {
  readonly arena: Arena;
  readonly board: Board;
  /** Flops that are worth a call of their own. */
  readonly grain: number;
  /** Threads besides the calling one. */
  readonly workers: number;
  /** Seconds without progress after which a worker counts as dead. */
  readonly deadline: number;
}

export class Crew {
  readonly grain: number;
  readonly #arena: Arena;
  readonly #board: Board;
  readonly #slices: number;
  /** Every function by its number, and room for its arguments. */
  readonly #functions: { readonly run: Call; readonly args: number[] }[] = [];
  readonly #twins = new Map<Functions, Functions>();
  #modules = 0;
  #calls = 0;
  #workers: number;
  #closed = false;
  #broken: string | undefined;

  constructor({ arena, board, grain, workers, deadline }: CrewOptions) {
    this.#arena = arena;
    this.#board = board;
    this.grain = grain;
    this.#workers = workers;
    this.#slices = Math.ceil((1000 * deadline) / sliceMilliseconds);
  }

  /** Threads that make calls, the calling one included. */
  get threads(): number {
    return this.#workers + 1;
  }

  get state(): 'open' | 'broken' | 'closed' {
    if (this.#broken !== undefined) return 'broken';
    return this.#closed ? 'closed' : 'open';
  }

  /** No workers any more: calls are made by the calling thread alone. */
  close(): void {
    this.#closed = true;
    this.#workers = 0;
  }

  /** A worker is gone: what needs the pool is refused from now on. */
  breakDown(why: string): void {
    if (!this.#closed) this.#broken ??= why;
  }

  /** @throws LOWLAND_E_THREADS once a worker has failed */
  requireWhole(): void {
    if (this.#broken === undefined) return;
    throw new LowlandError('LOWLAND_E_THREADS', `A worker of the pool is gone (${this.#broken}). Dispose the pool and its devices, and open new ones.`, { details: { why: this.#broken } });
  }

  /**
   * The functions of a module that put a call on the list instead of making it. `code`: its bytes, for the workers. Modules beyond the
   * most that they may learn of stay with the calling thread.
   */
  listed(functions: Functions, code: Uint8Array): Functions {
    let twin = this.#twins.get(functions);
    if (twin === undefined) {
      if (this.#modules === mostModules) return functions;
      twin = this.#publish(functions, code);
      this.#twins.set(functions, twin);
    }
    return twin;
  }

  #publish(functions: Functions, code: Uint8Array): Functions {
    const { modules, table } = this.#board;
    const module = this.#modules;
    const at = this.#arena.allocate(code.length);
    new Uint8Array(this.#arena.memory.buffer, at, code.length).set(code);
    modules[2 * module] = at;
    modules[2 * module + 1] = code.length;
    this.#modules++;
    const names = Object.keys(functions);
    return Object.fromEntries(names.map((name, k) => {
      const run = functions[name]!;
      const number = functionsPerModule * module + k;
      this.#functions[number] = { run, args: new Array<number>(run.length).fill(0) };
      return [name, (...args: number[]) => {
        if (this.#calls === capacity) this.join();
        const row = rowLength * this.#calls++;
        table[row] = number;
        for (let i = 0; i < args.length; i++) table[row + 1 + i] = args[i]!;
        return 0;
      }];
    }));
  }

  /**
   * Makes the calls on the list, and returns when all are made.
   *
   * @throws LOWLAND_E_THREADS when a worker fails or does not come to an end; what the calls write is undefined then
   */
  join(): void {
    const calls = this.#calls;
    this.#calls = 0;
    if (calls < 2 || this.#workers === 0) {
      for (let call = 0; call < calls; call++) this.#make(call);
      return;
    }
    this.requireWhole();
    const { words } = this.#board;
    words[counters.calls] = calls;
    Atomics.store(words, counters.made, 0);
    Atomics.store(words, counters.open, calls);
    if (Atomics.load(words, counters.asleep) > 0) Atomics.notify(words, counters.open, calls - 1);
    try {
      for (let open = calls; open > 0; open = Atomics.load(words, counters.open)) {
        if (Atomics.compareExchange(words, counters.open, open, open - 1) !== open) continue;
        try {
          this.#make(calls - open);
        } finally {
          Atomics.add(words, counters.made, 1);
        }
      }
    } finally {
      this.#wait(calls);
    }
  }

  #make(call: number): void {
    const { table } = this.#board;
    const row = rowLength * call;
    const { run, args } = this.#functions[table[row]!]!;
    for (let i = 0; i < args.length; i++) args[i] = table[row + 1 + i]!;
    run(...args);
  }

  /** Until all are made; most of the time the last one ends while this thread looks. */
  #wait(calls: number): void {
    const { words, error } = this.#board;
    let made = Atomics.load(words, counters.made);
    for (let looks = 0; made !== calls && looks < looksBeforeSleep; looks++) made = Atomics.load(words, counters.made);
    for (let slices = 0; made !== calls; slices++) {
      if (slices > this.#slices) {
        this.breakDown('it does not come to an end');
        break;
      }
      Atomics.wait(words, counters.made, made, sliceMilliseconds);
      const now = Atomics.load(words, counters.made);
      if (now !== made) slices = 0;
      made = now;
    }
    if (Atomics.load(words, counters.failed) === 1) this.breakDown(String.fromCharCode(...error.subarray(1, 1 + error[0]!)));
    this.requireWhole();
  }
}
