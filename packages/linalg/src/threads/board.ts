/**
 * What the threads of a pool share besides the arena: some counters, the list of calls to make, and the modules that hold the functions.
 *
 * A call is a row of the table: the number of its function, then its arguments. The function with number f is export f % 64 of module
 * f / 64, in the order of the export section.
 */

/** Places of the counters, as 32-bit words, each on cache lines of its own. */
export const counters = {
  /** Calls that nobody has taken yet; `closing` ends the workers. Taking one is a compare-and-exchange, from the first call to the last. */
  open: 0,
  /** Calls that were made. */
  made: 32,
  /** Workers that sleep until `open` changes. */
  asleep: 64,
  /** 1 once a worker has failed. */
  failed: 96,
  /** Calls on the list; written before `open`. */
  calls: 128,
} as const;
export const closing = -1;

/** Numbers in a row of the table: the function and up to 31 arguments. */
export const rowLength = 32;
/** Calls that fit on the list. */
export const capacity = 1024;
export const functionsPerModule = 64;
/** Modules that the workers may learn of. */
export const mostModules = 4096;
const errorUnits = 512;

const countersBytes = 1024;
const tableAt = countersBytes;
const modulesAt = tableAt + 8 * rowLength * capacity;
const errorAt = modulesAt + 8 * 2 * mostModules;

/** One shared block, seen as what it holds. */
export interface Board {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly table: Float64Array;
  /** Address and bytes, in the arena, of each module. */
  readonly modules: Float64Array;
  /** Length and UTF-16 code units of what the first worker that failed says. */
  readonly error: Uint16Array;
}

export function board(): Board {
  const buffer = new SharedArrayBuffer(errorAt + 2 * errorUnits);
  return {
    buffer,
    words: new Int32Array(buffer, 0, countersBytes / 4),
    table: new Float64Array(buffer, tableAt, rowLength * capacity),
    modules: new Float64Array(buffer, modulesAt, 2 * mostModules),
    error: new Uint16Array(buffer, errorAt, errorUnits),
  };
}
