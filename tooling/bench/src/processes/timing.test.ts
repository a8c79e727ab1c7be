import { expect, test } from 'vitest';

import { timeInterleaved, warmUp } from './timing.ts';

/** Busy for so many milliseconds a work; writes its name for every batch. */
const busy = (name: string, milliseconds: number, log: string[]) => ({
  run(times: number) {
    log.push(name);
    const end = performance.now() + times * milliseconds;
    while (performance.now() < end);
  },
});

test('samples are seconds of one work, whatever the batch', async () => {
  const [samples] = await timeInterleaved([await warmUp(busy('a', 1, []))], 0.1);
  expect(Math.min(...samples!)).toBeGreaterThanOrEqual(0.001);
  expect(Math.min(...samples!)).toBeLessThan(0.003);
});

test('contenders take turns until each has its time', async () => {
  const log: string[] = [];
  const warm = [await warmUp(busy('a', 25, log)), await warmUp(busy('b', 25, log))];
  const samples = await timeInterleaved(warm, 0.1);
  // Warm-up, calibration, then turn by turn.
  expect(log.slice(0, 8)).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
  expect(samples.every(({ length }) => length >= 1 && length <= 4)).toBe(true);
});

test('a first work of some seconds is the measurement', async () => {
  const log: string[] = [];
  expect(await timeInterleaved([{ timed: busy('a', 1, log), first: 5 }], 0.1)).toEqual([[5]]);
  expect(log).toEqual([]);
});
