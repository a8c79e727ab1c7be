import { streamKey } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { lanczosSvd } from './lanczos-svd.ts';
import { frobeniusNorm, matrix, scaleColumns, subtract } from './matrix.ts';
import { matrixOperator, multiply } from './multiply.ts';
import { randomizedSvd } from './randomized-svd.ts';
import { thinSvd } from './svd.ts';
import { truncatedSvd } from './truncated-svd.ts';
import { defect, families, filled, gaussian, shapes, withSingularValues } from '../test/fixtures.ts';

const key = streamKey(5, 'svd');

describe('lanczosSvd', () => {
  it('finds leading triples of random matrices, multiplicities included, with true residuals', () => {
    const values = fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, fc.nat({ max: 20 }), fc.nat({ max: 20 }), fc.integer({ min: 1, max: 5 }), fc.nat(), (given, rows, cols, count, seed) => {
        const a = withSingularValues(rows + given.length, cols + given.length, given, seed);
        const { u, s, v, residuals, converged } = lanczosSvd(matrixOperator(a), { key, count });
        expect(converged).toBe(true);
        const sorted = given.toSorted((x, y) => y - x);
        s.forEach((x, i) => expect(Math.abs(x - (sorted[i] ?? 0))).toBeLessThanOrEqual(1e-9));
        const rank = given.filter((x) => x > 1e-6).length;
        expect(s.length).toBeGreaterThanOrEqual(Math.min(count, rank));
        expect(defect(u) + defect(v)).toBeLessThanOrEqual(1e-12);
        const forward = subtract(multiply(a, v), scaleColumns(u, s));
        const back = subtract(multiply(a, u, { transposeA: true }), scaleColumns(v, s));
        // On the side that the space was started from, one identity holds to rounding and the residuals are the other's.
        const [exact, other] = a.rows < a.cols ? [back, forward] : [forward, back];
        expect(frobeniusNorm(exact)).toBeLessThanOrEqual(1e-12);
        expect(Math.abs(frobeniusNorm(other) - Math.hypot(...residuals))).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: runs(300), seed: 8 },
    );
  });

  it.each(Object.entries(families))('agrees with the dense decomposition: %s', (_, entry) => {
    for (const [m, n] of shapes) {
      const a = filled(m, n, entry);
      const size = frobeniusNorm(a) || 1;
      const expected = thinSvd(a).s;
      lanczosSvd(matrixOperator(a), { key, count: 3 }).s.forEach((x, i) => expect(Math.abs(x - expected[i]!) / size).toBeLessThanOrEqual(1e-10));
    }
  });

  it('returns nothing for a zero operator', () => {
    expect(lanczosSvd(matrixOperator(matrix(4, 6)), { key, count: 2 }).s).toHaveLength(0);
  });
});

describe('randomizedSvd', () => {
  it('is exact, up to rounding, when the rank is at most rank + oversampling', () => {
    for (const [rows, cols] of [[40, 25], [25, 40], [3, 2], [1, 9]] as const) {
      const values = [4, 3, 3, 0.1].slice(0, Math.min(rows, cols));
      const a = withSingularValues(rows, cols, values, 3);
      for (const input of [a, matrixOperator(a)]) {
        const { u, s, v } = randomizedSvd(input, 4, { key });
        values.forEach((x, i) => expect(s[i]).toBeCloseTo(x, 12));
        expect(frobeniusNorm(subtract(multiply(scaleColumns(u, s), v, { transposeB: true }), a))).toBeLessThanOrEqual(1e-12);
        expect(defect(u) + defect(v)).toBeLessThanOrEqual(1e-12);
      }
    }
  });

  it('comes close on a slow decay once power iterations are used, and never overshoots', () => {
    const values = Array.from({ length: 60 }, (_, i) => 1 / Math.sqrt(1 + i));
    const a = withSingularValues(150, 80, values, 9);
    const error = (powerIterations: number) => {
      const { s } = randomizedSvd(a, 5, { key, powerIterations });
      s.forEach((x, i) => expect(x).toBeLessThanOrEqual(values[i]! + 1e-13));
      return values[4]! - s[4]!;
    };
    expect(error(4)).toBeLessThan(0.02);
    expect(error(4)).toBeLessThan(error(0));
  });

  it('refuses a rank that is none', () => {
    for (const rank of [0, -1, 1.5]) {
      expect(() => randomizedSvd(matrix(3, 3), rank, { key })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_RANK' }));
      expect(() => truncatedSvd(matrix(3, 3), rank, { key })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_RANK' }));
    }
  });

  it('oversampling and powers from 0 on only', () => {
    for (const options of [{ oversampling: -1 }, { oversampling: 0.5 }, { powerIterations: -1 }, { powerIterations: NaN }]) {
      expect(() => randomizedSvd(matrix(3, 3), 1, { key, ...options })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
    }
    expect(randomizedSvd(matrix(3, 3), 1, { key, oversampling: 0, powerIterations: 0 }).s).toEqual(Float64Array.of(0));
  });
});

describe('truncatedSvd', () => {
  it('gives the best approximation by either way', () => {
    const small = gaussian(30, 20, 4);
    expect(truncatedSvd(small, 3, { key }).s).toEqual(thinSvd(small).s.slice(0, 3));
    const large = withSingularValues(400, 310, [9, 7, 7, 7, 2, 1], 6);
    const { u, s, v, converged } = truncatedSvd(large, 4, { key });
    expect(converged).toBe(true);
    expect(Array.from(s)).toEqual([9, 7, 7, 7].map((x) => expect.closeTo(x, 10) as number));
    const rest = subtract(large, multiply(scaleColumns(u, s), v, { transposeB: true }));
    expect(frobeniusNorm(rest)).toBeCloseTo(Math.sqrt(5), 10);
    expect(truncatedSvd(gaussian(2, 5, 1), 7, { key }).s).toHaveLength(2);
  });
});
