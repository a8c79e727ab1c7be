import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { drawn, positionAt, type Series } from './series.ts';

const seriesOf = (values: readonly number[]): Series => ({
  iteration: Float64Array.from(values, (_, k) => 3 * k),
  seconds: Float64Array.from(values, (_, k) => k / 7),
  values: Float64Array.from(values),
});

describe('drawn', () => {
  it('keeps the extremes, the ends and the order of a long run', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 5000 }), fc.integer({ min: 1, max: 50 }), (values, buckets) => {
        const { x, y } = drawn(seriesOf(values), 'iterations', 'linear', buckets);
        expect(Math.min(...(y as number[]))).toBe(Math.min(...values));
        expect(Math.max(...(y as number[]))).toBe(Math.max(...values));
        expect([x[x.length - 1], y[y.length - 1]]).toEqual([3 * (values.length - 1), values.at(-1)]);
        expect(x.every((at, k) => k === 0 || at > x[k - 1]!)).toBe(true);
        expect(x.length).toBeLessThanOrEqual(Math.max(4 * buckets, 2 * buckets + 1));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('leaves gaps where a logarithmic axis has no place, whatever is left out', () => {
    expect(drawn(seriesOf([1, 0, NaN, 1e-8, -2, Infinity]), 'seconds', 'log', 10)).toEqual({ x: [0, 1 / 7, 2 / 7, 3 / 7, 4 / 7, 5 / 7], y: [1, null, null, 1e-8, null, null] });
    const { y } = drawn(seriesOf(Array.from({ length: 999 }, (_, k) => (k === 500 ? NaN : k + 1))), 'iterations', 'log', 10);
    expect(y).toContain(null);
    expect(y).toContain(999);
  });

  it('of nothing is nothing', () => {
    expect(drawn(seriesOf([]), 'iterations', 'log', 10)).toEqual({ x: [], y: [] });
  });
});

it('positionAt finds the last observation not after an iteration', () => {
  const iteration = Float64Array.of(0, 10, 20, 35);
  expect([-1, 0, 9, 10, 34, 35, 99].map((wanted) => positionAt(iteration, wanted))).toEqual([0, 0, 0, 1, 2, 3, 3]);
  expect(positionAt(iteration, null)).toBe(3);
  expect(positionAt(new Float64Array(), 5)).toBeUndefined();
});
