import { expect, test } from 'vitest';

import { type Entries, rootMeanSquareError, splitEntries } from './holdout.ts';

function entriesOf(count: number): Entries {
  const k = Array.from({ length: count }, (_, i) => i);
  return { rows: count, cols: 1, row: Int32Array.from(k), col: new Int32Array(count), values: Float64Array.from(k), weights: Float64Array.from(k, (i) => i + 1) };
}

test('every entry is on one side, with its weight', () => {
  const { training, held } = splitEntries(entriesOf(1000), 0.3, 7)!;
  expect([...training.values, ...held.values].sort((a, b) => a - b)).toEqual(Array.from(entriesOf(1000).values));
  expect(Array.from(held.weights!)).toEqual(Array.from(held.values, (value) => value + 1));
  expect(Array.from(held.row)).toEqual(Array.from(held.values));
  // 300 are expected; five standard deviations are 72.
  expect(Math.abs(held.values.length - 300)).toBeLessThan(72);
});

test('the split depends on the seed, and whether an entry is held back on its place alone', () => {
  const held = (count: number, seed: number) => Array.from(splitEntries(entriesOf(count), 0.3, seed)!.held.values);
  expect(held(500, 1)).toEqual(held(500, 1));
  expect(held(500, 1)).not.toEqual(held(500, 2));
  expect(held(500, 1)).toEqual(held(1000, 1).filter((value) => value < 500));
});

test('nothing is held back where nothing would be, or where nothing would be left', () => {
  expect(splitEntries(entriesOf(10), 0, 0)).toBeUndefined();
  for (let seed = 0; seed < 20; seed++) expect(splitEntries(entriesOf(1), 0.5, seed)).toBeUndefined();
});

test('the error is the root of the mean square', () => {
  expect(rootMeanSquareError(Float64Array.of(1, 2), Float64Array.of(4, 6))).toBeCloseTo(Math.sqrt(12.5), 14);
});
