import { analyse, createPoint, errorCode, layoutLength, streamKey, type Capability, type DataMap, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, probe } from '../../test/support.ts';
import { matrixCompletion, matrixFactorization, matrixSensing, symmetricCompletion, symmetricFactorization, symmetricSensing, type LossOption } from '../index.ts';

const dense = (rows: number, cols: number, of: (x: number) => number = (x) => x): DataMap['matrix'] => ({ rows, cols, values: gaussian(rows * cols, 'dense').map(of) });
const allCells = ({ rows, cols, values }: DataMap['matrix'], weights?: Float64Array): DataMap['entries'] => ({
  rows,
  cols,
  row: Int32Array.from(values, (_, k) => Math.floor(k / cols)),
  col: Int32Array.from(values, (_, k) => k % cols),
  values,
  ...(weights && { weights }),
});
/** As measurements of single entries. */
const measured = ({ rows, cols, values }: DataMap['matrix'], weights?: Float64Array) => {
  const index = Int32Array.from(values, (_, k) => k);
  return {
    rows,
    cols,
    values,
    ensemble: { kind: 'sparse', measurement: index, row: index.map((k) => Math.floor(k / cols)), col: index.map((k) => k % cols), value: new Float64Array(values.length).fill(1) },
    ...(weights && { weights }),
  } as const;
};
const label = (x: number): number => Number(x > 0);
const count = (x: number): number => Math.floor(3 * Math.abs(x));

/** psi as the papers write it. */
const cases: readonly (readonly [LossOption, (x: number) => number, (z: number, y: number) => number])[] = [
  [{ id: 'huber', options: { delta: 0.7 } }, (x) => x, (z, y) => (Math.abs(z - y) <= 0.7 ? (z - y) ** 2 / 2 : 0.7 * Math.abs(z - y) - 0.7 ** 2 / 2)],
  ['logistic', label, (z, y) => Math.log(1 + Math.exp(z)) - y * z],
  ['poisson', count, (z, y) => Math.exp(z) - y * z],
  [{ id: 'poisson-identity', options: { beta: 4 } }, count, (z, y) => z - y * Math.log(z + 4)],
];

