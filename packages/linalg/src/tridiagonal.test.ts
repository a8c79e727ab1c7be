import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { frobeniusNorm, identity, matrix, scaleColumns, subtract } from './matrix.ts';
import { multiply } from './multiply.ts';
import { tridiagonalEigen } from './tridiagonal.ts';
import { defect, epsilon, filled } from '../test/fixtures.ts';

const entry = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-9, 1e-300, -1, 5e-324));

describe('tridiagonalEigen', () => {
  it('diagonalises with small residual, and gives the last entries alone', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, entry), { minLength: 1, maxLength: 40 }), (pairs) => {
        const n = pairs.length;
        const d = Float64Array.from(pairs, ([x]) => x);
        const e = Float64Array.from(pairs, ([, x]) => x);
        const t = filled(n, n, (i, j) => (i === j ? d[i]! : Math.abs(i - j) === 1 ? e[Math.min(i, j)]! : 0));
        const [values, z] = [d.slice(), identity(n)];
        tridiagonalEigen(values, e.slice(), z.data, n);
        const back = multiply(scaleColumns(z, values), z, { transposeB: true });
        expect(frobeniusNorm(subtract(back, t))).toBeLessThanOrEqual(20 * n * epsilon * frobeniusNorm(t));
        expect(defect(z)).toBeLessThanOrEqual(20 * n * epsilon);
        const last = matrix(1, n);
        last.data[n - 1] = 1;
        tridiagonalEigen(d.slice(), e.slice(), last.data, 1);
        expect(last.data).toEqual(z.data.slice((n - 1) * n));
      }),
      { numRuns: runs(500), seed: 6 },
    );
  });

  it('finds the closed form of the second difference', () => {
    const n = 50;
    const d = new Float64Array(n).fill(2);
    tridiagonalEigen(d, new Float64Array(n).fill(-1), new Float64Array(0), 0);
    d.sort().forEach((x, k) => expect(x).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13));
  });

  it('stops with a code on what is not finite', () => {
    const run = () => tridiagonalEigen(Float64Array.of(1, Number.NaN), Float64Array.of(1, 0), new Float64Array(0), 0);
    expect(run).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
  });
});
