import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cholesky, solveCholesky } from './cholesky.ts';
import { identity, matrix, matrixFromRows } from './matrix.ts';
import { gram, multiply } from './multiply.ts';
import { epsilon, gaussian, withSpectrum } from '../test/fixtures.ts';

describe('cholesky', () => {
  it('factors a small matrix exactly', () => {
    expect(cholesky(matrixFromRows([[4, 99], [2, 10]]))).toEqual(matrixFromRows([[2, 0], [1, 3]]));
    expect(cholesky(matrix(2, 2), 9)).toEqual(matrixFromRows([[3, 0], [0, 3]]));
    expect(cholesky(matrix(0, 0))).toEqual(matrix(0, 0));
  });

  it('has |A − LLᵀ| within (n+3)·ε·|L||Lᵀ|, and solves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 140 }), fc.nat(), (n, seed) => {
        const a = gram(gaussian(n + 5, n, seed));
        const l = cholesky(a)!;
        const back = multiply(l, l, { transposeB: true });
        const size = matrix(n, n, l.data.map(Math.abs));
        const bound = multiply(size, size, { transposeB: true });
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const at = i * n + j;
            if (j > i) expect(l.data[at]).toBe(0);
            expect(Math.abs(back.data[at]! - a.data[at]!)).toBeLessThanOrEqual(2 * (n + 3) * epsilon * bound.data[at]!);
          }
        }
      }),
      { numRuns: runs(60), seed: 2 },
    );
    const a = withSpectrum([5, 4, 3, 2, 1], 3);
    const x = multiply(a, solveCholesky(cholesky(a)!, identity(5)));
    x.data.forEach((v, k) => expect(v).toBeCloseTo(k % 6 === 0 ? 1 : 0, 13));
  });

  it('says no to what is not positive definite', () => {
    expect(cholesky(matrixFromRows([[1, 0], [2, 1]]))).toBeUndefined();
    expect(cholesky(matrix(3, 3))).toBeUndefined();
    expect(cholesky(matrixFromRows([[Number.NaN]]))).toBeUndefined();
    expect(cholesky(matrixFromRows([[Infinity]]))).toBeUndefined();
    const spectrum = Array.from({ length: 80 }, (_, i) => (i === 79 ? -1e-6 : 1));
    expect(cholesky(withSpectrum(spectrum, 4))).toBeUndefined();
    expect(cholesky(withSpectrum(spectrum, 4), 2e-6)).toBeDefined();
    expect(() => cholesky(matrix(2, 3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => solveCholesky(identity(2), matrix(3, 1))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });
});
