import { errorCode } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { matrixCompletion } from './completion.ts';
import { generateRatings } from './ratings.ts';

describe('ratings', () => {
  const ratings = generateRatings({}, 0);
  const counts = (index: Int32Array, size: number): number[] => {
    const out = new Array<number>(size).fill(0);
    for (const k of index) out[k]!++;
    return out.sort((a, b) => b - a);
  };

  it('are 100 000 whole numbers from 1 to 5 in distinct cells of 943 x 1682, each number used', () => {
    expect([ratings.rows, ratings.cols, ratings.values.length]).toEqual([943, 1682, 100_000]);
    expect([...new Set(ratings.values)].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(ratings.row.map((i, e) => i * 1682 + ratings.col[e]!)).size).toBe(100_000);
  });

  it('come from few rows and columns in large part', () => {
    const ofRows = counts(ratings.row, 943);
    const ofCols = counts(ratings.col, 1682);
    expect(ofRows[0]! / ofRows[471]!).toBeGreaterThan(4);
    expect(ofCols[0]! / ofCols[841]!).toBeGreaterThan(12);
    expect(ofCols.slice(0, 168).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(40_000);
  });

  it('are the same for the same seed, and others for another', () => {
    const small = { rows: 30, cols: 20, observations: 200, rank: 2 };
    expect(generateRatings(small, 4)).toEqual(generateRatings(small, 4));
    expect(generateRatings(small, 4)).not.toEqual(generateRatings(small, 5));
  });

  it('are matrices that completion takes', () => {
    expect(matrixCompletion({ entries: ratings, rank: 10, center: 'bias' }).offsets.global).toBeCloseTo(3.47, 1);
  });

  it.each([
    [{ rows: 4, cols: 4, rank: 2, observations: 9 }, 'LOWLAND_E_OPTIONS'],
    [{ rows: 4, cols: 4, rank: 2, observations: 0 }, 'LOWLAND_E_OPTIONS'],
    [{ rows: 4, cols: 4, rank: 5, observations: 4 }, 'LOWLAND_E_RANK'],
    [{ rows: 4, cols: 4, rank: 2, observations: 4, noise: -1 }, 'LOWLAND_E_OPTIONS'],
  ])('refuse %j', (options, code) => {
    let caught: unknown;
    try {
      generateRatings(options, 0);
    } catch (error) {
      caught = error;
    }
    expect(errorCode(caught)).toBe(code);
  });
});
