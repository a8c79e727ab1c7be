import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { inertia } from './inertia.ts';
import { diagonal, identity, matrix, matrixFromRows } from './matrix.ts';
import { withSpectrum, normal } from '../test/fixtures.ts';

describe('inertia', () => {
  it('counts exact small cases', () => {
    expect(inertia(diagonal([3, -1, 0]))).toMatchObject({ negative: 1, zero: 1, positive: 1 });
    expect(inertia(matrixFromRows([[0, 9], [1, 0]]))).toMatchObject({ negative: 1, zero: 0, positive: 1 });
    expect(inertia(diagonal([1, 2, 3]), 2)).toMatchObject({ negative: 1, zero: 1, positive: 1 });
    expect(inertia(matrix(3, 3))).toMatchObject({ negative: 0, zero: 3, positive: 0 });
    expect(inertia(identity(4))).toMatchObject({ negative: 0, zero: 0, positive: 4 });
    expect(inertia(matrix(0, 0))).toMatchObject({ negative: 0, zero: 0, positive: 0 });
    expect(() => inertia(diagonal([Number.NaN]))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
  });

  it('is right for every eigenvalue outside its radius, which is small', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }).map(normal), fc.constantFrom(-1, -1e-6, 0, 1e-6, 1)), { minLength: 1, maxLength: 50 }),
        fc.constantFrom(0, 0.3, -1e-7), fc.constantFrom(1, 1e-120, 1e120), fc.nat(),
        (values, shift, size, seed) => {
          const a = withSpectrum(values.map((v) => v * size), seed);
          const found = inertia(a, shift * size);
          const radius = found.radius + 1e-13 * size;
          expect(found.negative + found.zero + found.positive).toBe(values.length);
          expect(found.negative + found.zero).toBeGreaterThanOrEqual(values.filter((v) => (v - shift) * size < -radius).length);
          expect(found.positive + found.zero).toBeGreaterThanOrEqual(values.filter((v) => (v - shift) * size > radius).length);
          expect(found.negative).toBeLessThanOrEqual(values.filter((v) => (v - shift) * size < radius).length);
          expect(found.radius).toBeLessThanOrEqual(1e-10 * size);
        },
      ),
      { numRuns: runs(500), seed: 16 },
    );
  });

  it('needs its 2 × 2 pivots', () => {
    // Zero diagonal: ± pairs.
    const n = 41;
    const path = matrix(n, n);
    for (let i = 0; i + 1 < n; i++) path.data[(i + 1) * n + i] = 1;
    expect(inertia(path)).toMatchObject({ negative: 20, zero: 1, positive: 20 });
  });
});
