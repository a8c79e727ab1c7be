import { expect, test } from 'vitest';

import { median } from './statistics.ts';

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[10, 9, 2, 1], 5.5],
])('median of %j', (values, expected) => {
  expect(median(values)).toBe(expected);
});
