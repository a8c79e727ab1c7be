/**
 * What threads that call the library share: a list of calls, the jobs that the list is cut into, and some counters.
 *
 * A call is a row: the number of its function, room for its result, its arguments. Pointers are addresses in the process, 0 for the
 * scratch of whoever makes the call.
 */

/** Places of the counters, as 32-bit words, each on cache lines of its own. */
export const counters = {
  /** Jobs that nobody has taken yet. Taking one is a compare-and-exchange, from the first job to the last. */
  open: 0,
  /** Jobs that were done. */
  done: 32,
  /** Workers that sleep until `open` changes. */
  asleep: 64,
  /** 1 once a worker has failed. */
  failed: 96,
  /** Jobs on the list, bytes of scratch that its calls need; written before `open`. */
  jobs: 128,
  scratch: 129,
  /** Jobs that workers did, ever. */
  helped: 160,
} as const;

/** Numbers in a row: function, result and up to 14 arguments. */
export const rowLength = 16;
/** Calls and jobs on a list, at most. */
export const mostCalls = 2 ** 15;
export const mostJobs = 64;

const countersBytes = 1024;
const startsAt = countersBytes;
const rowsAt = startsAt + 512;

/** One shared block, seen as what it holds. */
export interface Board {
  readonly words: Int32Array;
  /** The first row of each job, and where the last one ends. */
  readonly starts: Int32Array;
  /** The rows, by number type. */
  readonly numbers: Float64Array;
  readonly pointers: BigUint64Array;
}

export function board(): Board {
  const buffer = new SharedArrayBuffer(rowsAt + 8 * rowLength * mostCalls);
  return {
    words: new Int32Array(buffer, 0, countersBytes / 4),
    starts: new Int32Array(buffer, startsAt, mostJobs + 1),
    numbers: new Float64Array(buffer, rowsAt),
    pointers: new BigUint64Array(buffer, rowsAt),
  };
}
