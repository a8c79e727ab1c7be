import type { Board, counters } from './board.ts';

/** What a worker starts with. */
export interface Start {
  readonly memory: WebAssembly.Memory;
  /** Where this worker's scratch lies in it. */
  readonly scratch: number;
  readonly board: Board;
  readonly layout: { readonly counters: typeof counters; readonly closing: number; readonly rowLength: number; readonly functionsPerModule: number };
  /** How often it looks for calls before it sleeps. */
  readonly patience: number;
}

/**
 * The whole life of a worker: take a call, make it, until the pool closes.
 *
 * It runs as source text in another thread, so it reaches nothing but its arguments and globals, and names no inner functions: tools
 * that wrap those would have their helpers missing there.
 */
export function serve({ memory, scratch, board, layout, patience }: Start, ready: () => void): void {
  const { words, table, modules, error } = board;
  const { counters, closing, rowLength, functionsPerModule } = layout;
  const known: { readonly run: (...args: number[]) => unknown; readonly args: number[] }[][] = [];
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
    if (open === closing) return;
    if (Atomics.compareExchange(words, counters.open, open, open - 1) !== open) continue;
    // The list stays as it is until this call is made.
    const calls = words[counters.calls]!;
    let failed = false;
    try {
      const at = rowLength * (calls - open);
      const module = Math.floor(table[at]! / functionsPerModule);
      let functions = known[module];
      if (functions === undefined) {
        const [start, bytes] = [modules[2 * module]!, modules[2 * module + 1]!];
        // The engine tells threads of growth at the back edges of loops.
        while (memory.buffer.byteLength < start + bytes);
        // Modules are not compiled out of shared memory: a copy.
        const code = new Uint8Array(bytes);
        code.set(new Uint8Array(memory.buffer, start, bytes));
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory, scratch } });
        functions = Object.values(exports as Record<string, (...args: number[]) => unknown>).map((run) => ({ run, args: new Array<number>(run.length).fill(0) }));
        known[module] = functions;
      }
      const { run, args } = functions[table[at]! % functionsPerModule]!;
      for (let i = 0; i < args.length; i++) args[i] = table[at + 1 + i]!;
      run(...args);
    } catch (cause) {
      failed = true;
      if (Atomics.compareExchange(words, counters.failed, 0, 1) === 0) {
        const said = String(cause).slice(0, error.length - 1);
        error[0] = said.length;
        for (let i = 0; i < said.length; i++) error[i + 1] = said.charCodeAt(i);
      }
    }
    if (Atomics.add(words, counters.made, 1) + 1 === calls) Atomics.notify(words, counters.made);
    if (failed) return;
  }
}
