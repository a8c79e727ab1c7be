import { streamKey } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { add, columns, matrix, type Matrix } from './matrix.ts';
import { gram, matrixOperator, multiply } from './multiply.ts';
import { inertiaNormBound, normUpperBound } from './norm-bound.ts';
import { lanczosEpsilon, lanczosSteps } from './randomised-lanczos.ts';
import { sparseEntries, sparseGram } from './sparse.ts';
import { thinSvd } from './svd.ts';
import { families, filled, gaussian, normal, shapes, withSingularValues } from '../test/fixtures.ts';

const key = streamKey(3, 'norm');

const denseGram = (a: Matrix) => (): Matrix => (a.rows <= a.cols ? multiply(a, a, { transposeB: true }) : gram(a));

/** Spectra that tempt a Ritz value: multiple, clustered, graded and flat tops. */
const spectra = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 30 })).map(([r, rest]) => [...new Array<number>(r).fill(1), ...Array.from({ length: rest }, (_, i) => 0.99 * 0.9 ** i)]),
  fc.array(fc.constantFrom(1, 1 - 1e-12, 1 - 1e-9, 1 - 1e-6, 1 - 1e-3, 0.5, 1e-8, 0), { minLength: 1, maxLength: 40 }),
  fc.integer({ min: 1, max: 40 }).map((n) => Array.from({ length: n }, (_, i) => 10 ** (-i / 2))),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }).map(normal), { minLength: 1, maxLength: 40 }),
);

/** Leading singular subspaces, turned away by a small error. */
function bases(a: Matrix, count: number, error: number, seed: number) {
  const { u, v } = thinSvd(a);
  const d = Math.min(count, u.cols);
  const turn = (q: Matrix) => thinSvd(add(columns(q, 0, d), gaussian(q.rows, d, seed), 1, error)).u;
  return { left: turn(u), right: turn(v) };
}

