import { expect, test } from 'vitest';

import { employmentChanges, hideCells, interpolated, scalingOf, standardized } from './employment.ts';

test('the data are the month by month changes of 22 series', () => {
  const { months, series, entries } = employmentChanges();
  expect([months.length, series.length, months[0], months.at(-1)]).toEqual([119, 22, '2006-02', '2015-12']);
  expect(series).not.toContain('nonfarm_change');
  const at = (i: number, name: string) => entries.values[i * 22 + series.indexOf(name)]!;
  // 135762 - 135450, and the parts of the whole add up.
  expect(at(0, 'nonfarm')).toBe(312);
  for (let i = 0; i < 119; i++) expect(at(i, 'private') + at(i, 'government')).toBeCloseTo(at(i, 'nonfarm'), 6);
});

test('the visible part has mean 0 and deviation 1 in each series', () => {
  const { training, held, scaling } = hideCells(employmentChanges(), 0.25, 0);
  const { mean, deviation } = scalingOf(training);
  for (let j = 0; j < 22; j++) {
    expect(mean[j]).toBeCloseTo(0, 10);
    expect(deviation[j]).toBeCloseTo(1, 10);
  }
  expect(training.values.length + held.values.length).toBe(119 * 22);
  const { entries } = employmentChanges();
  const k = held.row[0]! * 22 + held.col[0]!;
  expect(held.values[0]).toBeCloseTo(standardized(entries, scaling).values[k]!, 12);
});

test('interpolation is straight between what is seen, and level outside', () => {
  const seen = { rows: 6, cols: 1, row: Int32Array.of(1, 4), col: Int32Array.of(0, 0), values: Float64Array.of(1, 7) };
  const all = { row: Int32Array.from([0, 1, 2, 3, 4, 5]), col: new Int32Array(6) };
  expect(Array.from(interpolated(seen, all))).toEqual([1, 1, 3, 5, 7, 7]);
});
