import { createPoint, type Objective, type Point } from '@lowland/core';
import { cpu, matrix, scaleColumns, type Matrix } from '@lowland/linalg';
import { betaFamily, matrixCompletion, matrixFactorization, matrixSensing, ring, symmetricFactorization, symmetricSensing, twistedState } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { gaussian, pick, values, withEigenvalues, withSingularValues } from '../test/orthogonal.ts';
import { certifyPoint } from './certify.ts';
import { pointOf, withColumns } from './factored.ts';

const backend = cpu();
const asymmetric = { pairs: [['U', 'V']] } as const;
const symmetric = { pairs: [['X', 'X']] } as const;

/** (U√s, V√s) over the columns named, filled up with zero columns. */
function balanced(objective: Objective<never>, u: Matrix, v: Matrix, s: readonly number[], which: readonly number[], rank: number): Point {
  const roots = which.map((k) => Math.sqrt(s[k]!));
  const left = withColumns(scaleColumns(pick(u, which), roots), rank);
  const right = withColumns(scaleColumns(pick(v, which), roots), rank);
  return pointOf(objective.layout, asymmetric, { symmetric: false, left, right });
}

function squared(objective: Objective<never>, q: Matrix, s: readonly number[], which: readonly number[], rank: number): Point {
  const left = withColumns(scaleColumns(pick(q, which), which.map((k) => Math.sqrt(s[k]!))), rank);
  return pointOf(objective.layout, symmetric, { symmetric: true, left, right: left });
}

describe('nuclear-norm: golden 15, σ = (4, 2.5, 1.5, .7), penalty 1', () => {
  const s = [4, 2.5, 1.5, 0.7];
  const { m, u, v } = withSingularValues(6, 5, s, 11);
  const objective = matrixFactorization({ target: values(m), rank: 3, lambda: 1 });
  const shrunk = s.map((value) => Math.max(0, value - 1));

  it.each([
    [[], 12.495],
    [[0], 7.995],
    [[0, 1], 6.87],
  ])('does not certify the stationary point %j, and its gap covers the distance to the optimum', async (which, expected) => {
    const certificate = await certifyPoint(objective, balanced(objective, u, v, shrunk, which, 3), { backend });
    expect(certificate.value).toBeCloseTo(expected, 12);
    expect(certificate.kind).toBe('not-certified');
    expect(certificate.gap).toBeGreaterThanOrEqual(certificate.value - 6.745 - 1e-13);
    expect(certificate.reason).toMatch(/above the tolerance/);
  });

  it('certifies the minimum 6.745, where |G| equals the penalty with multiplicity 3', async () => {
    const certificate = await certifyPoint(objective, balanced(objective, u, v, shrunk, [0, 1, 2], 3), { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'nuclear-norm', rank: 3, reason: null, failureProbability: 0 });
    expect(certificate.value).toBeCloseTo(6.745, 12);
    expect(certificate.lowerBound).toBeLessThanOrEqual(6.745 + 1e-13);
    expect(certificate.gap).toBeLessThan(1e-7);
    expect(certificate.normBound).toMatchObject({ rule: 'inertia' });
    expect(certificate.normBound?.value).toBeCloseTo(1, 8);
    expect(certificate.problem).toContain('1 |X|_* over all real 6 × 5 matrices X');
  });

  it('certifies it with more columns than its rank, unbalanced by a rotation or not', async () => {
    const wide = matrixFactorization({ target: values(m), rank: 5, lambda: 1 });
    const certificate = await certifyPoint(wide, balanced(wide, u, v, shrunk, [0, 1, 2], 5), { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rank: 3 });
  });

  it('has a gap of the first power of a perturbation, always above the true one', async () => {
    const best = balanced(objective, u, v, shrunk, [0, 1, 2], 3);
    for (const size of [1e-12, 1e-9, 1e-6, 1e-3, 1]) {
      const noise = gaussian(best.data.length, 1, 5).data;
      const point = createPoint(best.layout, best.data.map((x, i) => x + size * noise[i]!));
      const { gap, kind, value } = await certifyPoint(objective, point, { backend });
      expect(gap).toBeGreaterThanOrEqual(value - 6.745 - 1e-13);
      if (size <= 1e-9) expect(kind).toBe('global-minimum');
      if (size >= 1e-3) expect(kind).toBe('not-certified');
    }
  });

  it('counts a balancing term as part of the value', async () => {
    const bare = matrixFactorization({ target: values(m), rank: 3, lambda: 1, balance: 0 });
    const point = balanced(bare, u, v, shrunk, [0, 1, 2], 3);
    const tilted = createPoint(point.layout, point.data.map((x, i) => (i < 18 ? x * 1.5 : x / 1.5)));
    const heavy = await certifyPoint(matrixFactorization({ target: values(m), rank: 3, lambda: 1, balance: 2 }), tilted, { backend });
    const light = await certifyPoint(bare, tilted, { backend });
    expect(heavy.gap! - light.gap!).toBeCloseTo(heavy.value - light.value, 9);
  });
});

