import { streamKey } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { symmetricEigen } from './eigen.ts';
import { lanczos } from './lanczos.ts';
import { column, diagonal, matrix, type Matrix } from './matrix.ts';
import { multiplyVector, symmetricOperator } from './multiply.ts';
import { norm } from './vector.ts';
import { defect, randomBasis, withSpectrum, normal } from '../test/fixtures.ts';

const key = streamKey(11, 'lanczos');

/** ‖A x − θ x‖, evaluated anew. */
function residual(a: Matrix, x: Float64Array, theta: number): number {
  const y = new Float64Array(a.rows);
  multiplyVector(a, x, y);
  return norm(y.map((v, i) => v - theta * x[i]!));
}

describe('lanczos', () => {
  it('returns orthonormal Ritz pairs whose stated residuals are true, inside the spectrum', () => {
    const spectrum = fc.array(fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }).map(normal), fc.constantFrom(-1, 0, 1)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(spectrum, fc.constantFrom('largest' as const, 'smallest' as const, 'both' as const), fc.integer({ min: 1, max: 4 }), fc.nat({ max: 60 }), fc.nat(), (values, which, count, maxSteps, seed) => {
        const a = withSpectrum(values, seed);
        const found = lanczos(symmetricOperator(a), { key, which, count, maxSteps });
        const size = Math.max(...values.map(Math.abs), 1e-290);
        found.values.forEach((theta, j) => {
          const actual = residual(a, column(found.vectors, j), theta);
          expect(Math.abs(actual - found.residuals[j]!)).toBeLessThanOrEqual(1e-12 * size);
          const nearest = Math.min(...values.map((v) => Math.abs(v - theta)));
          expect(nearest).toBeLessThanOrEqual(found.residuals[j]! + 1e-12 * size);
        });
        const each = Math.min(count, found.steps);
        expect(found.values).toHaveLength(which === 'both' ? 2 * each : each);
        if (which !== 'both') expect(defect(found.vectors)).toBeLessThanOrEqual(1e-12);
        if (found.steps === 0) return;
        expect(found.largest).toBeLessThanOrEqual(Math.max(...values) + 1e-12 * size);
        expect(found.smallest).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12 * size);
        if (maxSteps >= values.length) expect(found.converged).toBe(true);
      }),
      { numRuns: runs(400), seed: 7 },
    );
  });

  it('finds the extremes of a large diagonal operator', () => {
    const n = 3000;
    const operator = { size: n, apply: (x: Float64Array, out: Float64Array) => x.forEach((v, i) => (out[i] = v * (i === 7 ? 3 : i === 9 ? -2 : i / n))) };
    const found = lanczos(operator, { key, which: 'both' });
    expect(Array.from(found.values)).toEqual([expect.closeTo(3, 12), expect.closeTo(-2, 12)]);
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(60);
    expect(Math.abs(found.vectors.data[7 * 2]!)).toBeCloseTo(1, 9);
  });

  it('finds every copy of a multiple eigenvalue with a block of that size, and after a breakdown without', () => {
    const n = 300;
    const operator = { size: n, apply: (x: Float64Array, out: Float64Array) => x.forEach((v, i) => (out[i] = v * (i < 6 ? 5 : i % 3))) };
    expect(Array.from(lanczos(operator, { key, which: 'largest', count: 7 }).values)).toEqual([5, 5, 5, 5, 5, 5, 2].map((v) => expect.closeTo(v, 10) as number));
    const single = lanczos(operator, { key, which: 'largest', count: 3, block: 1 });
    expect(Array.from(single.values)).toEqual([5, 5, 5].map((v) => expect.closeTo(v, 10) as number));
    expect(single.breakdowns.length).toBeGreaterThanOrEqual(2);
    const identityLike = lanczos({ size: 50, apply: (x, out) => out.set(x) }, { key, which: 'smallest', count: 3 });
    expect(Array.from(identityLike.values)).toEqual([1, 1, 1].map((v) => expect.closeTo(v, 12) as number));
  });

  it('leaves deflated directions out on both sides', () => {
    const a = withSpectrum([9, 8, 3, 1, 0, -4, -5], 3);
    const { vectors } = symmetricEigen(a);
    const q = matrix(7, 3);
    for (let i = 0; i < 7; i++) [0, 1, 6].forEach((j, c) => (q.data[i * 3 + c] = vectors.data[i * 7 + j]!));
    const found = lanczos(symmetricOperator(a), { key, which: 'both', deflate: q });
    expect([found.largest, found.smallest, found.steps]).toEqual([expect.closeTo(3, 12), expect.closeTo(-4, 12), 4]);
    expect(found.complete).toBe(true);
    expect(lanczos(symmetricOperator(a), { key, which: 'largest', deflate: randomBasis(7, 7, 1) }).values).toHaveLength(0);
  });

  it.each([1e-300, 1e-200, 1e300])('works on the scale of %d', (size) => {
    const found = lanczos(symmetricOperator(diagonal([3 * size, size, 0, -2 * size])), { key, which: 'both' });
    expect([found.largest, found.smallest].map((x) => Math.abs(x / size))).toEqual([expect.closeTo(3, 9), expect.closeTo(2, 9)]);
    expect(defect(found.vectors)).toBeLessThanOrEqual(1e-12);
  });

  it('takes a start vector and stops when told', () => {
    const a = diagonal([4, 3, 2, 1]);
    const found = lanczos(symmetricOperator(a), { key, which: 'largest', start: Float64Array.of(0, 1, 0, 0), maxSteps: 1 });
    expect(found.values).toEqual(Float64Array.of(3));
    expect(found.breakdowns).toHaveLength(1);
    let looks = 0;
    const stopped = lanczos(symmetricOperator(withSpectrum(Array.from({ length: 90 }, (_, i) => i), 1)), {
      key, which: 'largest', tolerance: -1, until: ({ steps }) => ((looks += 1), steps > 10),
    });
    expect(stopped.steps).toBeLessThan(16);
    expect(looks).toBeGreaterThan(1);
  });

  it('is the same bits for the same key', () => {
    const operator = symmetricOperator(withSpectrum([3, 2, 1, 0.5, 0.2, 0.1], 9));
    const options = { which: 'largest', maxSteps: 3 } as const;
    expect(lanczos(operator, { key, ...options })).toEqual(lanczos(operator, { key, ...options }));
    expect(lanczos(operator, { key: streamKey(12, 'lanczos'), ...options }).values).not.toEqual(lanczos(operator, { key, ...options }).values);
  });

  it('refuses shapes that do not fit and operators that return no numbers', () => {
    const operator = symmetricOperator(diagonal([1, 2]));
    expect(() => lanczos(operator, { key, which: 'largest', start: new Float64Array(3) })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => lanczos(operator, { key, which: 'largest', deflate: matrix(3, 1) })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    const broken = { size: 3, apply: (_: Float64Array, out: Float64Array) => out.fill(Number.NaN) };
    expect(() => lanczos(broken, { key, which: 'largest' })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
  });
});
