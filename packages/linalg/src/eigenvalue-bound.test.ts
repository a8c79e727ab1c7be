import { streamKey } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { symmetricEigen } from './eigen.ts';
import { randomisedEigenvalueBound } from './eigenvalue-bound.ts';
import { columns, diagonal, identity, matrix, matrixFromRows, type Matrix } from './matrix.ts';
import { symmetricOperator } from './multiply.ts';
import { provePositiveDefinite } from './proof.ts';
import { filled, randomBasis, withSpectrum, normal } from '../test/fixtures.ts';

const key = streamKey(4, 'eigenvalue');

const spectra = fc.oneof(
  fc.array(fc.constantFrom(-1, -1 + 1e-12, -1 + 1e-6, -1e-9, 0, 1e-9, 0.5, 1), { minLength: 1, maxLength: 40 }),
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }).map(normal), { minLength: 1, maxLength: 40 }),
  fc.integer({ min: 1, max: 40 }).map((n) => Array.from({ length: n }, (_, i) => 10 ** (-i / 2))),
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 25 })).map(([zeros, n]) => [...new Array<number>(zeros).fill(0), ...Array.from({ length: n }, (_, i) => 0.05 + i / n)]),
);

/** The eigenvectors of the smallest eigenvalues. */
const lowest = (a: Matrix, count: number): Matrix => {
  const { vectors } = symmetricEigen(a);
  return columns(vectors, a.cols - Math.min(count, a.cols), a.cols);
};

describe('provePositiveDefinite', () => {
  it('never proves what is false, and proves what is safely true', () => {
    fc.assert(
      fc.property(spectra, fc.constantFrom(1, 1e-100, 1e100), fc.nat(), fc.constantFrom(-1e-3, -1e-13, 0, 1e-12, 1e-3), (values, size, seed, offset) => {
        const a = withSpectrum(values.map((v) => v * size), seed);
        const least = Math.min(...values) * size;
        const shift = -least + offset * size;
        const proved = provePositiveDefinite(a, shift);
        // withSpectrum itself is exact to some n·ε, which decides nothing beyond 1e-13.
        if (offset <= -1e-13) expect(proved).toBe(false);
        if (offset >= 1e-12) expect(proved).toBe(true);
      }),
      { numRuns: runs(600), seed: 11 },
    );
  });

  it('decides exact singular cases against, and empty ones for', () => {
    expect(provePositiveDefinite(matrixFromRows([[1, 0], [1, 1]]))).toBe(false);
    expect(provePositiveDefinite(filled(50, 50, () => 1))).toBe(false);
    expect(provePositiveDefinite(filled(50, 50, () => 1), 1e-10)).toBe(true);
    expect(provePositiveDefinite(matrix(3, 3))).toBe(false);
    expect(provePositiveDefinite(matrix(0, 0))).toBe(true);
    expect(provePositiveDefinite(identity(3))).toBe(true);
    expect(provePositiveDefinite(diagonal([1, Number.NaN]))).toBe(false);
    expect(provePositiveDefinite(matrixFromRows([[1, 0], [Number.NaN, 1]]))).toBe(false);
    expect(provePositiveDefinite(diagonal([1, 5e-324]), 0)).toBe(false);
  });
});

describe('lower bounds of the smallest eigenvalue', () => {
  it('are never above the truth, by any rule', () => {
    fc.assert(
      fc.property(spectra, fc.nat(), fc.integer({ min: 1, max: 6 }), fc.constantFrom(1, 1e8, 1e-8), (values, seed, d, size) => {
        const a = withSpectrum(values.map((v) => v * size), seed);
        const truth = Math.min(...values) * size;
        const scale = Math.max(...values.map(Math.abs)) * size;
        const top = truth + 1e-13 * scale;
        const operator = symmetricOperator(a);
        const full = randomisedEigenvalueBound(operator, { key })!;
        expect(full.bound).toBeLessThanOrEqual(top);
        expect(full.bound).toBeGreaterThanOrEqual(truth - 1e-7 * scale);
        for (const maxSteps of [2, 8, 20, 30]) {
          const plain = randomisedEigenvalueBound(operator, { key, maxSteps });
          if (plain !== undefined) expect(plain.bound).toBeLessThanOrEqual(top);
          const block = randomisedEigenvalueBound(operator, { key, maxSteps, basis: lowest(a, d) });
          if (block !== undefined) expect(block.bound).toBeLessThanOrEqual(top);
          const blind = randomisedEigenvalueBound(operator, { key, maxSteps, basis: randomBasis(a.rows, Math.min(d, a.rows), seed) });
          if (blind !== undefined) expect(blind.bound).toBeLessThanOrEqual(top);
        }
      }),
      { numRuns: runs(500), seed: 12 },
    );
  });

  it('on the complement of a subspace are bounds for the rest of the spectrum', () => {
    fc.assert(
      fc.property(spectra, fc.nat(), fc.integer({ min: 1, max: 6 }), (values, seed, d) => {
        const a = withSpectrum(values, seed);
        const deflate = lowest(a, d);
        const truth = values.toSorted((x, y) => x - y)[deflate.cols] ?? Infinity;
        const scale = Math.max(...values.map(Math.abs));
        const tolerance = 1e-13 * scale;
        const full = randomisedEigenvalueBound(symmetricOperator(a), { key, deflate })!;
        expect(full.bound).toBeLessThanOrEqual(truth + tolerance);
        if (truth < Infinity) expect(full.bound).toBeGreaterThanOrEqual(truth - 1e-7 * scale);
      }),
      { numRuns: runs(300), seed: 13 },
    );
  });

  it('prove a positive gap above a kernel of a large operator with a basis of it', () => {
    const n = 2000;
    const operator = { size: n, apply: (x: Float64Array, out: Float64Array) => x.forEach((v, i) => (out[i] = v * (i < 5 ? 0 : 0.2 + i / n))) };
    const basis = columns(identity(n), 0, 5);
    const block = randomisedEigenvalueBound(operator, { key, basis })!;
    expect(block.rule).toBe('deflated-block');
    expect(block.bound).toBeLessThanOrEqual(0);
    expect(block.bound).toBeGreaterThanOrEqual(-1e-6);
    expect(block.failureProbability).toBeLessThanOrEqual(1e-10);
    const complement = randomisedEigenvalueBound(operator, { key, deflate: basis, target: 0.1 })!;
    expect(complement.bound).toBeGreaterThanOrEqual(0.1);
    expect(complement.bound).toBeLessThanOrEqual(0.2 + 5 / n);
    const plain = randomisedEigenvalueBound(operator, { key, maxSteps: 100 })!;
    expect(plain.bound).toBeLessThan(-1e-3); // 100 steps do not prove more
  });
});