describe('psd-trace', () => {
  const eigenvalues = [5, 3, 2, 1, -0.5, -1.5];
  const { m, q } = withEigenvalues(eigenvalues, 12);

  it('certifies the shrunk eigenvalues and no other stationary point', async () => {
    const objective = symmetricFactorization({ target: values(m), rank: 4, lambda: 1.5 });
    const shrunk = eigenvalues.map((value) => Math.max(0, value - 1.5));
    const least = 0.25 * eigenvalues.reduce((sum, value, i) => sum + (value - shrunk[i]!) ** 2, 0) + 0.75 * shrunk.reduce((a, b) => a + b, 0);
    const best = await certifyPoint(objective, squared(objective, q, shrunk, [0, 1, 2], 4), { backend });
    expect(best).toMatchObject({ kind: 'global-minimum', rule: 'psd-trace', rank: 3 });
    expect(best.value).toBeCloseTo(least, 12);
    for (const which of [[], [0], [0, 1], [0, 2], [1, 2]]) {
      const { kind, gap, value } = await certifyPoint(objective, squared(objective, q, shrunk, which, 4), { backend });
      expect(kind).toBe('not-certified');
      expect(gap).toBeGreaterThanOrEqual(value - least - 1e-13);
    }
  });
});

describe('known-target', () => {
  const { m, q } = withEigenvalues([5, 3, 2, 1, -0.5, -1.5], 13);
  const eigenvalues = [5, 3, 2, 1, 0, 0];

  it.each([
    [3, 0.875],
    [4, 0.625],
    [5, 0.625],
    [6, 0.625],
  ])('symmetric, golden 1 with %i columns: the least value is %d (rigour.md A6)', async (rank, least) => {
    const objective = symmetricFactorization({ target: values(m), rank });
    const which = [0, 1, 2, 3].slice(0, rank);
    const certificate = await certifyPoint(objective, squared(objective, q, eigenvalues, which, rank), { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'known-target' });
    expect(certificate.lowerBound).toBeCloseTo(least, 10);
    const saddle = await certifyPoint(objective, squared(objective, q, eigenvalues, [0, 1], rank), { backend });
    expect(saddle.kind).toBe('not-certified');
    expect(saddle.gap).toBeCloseTo(saddle.value - least, 10);
  });

  it('asymmetric: half the sum of the squares left out', async () => {
    const s = [4, 2.5, 1.5, 0.7];
    const { m: target, u, v } = withSingularValues(7, 6, s, 14);
    const objective = matrixFactorization({ target: values(target), rank: 2 });
    const best = await certifyPoint(objective, balanced(objective, u, v, s, [0, 1], 2), { backend });
    expect(best).toMatchObject({ kind: 'global-minimum', rule: 'known-target', rank: 2 });
    expect(best.lowerBound).toBeCloseTo((1.5 ** 2 + 0.7 ** 2) / 2, 10);
    const other = await certifyPoint(objective, balanced(objective, u, v, s, [0, 2], 2), { backend });
    expect(other.kind).toBe('not-certified');
  });

  it('goes by the deflated block bound where the target is large', async () => {
    const s = [40, 25, 15];
    const { m: signal, u, v } = withSingularValues(650, 640, s, 15);
    const objective = matrixFactorization({ target: values(signal), rank: 2 });
    const best = await certifyPoint(objective, balanced(objective, u, v, s, [0, 1], 2), { backend });
    expect(best).toMatchObject({ kind: 'global-minimum', rule: 'known-target' });
    expect(best.failureProbability).toBeLessThan(1e-6);
  });
});

