import { expect, it } from 'vitest';

import { advances } from './advance.ts';

it('foretells a stage by its own rate, when there is one', () => {
  let clock = 100;
  const advance = advances(() => clock);
  expect(advance({ name: 'starts', done: 0, of: 50 })).toEqual({ name: 'starts', done: 0, of: 50, seconds: 0, left: null });
  clock = 100.4;
  expect(advance({ name: 'starts', done: 4, of: 50 }).left).toBe(null);
  clock = 102;
  expect(advance({ name: 'starts', done: 10, of: 50 }).left).toBe(8);
  clock = 110;
  expect(advance({ name: 'saddles', done: 3, of: 9 })).toMatchObject({ seconds: 0, left: null });
  clock = 112;
  expect(advance({ name: 'saddles', done: 5, of: 9 }).left).toBe(4);
});
