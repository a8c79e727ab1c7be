import { analyse, type Capability, createPoint, LowlandError, layoutLength, normals, type Objective, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, matrixSensing, phaseRetrieval, symmetricCompletion, symmetricSensing } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { planeEvaluator, type PlaneEvaluator } from './plane-values.ts';
import { slice, type Slice, type SliceOptions } from './slice.ts';

const backend = cpu();
const draw = (length: number, seed: number) => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out;
};
const target = { rows: 7, cols: 6, values: draw(42, 1) };
const cells = { rows: 7, cols: 6, row: Int32Array.from({ length: 21 }, (_, k) => k % 7), col: Int32Array.from({ length: 21 }, (_, k) => (5 * k) % 6) };
const square = { rows: 6, cols: 6, row: Int32Array.of(0, 1, 2, 3, 4, 5), col: Int32Array.of(0, 0, 1, 3, 2, 5), values: draw(6, 5) };
const sensing = { rows: 5, cols: 5, values: draw(30, 4), ensemble: { kind: 'seeded', name: 'gaussian', seed: 7, version: 1 } } as const;
const intensities = { rows: 5, cols: 5, values: draw(20, 4).map(Math.abs), ensemble: { kind: 'seeded', name: 'rank-one-complex', seed: 7, version: 1 } } as const;

const objectives: readonly (readonly [string, unknown])[] = [
  ['Huber factorization, balanced and with a penalty', matrixFactorization({ target, rank: 2, loss: { id: 'huber', options: { delta: 0.5 } }, balance: 0.25, lambda: 0.1 })],
  ['one-bit completion with weights', matrixCompletion({ entries: { ...cells, values: draw(21, 2).map((z) => (z > 0 ? 1 : 0)), weights: draw(21, 3).map(Math.abs) }, rank: 2, loss: 'logistic' })],
  ['completion with penalised rows', matrixCompletion({ entries: { ...cells, values: draw(21, 2) }, rank: 2, incoherence: 0.7, alpha: 0.3 })],
  ['completion of X X^T with penalised rows', symmetricCompletion({ entries: square, rank: 2, incoherence: 0.7, alpha: 0.3, lambda: 0.2 })],
  ['sensing with a linear term', matrixSensing({ measurements: { ...sensing, linear: draw(25, 9) }, rank: 2, balance: 0.1 })],
  ['sensing of X X^T with a linear term', symmetricSensing({ measurements: { ...sensing, linear: draw(25, 9).map((_, k) => (k % 6 === 0 ? 1 : 0.25)) }, rank: 2 })],
  ['counts, outside of their domain too', matrixFactorization({ target: { ...target, values: target.values.map((z) => Math.round(Math.abs(3 * z))) }, rank: 2, loss: { id: 'poisson-identity', options: { beta: 0.5 } } })],
  ['amplitudes', phaseRetrieval({ measurements: intensities, loss: 'smoothed-amplitude' })],
];

const asCut = (objective: unknown) => objective as Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const pointOf = (objective: unknown) => createPoint(asCut(objective).layout, draw(layoutLength(asCut(objective).layout), 3).map((x) => 0.7 * x));
const cut = (objective: unknown, options: SliceOptions): Promise<Slice> => analyse(asCut(objective), slice({ second: 'random', grid: 7, radius: 1.3, ...options }), pointOf(objective), backend);
/** The same without values on planes. */
const pointwise = (objective: unknown, options: SliceOptions): Promise<Slice> => {
  const { routes, ...rest } = asCut(objective);
  const { planeValues: _, ...without } = routes as Partial<Objective<Capability>['routes']>;
  return cut({ ...rest, layout: rest.layout, upload: rest.upload, bytes: rest.bytes, initial: rest.initial, routes: without }, options);
};
const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 0);

describe.each(objectives)('%s', (_, objective) => {
  it.each<readonly [string, SliceOptions]>([['plane', {}], ['line', { second: undefined }]])('has the values of the objective all over the %s', async (__, options) => {
    const [fast, slow] = [await cut(objective, options), await pointwise(objective, options)];
    expect(fast).toMatchObject({ method: 'evaluated', evaluation: { by: 'plane', dtype: 'f64' }, errorBound: null });
    expect(slow).toMatchObject({ method: 'evaluated', evaluation: { by: 'points', deviation: null } });
    expect(fast.evaluation!.deviation).toBeLessThanOrEqual(1e-12 * largest(slow.values));
    fast.values.forEach((f, k) => {
      if (Number.isFinite(slow.values[k])) expect(Math.abs(f - slow.values[k]!)).toBeLessThanOrEqual(1e-12 * largest(slow.values));
      else expect(f).toBe(slow.values[k]);
    });
  });
});

it('counts end at the border of their domain', async () => {
  const { values } = await cut(objectives[6]![1], {});
  expect(values).toContain(Infinity);
});

describe('an evaluator', () => {
  const [, objective] = objectives[0]!;
  const general = objective as Objective<Capability>;
  it('is there where the backend has the kernels, and gives the numbers of that backend', async () => {
    const evaluator = planeEvaluator(general, cpu({ kernels: 'plain' }))!;
    const [here, there] = [await cut(objective, {}), await cut(objective, { evaluator })];
    expect(there.evaluation).toMatchObject({ by: 'plane', dtype: 'f64' });
    there.values.forEach((f, k) => { expect(f).toBeCloseTo(here.values[k]!, 9); });
    expect(planeEvaluator(general, cpu({ dtype: 'f32' }))).toBeUndefined();
  });
  it.each<readonly [string, PlaneEvaluator['values']]>([
    ['that is off', (_, __, at) => Promise.resolve(new Float64Array(at.length / 2).fill(1))],
    ['without the memory', () => Promise.reject(new LowlandError('LOWLAND_E_MEMORY', 'Too large.'))],
  ])('%s is not taken', async (_, values) => {
    expect((await cut(objective, { evaluator: { dtype: 'f32', values } })).evaluation).toMatchObject({ by: 'plane', dtype: 'f64' });
  });
  it('that fails fails the slice', async () => {
    await expect(cut(objective, { evaluator: { dtype: 'f32', values: () => Promise.reject(new LowlandError('LOWLAND_E_WEBGPU', 'Broken.')) } })).rejects.toThrow('Broken');
  });
});