describe('lower-bound-zero', () => {
  const entries = { rows: 3, cols: 4, row: Int32Array.of(0, 1, 2, 2), col: Int32Array.of(0, 1, 2, 3), values: Float64Array.of(1, 2, 3, 4) };

  it('certifies an exact fit without a penalty', async () => {
    const objective = matrixCompletion({ entries, rank: 3, center: 'none' });
    const point = createPoint(objective.layout, new Float64Array(21));
    point.data.set([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 4]);
    const certificate = await certifyPoint(objective, point, { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'lower-bound-zero', value: 0, lowerBound: 0 });
    // All that is left is what rounding could have hidden.
    expect(certificate.gap).toBe(certificate.slack);
    expect(certificate.relativeGap).toBeLessThan(1e-20);
  });

  it('is not taken in by columns whose rounded products cancel to an exact fit', async () => {
    // 3 (2^52 + 1) is rounded: the computed product is 2, the true one 1.
    const big = 2 ** 52 + 1;
    const left = [3, 1, 0, 0];
    const right = [big, 2 - 3 * big, 0, 0];
    expect(3n * BigInt(big) + BigInt(right[1]!)).toBe(1n);
    const cell = { rows: 2, cols: 2, row: Int32Array.of(0), col: Int32Array.of(0), values: Float64Array.of(2) };
    for (const objective of [
      matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 0) }, rank: 2, balance: 0 }),
      matrixCompletion({ entries: cell, rank: 2, center: 'none' }),
    ]) {
      const certificate = await certifyPoint(objective, createPoint(objective.layout, Float64Array.from([...left, ...right])), { backend });
      expect(certificate.value).toBe(0);
      expect(certificate.kind).toBe('not-certified');
      expect(certificate.gap).toBeGreaterThan(0.5);
    }
  });

  it.each([1e-150, 1e-160, 1e-170, 1e-300, 5e-324])('is not taken in by data of size %d, whose squares vanish', async (size) => {
    const target = { rows: 2, cols: 2, values: Float64Array.of(size, 0, 0, size) };
    const one = { rows: 2, cols: 2, row: Int32Array.of(0), col: Int32Array.of(0), values: Float64Array.of(size) };
    for (const objective of [
      symmetricFactorization({ target, rank: 1 }),
      matrixFactorization({ target, rank: 1 }),
      matrixCompletion({ entries: one, rank: 1, center: 'none' }),
      matrixCompletion({ entries: one, rank: 1, center: 'none', lambda: size / 10 }),
    ]) {
      expect((await certifyPoint(objective, createPoint(objective.layout), { backend })).kind).toBe('not-certified');
    }
  });

  it('says why it knows no rank where the product of unobserved factors overflows', async () => {
    const objective = matrixCompletion({ entries: { rows: 2, cols: 2, row: Int32Array.of(0), col: Int32Array.of(0), values: Float64Array.of(1) }, rank: 1, center: 'none' });
    const certificate = await certifyPoint(objective, createPoint(objective.layout, Float64Array.of(1, 1e200, 1, 1e200)), { backend });
    expect(certificate).toMatchObject({ value: 0, rank: null });
  });

  it('is all that an unpenalised problem has', async () => {
    const objective = matrixCompletion({ entries, rank: 2, center: 'none' });
    const certificate = await certifyPoint(objective, createPoint(objective.layout), { backend });
    expect(certificate).toMatchObject({ kind: 'not-certified', rule: 'lower-bound-zero' });
    expect(certificate.relativeGap).toBeCloseTo(1, 12);
    expect(certificate.gap).toBe(certificate.value + certificate.slack);
  });

  it('certifies 0 for a zero target, and nothing else', async () => {
    const objective = matrixFactorization({ target: values(matrix(3, 3)), rank: 2 });
    expect(await certifyPoint(objective, createPoint(objective.layout), { backend })).toMatchObject({ kind: 'global-minimum', gap: 0, relativeGap: 0 });
    const off = await certifyPoint(objective, createPoint(objective.layout, new Float64Array(12).fill(1e-3)), { backend });
    expect(off.kind).toBe('not-certified');
  });
});

