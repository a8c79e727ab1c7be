import { expect, test } from 'vitest';

import { Gate, idleShare, ticksOf } from './idle.ts';

test('idle and waiting ticks are idle; those of guests are in user time already', () => {
  expect(ticksOf('cpu  10 1 5 100 20 2 3 4 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toEqual({ idle: 120, all: 145 });
});

test('the share is one, where the system says it', async () => {
  const share = (await idleShare()) ?? 0.5;
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});

test('an open gate counts starts and calls none quiet', async () => {
  const gate = new Gate({ open: true });
  await gate.pass();
  expect([gate.starts, gate.quiet]).toEqual([1, 0]);
});
