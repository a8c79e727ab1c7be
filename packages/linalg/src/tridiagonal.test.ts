import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { frobeniusNorm, scaleColumns, subtract } from './matrix.ts';
import { multiply } from './multiply.ts';
import { tridiagonalEigen } from './tridiagonal.ts';
import { defect, epsilon, filled } from '../test/fixtures.ts';

const entry = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-9, 1e-300, -1, 5e-324));

describe('tridiagonalEigen', () => {
  it('diagonalises with small residual', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, entry), { minLength: 1, maxLength: 80 }), (pairs) => {
        const n = pairs.length;
        const d = Float64Array.from(pairs, ([x]) => x);
        const e = Float64Array.from(pairs, ([, x]) => x);
        const t = filled(n, n, (i, j) => (i === j ? d[i]! : Math.abs(i - j) === 1 ? e[Math.min(i, j)]! : 0));
        const { values, vectors } = tridiagonalEigen(d, e);
        const back = multiply(scaleColumns(vectors, values), vectors, { transposeB: true });
        expect(frobeniusNorm(subtract(back, t))).toBeLessThanOrEqual(20 * n * epsilon * frobeniusNorm(t));
        expect(defect(vectors)).toBeLessThanOrEqual(20 * n * epsilon);
        values.forEach((x, k) => { expect(x).toBeLessThanOrEqual(k === 0 ? Infinity : values[k - 1]!); });
      }),
      { numRuns: runs(500), seed: 6 },
    );
  });

  it('finds the closed form of the second difference', () => {
    for (const n of [1, 2, 25, 26, 51, 300]) {
      const { values } = tridiagonalEigen(new Float64Array(n).fill(2), new Float64Array(n - 1).fill(-1));
      values.forEach((x, k) => { expect(x).toBeCloseTo(2 + 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13); });
    }
    expect(tridiagonalEigen(new Float64Array(0), new Float64Array(0)).values).toHaveLength(0);
  });

  it('stops with a code on what is not finite', () => {
    for (const bad of [Number.NaN, -Infinity]) {
      expect(() => tridiagonalEigen(Float64Array.of(1, bad), Float64Array.of(1))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
      expect(() => tridiagonalEigen(Float64Array.of(1, 1), Float64Array.of(bad))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
    }
  });
});