describe('edges', () => {
  const entries = { rows: 4, cols: 3, row: Int32Array.of(0, 1, 3), col: Int32Array.of(0, 1, 2), values: Float64Array.of(1, -2, 3) };

  it('certifies X = 0 for a penalty above the norm of the data', async () => {
    const objective = matrixCompletion({ entries, rank: 2, lambda: 3.5, center: 'none' });
    const certificate = await certifyPoint(objective, createPoint(objective.layout), { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'nuclear-norm', rank: 0 });
    const below = matrixCompletion({ entries, rank: 2, lambda: 2.5, center: 'none' });
    expect((await certifyPoint(below, createPoint(below.layout), { backend })).kind).toBe('not-certified');
  });

  it('says why there is nothing to prove at a point that is not finite', async () => {
    const objective = matrixCompletion({ entries, rank: 1, lambda: 1 });
    const point = createPoint(objective.layout, new Float64Array(7).fill(Infinity));
    expect(await certifyPoint(objective, point, { backend })).toMatchObject({ kind: 'not-certified', gap: null, relativeGap: null, reason: 'the point or its value is not finite' });
  });

  it('proves nothing false where numbers overflow', async () => {
    const objective = matrixCompletion({ entries, rank: 1, lambda: 1 });
    for (const size of [1e60, 1e76, 1e77, 1e150]) {
      const certificate = await certifyPoint(objective, createPoint(objective.layout, new Float64Array(7).fill(size)), { backend });
      expect(certificate.kind).toBe('not-certified');
    }
  });

  it('is plain JSON', async () => {
    const objective = matrixCompletion({ entries, rank: 1, lambda: 1 });
    const certificate = await certifyPoint(objective, createPoint(objective.layout), { backend });
    expect(JSON.parse(JSON.stringify(certificate))).toEqual(certificate);
  });
});