describe.each(cases)('%j', (loss, of, psi) => {
  const target = dense(5, 4, of);
  const x = gaussian(18, 'point').map((entry) => 0.6 * entry);
  const weights = gaussian(20, 'weights').map((w) => 0.2 + Math.abs(w));
  const product = (i: number, j: number): number => x[2 * i]! * x[10 + 2 * j]! + x[2 * i + 1]! * x[10 + 2 * j + 1]!;
  const sum = (w: ArrayLike<number>): number => target.values.reduce((total, y, k) => total + w[k]! * psi(product(Math.floor(k / 4), k % 4), y), 0);

  it('is the sum of its formula in all three families, weighted and not, a mean in sensing on request', () => {
    const ones = new Float64Array(20).fill(1);
    for (const w of [undefined, weights]) {
      const expected = sum(w ?? ones);
      const factorized = matrixFactorization({ target, rank: 2, balance: 0, loss, ...(w && { weights: w }) });
      const completed = matrixCompletion({ entries: allCells(target, w), rank: 2, center: 'none', loss });
      const sensed = matrixSensing({ measurements: measured(target, w), rank: 2, loss });
      const mean = matrixSensing({ measurements: measured(target, w), rank: 2, loss, normalisation: 'mean' });
      for (const objective of [factorized, completed, sensed]) expect(probe(objective as Objective<never>).value(x)).toBeCloseTo(expected, 10);
      expect(20 * probe(mean as Objective<never>).value(x)).toBeCloseTo(expected, 10);
    }
  });

  it('has gradients and Hessians that are the same in all three', () => {
    const [v] = [gaussian(18, 'direction')];
    const objectives = [
      matrixFactorization({ target, rank: 2, balance: 0, loss, weights }),
      matrixCompletion({ entries: allCells(target, weights), rank: 2, center: 'none', loss }),
      matrixSensing({ measurements: measured(target, weights), rank: 2, loss }),
    ].map((objective) => probe(objective as Objective<never>));
    const [first, ...others] = objectives;
    for (const other of others) {
      expect(largest(other.gradient(x).map((g, k) => g - first!.gradient(x)[k]!))).toBeLessThan(1e-12);
      expect(largest(other.curve(x, v).map((g, k) => g - first!.curve(x, v)[k]!))).toBeLessThan(1e-12);
    }
  });

  it('lets plans refuse what is for least squares, and says which', () => {
    for (const objective of [matrixFactorization({ target, rank: 2, balance: 0, loss }), matrixSensing({ measurements: measured(target), rank: 2, loss })]) {
      expect(Object.keys(objective.routes)).not.toContain('residual');
      expect(Object.keys(objective.routes)).not.toContain('blockSolve');
      expect(Object.keys(objective.routes)).toContain('lift');
    }
  });

  it('has a lower bound that no point is below, a Lipschitz constant of its gradient and one of its Hessian', () => {
    const objective = matrixFactorization({ target, rank: 2, balance: 0, lambda: 0.5, loss, weights });
    const f = probe(objective as Objective<never>);
    const lift = f.problem.lift!;
    const phi = (at: Float64Array): number => f.value(at) - 0.25 * inner(at, at);
    for (let k = 0; k < 20; k++) expect(phi(gaussian(18, 'below', k).map((entry) => 0.5 * entry))).toBeGreaterThanOrEqual(lift.lowerBound);
    const least = target.values.reduce((total, y, k) => {
      let best = Infinity;
      for (let z = -40; z <= 40; z += 0.01) best = Math.min(best, psi(z, y) || Infinity);
      return total + weights[k]! * best;
    }, 0);
    expect(least).toBeGreaterThanOrEqual(lift.lowerBound - 1e-9);
    expect(least - lift.lowerBound).toBeLessThan(0.01 * (1 + Math.abs(least)));
    // |Hess(x) - Hess(y)| <= L |x - y| near x
    const { hessianLipschitz, zeroValue } = f.problem.scale!;
    const step = gaussian(18, 'step').map((entry) => 1e-6 * entry);
    const [v] = [gaussian(18, 'unit')];
    const moved = f.curve(x.map((entry, k) => entry + step[k]!), v);
    const change = moved.map((entry, k) => entry - f.curve(x, v)[k]!);
    const kinks = typeof loss === 'object' && loss.id === 'huber';
    if (!kinks) expect(Math.sqrt(inner(change, change))).toBeLessThan(1.01 * hessianLipschitz({ layout: objective.layout, data: x }) * Math.sqrt(inner(step, step) * inner(v, v)));
    expect(zeroValue).toBeCloseTo(f.value(new Float64Array(18)), 12);
  });
});

describe('the identity link of counts', () => {
  const loss = { id: 'poisson-identity', options: { beta: 0.1 } } as const;
  const target = dense(5, 4, count);
  const objective = matrixFactorization({ target, rank: 2, balance: 0, lambda: 0.2, loss });
  const f = probe(objective as Objective<never>);

  it('is infinite for z < -beta, and starts inside', () => {
    const outside = new Float64Array(18);
    outside[0] = 1;
    outside[10] = -0.11;
    expect(f.value(outside)).toBe(Infinity);
    outside[10] = -0.09;
    expect(f.value(outside)).toBeLessThan(Infinity);
    for (let seed = 0; seed < 20; seed++) expect(f.value(objective.initial(streamKey(seed, 'init')).data)).toBeLessThan(Infinity);
  });

  const inside = [0, 1].map((k) => createPoint(objective.layout, gaussian(layoutLength(objective.layout), 'inside', k).map(Math.abs)));
  const checks = objectiveChecks({ objective: objective as Objective<Capability>, backend: cpu(), others: [asyncBackend({ extra: hostKernels, reads: 'microtask' })], seed: 2, points: inside });
  it.each(checks.map((check) => [check.name, check] as const))('%s', async (_name, check) => {
    await check.run();
  });
});

