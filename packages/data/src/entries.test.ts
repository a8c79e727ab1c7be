import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type RawEntries, settleEntries } from './entries.ts';
import { EntryLines } from './growable.ts';
import { failure } from './testing.ts';

const raw = (cells: readonly (readonly [row: number, col: number, value: number, weight?: number])[]): RawEntries => ({
  file: 'file',
  rows: 6,
  cols: 5,
  row: Int32Array.from(cells, ([row]) => row),
  col: Int32Array.from(cells, ([, col]) => col),
  values: Float64Array.from(cells, ([, , value]) => value),
  ...(cells.some(([, , , weight]) => weight !== undefined) && { weights: Float64Array.from(cells, ([, , , weight]) => weight!) }),
  line: (k) => 10 + k,
  cell: (i, j) => `(${i}, ${j})`,
});

describe('settleEntries', () => {
  it('sorts cells by row, then column, and keeps the last value of each', () => {
    const cells = fc.array(fc.tuple(fc.nat(5), fc.nat(4), fc.integer()), { maxLength: 60 });
    fc.assert(
      fc.property(cells, (given) => {
        const { entries, merged } = settleEntries(raw(given), 'last');
        const last = new Map(given.map(([i, j, value]) => [i * 5 + j, value]));
        const expected = [...last].sort(([a], [b]) => a - b);
        expect(Array.from(entries.row, (i, k) => i * 5 + entries.col[k]!)).toEqual(expected.map(([cell]) => cell));
        expect(Array.from(entries.values)).toEqual(expected.map(([, value]) => value));
        expect(merged).toBe(given.length - last.size);
      }),
      { seed: 5, numRuns: runs(2_000) },
    );
  });

  it('takes the mean of repeated cells, weighted where there are weights', () => {
    const plain = settleEntries(raw([[1, 1, 2], [0, 0, 9], [1, 1, 4]]), 'mean').entries;
    expect([...plain.values]).toEqual([9, 3]);
    const weighted = settleEntries(raw([[1, 1, 2, 1], [1, 1, 6, 3], [2, 0, 7, 5]]), 'mean').entries;
    expect([...weighted.values]).toEqual([5, 7]);
    expect([...weighted.weights!]).toEqual([4, 5]);
  });

  it('refuses repeated cells by default, with both lines and values', async () => {
    const error = await failure(() => settleEntries(raw([[1, 1, 2], [0, 0, 9], [1, 1, 4]]), 'error'));
    expect(error.code).toBe('LOWLAND_E_DATA_DUPLICATE_CELL');
    expect(error.message).toContain('file:12: (1, 1) is given again; line 10 gave 2, this one gives 4');
  });
});

describe('EntryLines', () => {
  it('remembers every line', () => {
    const steps = fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 9 })), { minLength: 1 });
    fc.assert(
      fc.property(steps, (jumps) => {
        let line = 0;
        const given = jumps.map((jump) => (line += jump));
        const lines = new EntryLines();
        given.forEach((l) => lines.push(l));
        expect(given.map((_, k) => lines.lookup()(k))).toEqual(given);
      }),
      { seed: 6, numRuns: runs(1_000) },
    );
  });
});
