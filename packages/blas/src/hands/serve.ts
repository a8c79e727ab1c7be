import type { Signature } from '../cblas.ts';
import type { Board, counters, rowLength } from './board.ts';

/** A function that calls of the list name by its number, with room for its arguments. */
export interface Bound {
  readonly run: (...parameters: unknown[]) => unknown;
  readonly isPointer: readonly boolean[];
  readonly parameters: unknown[];
}

/** What a worker starts with. */
export interface Start {
  readonly board: Board;
  readonly layout: { readonly counters: typeof counters; readonly rowLength: typeof rowLength };
  /** Where koffi and the library are. */
  readonly koffi: string;
  readonly library: string;
  readonly functions: readonly Signature[];
  /** What may stand before and after their names. */
  readonly decorations: readonly (readonly [before: string, after: string])[];
  /** How often it looks for jobs before it sleeps. */
  readonly patience: number;
}

/** Makes the calls of one job, in their order. Runs in workers as source text, like `serve`. */
export function perform({ starts, numbers, pointers }: Board, rowLength: number, functions: readonly Bound[], scratch: bigint, job: number): void {
  const end = rowLength * starts[job + 1]!;
  for (let row = rowLength * starts[job]!; row < end; row += rowLength) {
    const { run, isPointer, parameters } = functions[numbers[row]!]!;
    for (let i = 0, at = row + 2; i < parameters.length; i++, at++) parameters[i] = isPointer[i]! ? pointers[at]! || scratch : numbers[at]!;
    const result = run(...parameters);
    if (typeof result === 'number') numbers[row + 1] = result;
  }
}

/** What is used of koffi. */
export interface Native {
  load(path: string): { func(name: string, result: string, parameters: string[]): Bound['run'] };
  address(x: ArrayBufferView | ArrayBufferLike): bigint;
}

/**
 * The whole life of a worker: take a job, do it, for ever. It keeps no process alive.
 *
 * It runs as source text in another thread, so it reaches nothing but its arguments and globals, and names no inner functions: tools
 * that wrap those would have their helpers missing there.
 */
export function serve({ board, layout, library, functions, decorations, patience }: Start, koffi: Native, work: typeof perform, ready: () => void): void {
  const { words } = board;
  const { counters, rowLength } = layout;
  const bound: Bound[] = [];
  const native = koffi.load(library);
  for (const { name, result, parameters } of functions) {
    let run: Bound['run'] | undefined;
    for (const [before, after] of decorations) {
      if (run !== undefined) break;
      try {
        run = native.func(`${before}${name}${after}`, result, [...parameters]);
      } catch {
        // Not under this name.
      }
    }
    if (run === undefined) throw new Error(`${library} has no ${name}`);
    bound.push({ run, isPointer: parameters.map((type) => type === 'void *'), parameters: parameters.map(() => 0) });
  }
  let scratch = new Uint8Array(0);
  let address = 0n;
  ready();
  for (;;) {
    let open = Atomics.load(words, counters.open);
    for (let looks = 0; open === 0 && looks < patience; looks++) open = Atomics.load(words, counters.open);
    if (open === 0) {
      Atomics.add(words, counters.asleep, 1);
      Atomics.wait(words, counters.open, 0);
      Atomics.sub(words, counters.asleep, 1);
      continue;
    }
    if (Atomics.compareExchange(words, counters.open, open, open - 1) !== open) continue;
    // The list stays as it is until this job is done.
    const jobs = words[counters.jobs]!;
    let failed = false;
    try {
      if (scratch.length < words[counters.scratch]!) {
        scratch = new Uint8Array(words[counters.scratch]!);
        address = koffi.address(scratch);
      }
      work(board, rowLength, bound, address, jobs - open);
    } catch {
      failed = true;
      Atomics.store(words, counters.failed, 1);
    }
    Atomics.add(words, counters.helped, 1);
    Atomics.add(words, counters.done, 1);
    Atomics.notify(words, counters.done);
    if (failed) return;
  }
}