describe('weights of least squares', () => {
  const target = dense(5, 4);
  const weights = gaussian(20, 'weights').map((w, k) => (k % 4 === 0 ? 0 : Math.abs(w)));
  const x = gaussian(18, 'point');
  const v = gaussian(18, 'direction');
  const objectives = {
    factorization: matrixFactorization({ target, rank: 2, balance: 0, lambda: 0.3, weights }),
    completion: matrixCompletion({ entries: allCells(target, weights), rank: 2, center: 'none', lambda: 0.3 }),
    sensing: matrixSensing({ measurements: measured(target, weights), rank: 2, lambda: 0.3 }),
  };
  const completion = probe(objectives.completion);

  it.each(['factorization', 'sensing'] as const)('are those of completion in %s: oracles, residual, block solves, samples', (name) => {
    const f = probe(objectives[name] as Objective<never>);
    const same = (one: Float64Array, other: Float64Array): void => { expect(largest(one.map((entry, k) => entry - other[k]!))).toBeLessThan(1e-11); };
    expect(f.value(x)).toBeCloseTo(completion.value(x), 11);
    same(f.gradient(x), completion.gradient(x));
    same(f.curve(x, v), completion.curve(x, v));
    const solved = (of: typeof f): Float64Array => {
      const at = of.vector(x);
      of.problem.blockSolve!(at, 'U', at);
      return of.read(at);
    };
    same(solved(f), solved(completion));
    const all = (of: typeof f): Float64Array => {
      const { samples, gradient } = of.problem.stochasticGradient!;
      const out = of.zeros(18);
      gradient(of.vector(x), Int32Array.from({ length: samples }, (_, k) => k), out);
      return of.read(out);
    };
    same(all(f), f.gradient(x));
    expect(f.problem.lift!.at({ layout: objectives[name].layout, data: x }).value).toBeCloseTo(f.value(x), 11);
  });

  it('are those of a symmetric matrix by their symmetric part', () => {
    const square = { rows: 3, cols: 3, values: Float64Array.of(1, 2, 3, 2, 4, 5, 3, 5, 6) };
    const w = Float64Array.of(1, 3, 0, 1, 2, 1, 2, 1, 1);
    const f = probe(symmetricFactorization({ target: square, rank: 1, weights: w }) as Objective<never>);
    const at = Float64Array.of(1, -1, 2);
    const expected = square.values.reduce((sum, m, k) => sum + (w[k]! / 4) * (at[Math.floor(k / 3)]! * at[k % 3]! - m) ** 2, 0);
    expect(f.value(at)).toBeCloseTo(expected, 12);
  });
});

describe('completion of X X^T', () => {
  const entries = { rows: 3, cols: 3, row: Int32Array.of(0, 0, 1, 2), col: Int32Array.of(0, 2, 0, 2), values: Float64Array.of(1, 2, 3, 4), weights: Float64Array.of(1, 2, 3, 0.5) };

  it('counts every given entry once, and sees (i, j) as (j, i)', () => {
    const f = probe(symmetricCompletion({ entries, rank: 1 }) as Objective<never>);
    const x = Float64Array.of(1, -2, 0.5);
    const expected = 0.5 * ((1 - 1) ** 2 + 2 * (0.5 - 2) ** 2 + 3 * (-2 - 3) ** 2 + 0.5 * (0.25 - 4) ** 2);
    expect(f.value(x)).toBeCloseTo(expected, 13);
    const transposed = probe(symmetricCompletion({ entries: { ...entries, row: entries.col, col: entries.row }, rank: 1 }) as Objective<never>);
    expect(transposed.value(x)).toBe(f.value(x));
    const both = { rows: 2, cols: 2, row: Int32Array.of(0, 1), col: Int32Array.of(1, 0), values: Float64Array.of(2, 2) };
    expect(probe(symmetricCompletion({ entries: both, rank: 1 }) as Objective<never>).value(Float64Array.of(1, 1))).toBe(1);
  });

  it.each<[object, string]>([
    [{ entries: { ...entries, cols: 4 } }, 'LOWLAND_E_SHAPE'],
    [{ entries: { ...entries, row: Int32Array.of(0, 0, 2, 2) } }, 'LOWLAND_E_NOT_SYMMETRIC'],
    [{ entries, center: 'bias' }, 'LOWLAND_E_OPTIONS'],
  ])('refuses %j', (given, code) => {
    expect(() => symmetricCompletion({ rank: 1, entries, ...given })).toThrow(expect.objectContaining({ code }));
  });
});

