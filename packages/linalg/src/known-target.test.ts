import { streamKey } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { largeTargetBound, symmetricTargetBound, targetBound } from './known-target.ts';
import { diagonal, matrix } from './matrix.ts';
import { withSingularValues, withSpectrum, normal } from '../test/fixtures.ts';

const key = streamKey(6, 'target');
const squares = (values: readonly number[]): number => values.reduce((sum, v) => sum + v * v, 0);

describe('symmetricTargetBound', () => {
  it('counts only positive eigenvalues, up to the rank', () => {
    // rigour.md A6: with fewer positive eigenvalues than columns, the negative ones stay.
    const m = diagonal([2, 1, -0.5, -1.5]);
    for (const [rank, expected] of [[1, 0.25 * (1 + 0.25 + 2.25)], [2, 0.625], [3, 0.625], [4, 0.625]] as const) {
      const { bound } = symmetricTargetBound(m, rank);
      expect(bound).toBeLessThanOrEqual(expected);
      expect(bound).toBeCloseTo(expected, 12);
    }
  });

  it('is never above the least value', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }).map(normal), fc.constantFrom(0, 0.5, -0.5)), { minLength: 1, maxLength: 20 }), fc.nat({ max: 22 }), fc.nat(), (values, rank, seed) => {
        const sorted = values.toSorted((a, b) => b - a);
        const truth = squares(sorted.map((v, i) => (i < rank ? Math.min(0, v) : v))) / 4;
        const { bound } = symmetricTargetBound(withSpectrum(values, seed), rank);
        expect(bound).toBeLessThanOrEqual(truth + 1e-15);
        expect(bound).toBeGreaterThanOrEqual(truth - 1e-12);
      }),
      { numRuns: runs(400), seed: 14 },
    );
  });
});

describe('targetBound and largeTargetBound', () => {
  it('are never above the least value; the second proves nothing without a gap', () => {
    const values = fc.oneof(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }).map(normal), { minLength: 1, maxLength: 25 }),
      fc.array(fc.constantFrom(1, 0.999, 0.5, 1e-3, 0), { minLength: 1, maxLength: 25 }),
    );
    fc.assert(
      fc.property(values, fc.nat({ max: 10 }), fc.nat({ max: 10 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (given, rows, cols, rank, seed) => {
        const m = withSingularValues(given.length + rows, given.length + cols, given, seed);
        const truth = squares(given.toSorted((a, b) => b - a).slice(rank)) / 2;
        const dense = targetBound(m, rank).bound;
        expect(dense).toBeLessThanOrEqual(truth + 1e-14);
        expect(dense).toBeGreaterThanOrEqual(truth - 1e-12);
        for (const extra of [0, 3]) {
          const block = largeTargetBound(m, rank, { key, extra });
          if (block === undefined) continue;
          expect(block.bound).toBeLessThanOrEqual(truth + 1e-14);
        }
      }),
      { numRuns: runs(300), seed: 15 },
    );
  });

  it('agree on a large matrix with noise, where a plain randomised SVD overstates', () => {
    const values = [50, 40, 30, 20, 10, ...Array.from({ length: 295 }, (_, i) => 3 * (1 - i / 400))];
    const m = withSingularValues(400, 300, values, 8);
    const truth = squares(values.slice(5)) / 2;
    const block = largeTargetBound(m, 5, { key })!;
    expect(block.rule).toBe('deflated-block');
    expect(block.bound).toBeLessThanOrEqual(truth);
    expect(block.bound).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
  });

  it('is zero for a target that the rank can fit', () => {
    expect(targetBound(withSingularValues(12, 9, [3, 2], 1), 2).bound).toBe(0);
    expect(targetBound(matrix(4, 3), 1).bound).toBe(0);
    expect(symmetricTargetBound(matrix(3, 3), 1).bound).toBe(0);
    expect(largeTargetBound(withSingularValues(250, 260, [3, 2], 1), 2, { key })!.bound).toBeLessThanOrEqual(1e-20);
  });
});
