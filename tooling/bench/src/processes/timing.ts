/** Timing in one process. */

/** What is timed: `run(n)` does the work n times. */
export interface Timed {
  run(times: number): void | Promise<void>;
}

/** A batch takes at least this long unless told otherwise, so that the clock and the calls around it don't count. */
const batchSeconds = 0.02;

/** Seconds after which one work is enough, and after which it is a batch without being tried. */
const slow = 2;
const long = 0.5;

/** Something timed, and the seconds of its first work, which warmed it up. */
export interface Warm {
  readonly timed: Timed;
  readonly first: number;
}

export const warmUp = async (timed: Timed): Promise<Warm> => ({ timed, first: await secondsOf(timed, 1) });

/**
 * Seconds of one work, batch by batch, of each contender: interleaved, so that a slow moment of the machine falls on all alike.
 *
 * A contender stops when its batches took `seconds` together. A first work of some seconds is the measurement: who is that slow needs no
 * second one.
 *
 * @param least Seconds of a batch: short ones find the moments at which a busy machine does nothing else.
 */
export async function timeInterleaved(contenders: readonly Warm[], seconds: number, least = batchSeconds): Promise<readonly (readonly number[])[]> {
  const lanes: { timed: Timed; batch: number; total: number; samples: number[] }[] = [];
  for (const { timed, first } of contenders) {
    if (first > Math.max(seconds, slow)) {
      lanes.push({ timed, batch: 1, total: first, samples: [first] });
      continue;
    }
    // Compilers make the second work much faster than the first where it is short.
    const expected = first > long ? first : await secondsOf(timed, 1);
    lanes.push({ timed, batch: Math.max(1, Math.ceil(least / Math.max(expected, 1e-7))), total: 0, samples: [] });
  }
  for (;;) {
    const running = lanes.filter(({ total }) => total < seconds);
    if (running.length === 0) return lanes.map(({ samples }) => samples);
    for (const lane of running) {
      const taken = await secondsOf(lane.timed, lane.batch);
      lane.total += taken;
      lane.samples.push(taken / lane.batch);
    }
  }
}

async function secondsOf(timed: Timed, times: number): Promise<number> {
  const begin = performance.now();
  const pending = timed.run(times);
  if (pending !== undefined) await pending;
  return (performance.now() - begin) / 1000;
}