it.each<[string, () => unknown, string]>([
  ['labels that are none', () => matrixCompletion({ entries: allCells(dense(2, 2)), rank: 1, loss: 'logistic' }), 'LOWLAND_E_LABEL'],
  ['negative counts', () => matrixFactorization({ target: dense(2, 2), rank: 1, loss: 'poisson' }), 'LOWLAND_E_LABEL'],
  ['a loss of another name', () => matrixFactorization({ target: dense(2, 2), rank: 1, loss: 'hinge' as 'huber' }), 'LOWLAND_E_OPTIONS'],
  ['a delta that is not positive', () => matrixFactorization({ target: dense(2, 2), rank: 1, loss: { id: 'huber', options: { delta: 0 } } }), 'LOWLAND_E_OPTIONS'],
  ['means of labels', () => matrixCompletion({ entries: allCells(dense(2, 2, label)), rank: 1, loss: 'logistic', center: 'global' }), 'LOWLAND_E_OPTIONS'],
  ['Gram gradients with weights', () => matrixFactorization({ target: dense(2, 2), rank: 1, weights: new Float64Array(4).fill(1), gramFarFromOptimum: true }), 'LOWLAND_E_OPTIONS'],
  ['weights of another shape', () => matrixFactorization({ target: dense(2, 2), rank: 1, weights: new Float64Array(3) }), 'LOWLAND_E_SHAPE'],
  ['negative weights', () => matrixFactorization({ target: dense(2, 2), rank: 1, weights: Float64Array.of(1, 1, -1, 1) }), 'LOWLAND_E_WEIGHT'],
  ['negative weights of measurements', () => matrixSensing({ measurements: measured(dense(2, 2), Float64Array.of(1, 1, -1, 1)), rank: 1 }), 'LOWLAND_E_WEIGHT'],
  ['weights of 0 where a loss may be infinite', () => symmetricSensing({ measurements: measured(dense(2, 2, count), Float64Array.of(1, 1, 0, 1)), rank: 1, loss: 'poisson' }), 'LOWLAND_E_WEIGHT'],
  ['weights without a positive one', () => matrixFactorization({ target: dense(2, 2), rank: 1, weights: new Float64Array(4) }), 'LOWLAND_E_EMPTY'],
  ['rows of labels without an alpha', () => matrixCompletion({ entries: allCells(dense(2, 2, label)), rank: 1, loss: 'logistic', incoherence: 1 }), 'LOWLAND_E_OPTIONS'],
])('refuses %s', (_name, make, code) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});

it('starts rows free: the default alpha is three times the largest row norm of the spectral start', async () => {
  const u = gaussian(12, 'u');
  const values = Float64Array.from({ length: 36 }, (_, k) => u[Math.floor(k / 6)]! * u[k % 6]!);
  const objective = symmetricCompletion({ entries: allCells({ rows: 6, cols: 6, values }), rank: 1, incoherence: 1 });
  expect(objective.options['alpha']).toBeCloseTo(3 * largest(u.subarray(0, 6)), 10);
  const value = await analyse(
    objective,
    { id: 'value', requires: ['value'], dtype: 'f64', run: ({ problem, device, scratch }, x) => { const out = scratch(1); problem.value(x, out); return device.scalar(out); } },
    createPoint(objective.layout, u.slice(0, 6)),
    cpu(),
  );
  expect(value).toBeLessThan(1e-28);
});