describe('first-order: a linear term', () => {
  it('leaves the gap open where nothing bounds a minimiser, and says so', async () => {
    // the trace is not measured
    const measurements = { rows: 2, cols: 2, values: Float64Array.of(1), ensemble: { kind: 'dense', matrices: Float64Array.of(1, 0, 0, 0) }, linear: Float64Array.of(0, 0, 0, -1) } as const;
    const objective = symmetricSensing({ measurements, rank: 1 });
    const certificate = await certifyPoint(objective, createPoint(objective.layout, Float64Array.of(1, 0.3)), { backend });
    expect(certificate).toMatchObject({ kind: 'not-certified', gap: null, relativeGap: null });
    expect(certificate.reason).toContain('nothing bounds the norm of a minimiser');
  });

  it.each([[5, -12.5], [6, -15], [8, -20]])('where measurements know the trace, moves the excess into the dual point: the ring of %i, least value %d', async (n, least) => {
    for (const rank of [2, 3]) {
      const objective = ring(n, 4, rank);
      const aligned = createPoint(objective.layout);
      for (let i = 0; i < n; i++) aligned.data[i * rank] = Math.sqrt(1.5);
      const certificate = await certifyPoint(objective, aligned, { backend });
      expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'first-order', failureProbability: 0 });
      expect(certificate.lowerBound).toBeCloseTo(least, 8);
      // from the twisted state, spurious in two columns, the bound is the optimum too
      const twisted = await certifyPoint(objective, createPoint(objective.layout, twistedState(n, 4, rank)), { backend });
      expect(twisted.kind).toBe('not-certified');
      expect(twisted.lowerBound).toBeCloseTo(least, 8);
    }
  });

  it('proves a gap where G alone does it: the excess is nil', async () => {
    // min ½(x₁₁ − 1)² + ⟨C, X⟩ + tr X over psd X, C = diag(−.5, 3): X = diag(.5, 0), value .375.
    const objective = symmetricSensing({
      measurements: {
        rows: 2,
        cols: 2,
        values: Float64Array.of(1),
        ensemble: { kind: 'dense', matrices: Float64Array.of(1, 0, 0, 0) },
        linear: Float64Array.of(-0.5, 0, 0, 3),
      },
      rank: 1,
      lambda: 1,
    });
    // A little beyond the optimum S = diag(1e-7, 4) is positive definite, and that is proved.
    const point = createPoint(objective.layout, Float64Array.of(Math.sqrt(0.5 + 1e-7), 0));
    const certificate = await certifyPoint(objective, point, { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'first-order' });
    expect(certificate.lowerBound).toBeLessThanOrEqual(0.375 + 1e-15);
    expect(certificate.gap).toBeLessThan(1e-6 * 0.375);
  });

  it('with a linear term below the penalty, bounds every point by a part of its residual', async () => {
    // min 1/2 (x - 2)^2 + x/2 + |x|: x = .5, value 1.875
    const measurements = { rows: 1, cols: 1, values: Float64Array.of(2), ensemble: { kind: 'dense', matrices: Float64Array.of(1) }, linear: Float64Array.of(0.5) } as const;
    const objective = matrixSensing({ measurements, rank: 1, lambda: 1 });
    for (const x of [0, 0.1, 0.4, 0.5, 0.9, 3]) {
      const root = Math.sqrt(x);
      const certificate = await certifyPoint(objective, createPoint(objective.layout, Float64Array.of(root, root)), { backend });
      expect(certificate.lowerBound!).toBeLessThanOrEqual(1.875 + 1e-14);
      expect(certificate.gap!).toBeGreaterThanOrEqual((x - 2) ** 2 / 2 + 1.5 * x - 1.875 - 1e-14);
      expect(certificate.kind).toBe(x === 0.5 ? 'global-minimum' : 'not-certified');
    }
    const above = matrixSensing({ measurements, rank: 1, lambda: 0.4 });
    expect((await certifyPoint(above, createPoint(above.layout), { backend })).reason).toContain('nothing bounds the norm of a minimiser');
  });

  it('works for nuclear norms too', async () => {
    const objective = matrixSensing({
      measurements: { rows: 1, cols: 1, values: Float64Array.of(2), ensemble: { kind: 'dense', matrices: Float64Array.of(1) }, linear: Float64Array.of(0.5) },
      rank: 1,
      lambda: 1,
    });
    // ½(x − 2)² + x/2 + |x|: x = .5.
    const root = Math.sqrt(0.5 * (1 + 1e-7));
    const certificate = await certifyPoint(objective, createPoint(objective.layout, Float64Array.of(root, root)), { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'first-order' });
  });
});

describe('beta family', () => {
  it('is certified at its planted solution only', async () => {
    const objective = betaFamily(1.2);
    const truth = await certifyPoint(objective, createPoint(objective.layout, Float64Array.of(1, 0)), { backend });
    expect(truth.kind).toBe('global-minimum');
    const spurious = await certifyPoint(objective, createPoint(objective.layout, Float64Array.of(0, Math.SQRT1_2)), { backend });
    expect(spurious).toMatchObject({ kind: 'not-certified', gap: spurious.value + spurious.slack });
    expect(spurious.value).toBeCloseTo(0.75, 14);
  });
});