describe('normUpperBound', () => {
  it('is never below the norm, by any rule, and tight by inertia', () => {
    fc.assert(
      fc.property(spectra, fc.nat({ max: 25 }), fc.nat({ max: 25 }), fc.nat(), fc.integer({ min: 1, max: 8 }), fc.constantFrom(0, 1e-12, 1e-7, 1e-3), fc.constantFrom(1, 1e-6, 1e9), (values, rows, cols, seed, d, error, size) => {
        const a = withSingularValues(values.length + rows, values.length + cols, values.map((v) => v * size), seed);
        // What the matrix as stored has: its own dense decomposition is within 20·n·ε.
        const truth = Math.max(...values) * size * (1 - 1e-13);
        const problem = { operator: matrixOperator(a), gram: denseGram(a) };
        const inertia = normUpperBound(problem, { key })!;
        expect(inertia.rule).toBe('inertia');
        expect(inertia.bound).toBeGreaterThanOrEqual(truth);
        expect(inertia.bound).toBeLessThanOrEqual(Math.max(truth * (1 + 2e-8), 1e-150));
        expect(inertia.failureProbability).toBe(0);
        if (truth === 0) return;
        const block = normUpperBound(problem, { key, rule: 'deflated-block', ...bases(a, d, error, seed) })!;
        expect(block.rule).toBe('deflated-block');
        expect(block.bound).toBeGreaterThanOrEqual(truth);
        expect(block.failureProbability).toBeLessThanOrEqual(1e-10);
        const plain = normUpperBound(problem, { key, rule: 'randomised-lanczos' })!;
        expect(plain.bound).toBeGreaterThanOrEqual(truth);
        expect(plain.bound).toBeLessThanOrEqual(truth * (1 + 1e-6)); // the basis is complete
        for (const maxSteps of [3, 10, 25]) {
          for (const rule of ['deflated-block', 'randomised-lanczos'] as const) {
            const early = normUpperBound(problem, { key, rule, maxSteps, ...bases(a, d, error, seed) });
            if (early !== undefined) expect(early.bound).toBeGreaterThanOrEqual(truth);
          }
        }
      }),
      { numRuns: runs(500), seed: 10 },
    );
  });

  it.each(Object.entries(families).filter(([name]) => name !== 'huge' && name !== 'tiny'))('holds on structured matrices: %s', (_, entry) => {
    for (const [m, n] of shapes) {
      const a = filled(m, n, entry);
      const truth = thinSvd(a).s[0]! * (1 - 1e-13);
      const problem = { operator: matrixOperator(a), gram: denseGram(a) };
      for (const rule of ['inertia', 'deflated-block', 'randomised-lanczos'] as const) {
        const proved = normUpperBound(problem, { key, rule, ...bases(a, 2, 0, 1) });
        if (proved !== undefined) expect(proved.bound).toBeGreaterThanOrEqual(truth);
        if (rule === 'inertia' && truth > 1e-130) expect(proved?.bound).toBeLessThanOrEqual(truth * (1 + 2e-8));
      }
    }
  });

  it('says nothing, rather than something false, where squares over- or underflow', () => {
    for (const size of [1e-155, 1e155]) {
      const a = withSingularValues(5, 6, [size, size], 3);
      expect(inertiaNormBound(denseGram(a)(), { terms: 6, key })).toBeUndefined();
    }
    expect(normUpperBound({ operator: matrixOperator(matrix(4, 5)), gram: () => matrix(4, 4) }, { key })!.bound).toBeLessThan(1e-150);
  });

  it('bounds a large sparse residual with a multiple top value: the block rule in a few hundred steps', () => {
    // σ₁ = 1 with multiplicity 8, the rest a dense bulk up to 0.985, as at a nuclear-norm optimum.
    const values = [...new Array<number>(8).fill(1), ...Array.from({ length: 292 }, (_, i) => 0.985 * (1 - i / 350))];
    const a = withSingularValues(300, 400, values, 5);
    const proved = normUpperBound({ operator: matrixOperator(a) }, { key, ...bases(a, 8, 1e-9, 2) })!;
    expect(proved.rule).toBe('deflated-block');
    expect(proved.bound).toBeGreaterThanOrEqual(1 - 1e-13);
    expect(proved.bound).toBeLessThanOrEqual(1 + 1e-7);
    expect(proved.failureProbability).toBeGreaterThan(0);
    const plain = normUpperBound({ operator: matrixOperator(a) }, { key, maxSteps: 100 })!;
    expect(plain.rule).toBe('randomised-lanczos');
    expect(plain.bound).toBeGreaterThan(1.001); // no more than its steps buy
    expect(plain.bound).toBeLessThan(1.02);
  });

  it('proves the norm of a large operator of low rank although its Krylov space ends at once', () => {
    const n = 1500;
    // 4·uuᵀ with u = e₁, and 1 on four more directions: three distinct eigenvalues.
    const apply = (x: Float64Array, out: Float64Array) => x.forEach((v, i) => (out[i] = v * (i === 0 ? 4 : i < 5 ? 1 : 0)));
    const proved = normUpperBound({ operator: { rows: n, cols: n, apply, applyTransposed: apply }, terms: 1 }, { key })!;
    expect(proved.rule).toBe('randomised-lanczos');
    expect(proved.bound).toBeGreaterThanOrEqual(4);
    expect(proved.bound).toBeLessThanOrEqual(4.001);
    expect(proved.failureProbability).toBeGreaterThan(0);
  });

  it('takes sparse Gram matrices', () => {
    const [row, col, values] = [[0, 0, 1, 2, 2], [0, 3, 1, 0, 4], [3, 4, 1, 1, 2]];
    const a = sparseEntries({ rows: 3, cols: 5, row, col, values });
    const proved = normUpperBound({ operator: a, gram: () => sparseGram(a), terms: a.maxRowCount }, { key })!;
    const truth = thinSvd(filled(3, 5, (i, j) => values[row.findIndex((r, e) => r === i && col[e] === j)] ?? 0)).s[0]!;
    expect(proved.bound).toBeGreaterThanOrEqual(truth * (1 - 1e-14));
    expect(proved.bound).toBeLessThanOrEqual(truth * (1 + 2e-9));
  });

  it('does not believe an estimate that is too low, and refuses a basis that is none', () => {
    const a = withSingularValues(30, 30, [2, 1], 1);
    const low = inertiaNormBound(denseGram(a)(), { terms: 30, key, estimate: 1.5 })!;
    expect(low.bound).toBeGreaterThanOrEqual(2 * (1 - 1e-14));
    expect(inertiaNormBound(denseGram(a)(), { terms: 30, key, estimate: 1e-3 })).toBeUndefined();
    const skew = filled(30, 2, () => 1);
    expect(() => normUpperBound({ operator: matrixOperator(a) }, { key, left: skew, right: skew })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_ORTHONORMAL' }));
  });
});

describe('lanczosEpsilon', () => {
  it('gives the numbers of the a-priori bound', () => {
    // rigour.md A1: n = 943, failure 1e-10.
    const steps = [2e-6, 1e-3, 1e-2].map((epsilon) => lanczosSteps(943, epsilon, 1e-10));
    [9528, 426, 135].forEach((expected, i) => expect(Math.abs(steps[i]! - expected)).toBeLessThanOrEqual(1));
    expect(lanczosEpsilon(943, 9528, 1e-10)).toBeCloseTo(2e-6, 9);
    expect(lanczosEpsilon(1, 1, 1e-10)).toBe(0);
  });
});
