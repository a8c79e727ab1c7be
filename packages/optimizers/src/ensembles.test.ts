import { bind, type Capability, maxIterations, type Objective, type Optimizer, solve, solveEnsemble } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { generateIntensities, generateMeasurements, type GenerateMeasurementsOptions, matrixCompletion, matrixFactorization, matrixSensing, phaseRetrieval, symmetricFactorization, symmetricSensing } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { linearSpectrum, withSpectrum } from '../test/fixtures.ts';
import { fixed } from './gradient-descent/fixed.ts';
import { gradientDescent } from './gradient-descent/gradient-descent.ts';
import { rotation } from './langevin/drift.ts';
import { langevin } from './langevin/langevin.ts';
import { perturbedGradientDescent } from './perturbed/perturbed-gradient-descent.ts';
import { preconditionedGradientDescent } from './scaled/preconditioned-gradient-descent.ts';
import { scaledGradientDescent } from './scaled/scaled-gradient-descent.ts';

const backend = cpu();
const f32 = cpu({ dtype: 'f32' });
/** The same method, unknown to ensembles. */
const alone = <R extends Capability>({ ensemble: _, ...method }: Optimizer<R>): Optimizer<R> => method;
const descent = (step: number) => gradientDescent({ step: fixed({ step }) });
type Any = Objective<'value' | 'gradient' | 'valueAndGradient' | 'factors'>;

const target = withSpectrum(linearSpectrum(3, 4), 9, 7, 1);
const problems: [string, Any][] = [
  ['asymmetric with balance', matrixFactorization({ target, rank: 3 })],
  ['asymmetric without', matrixFactorization({ target, rank: 2, balance: 0 })],
  ['asymmetric with ridge', matrixFactorization({ target, rank: 4, lambda: 0.1 })],
  ['of rank 1 and one row', matrixFactorization({ target: withSpectrum([1], 1, 7, 2), rank: 1 })],
  ['wider than a tile', matrixFactorization({ target: withSpectrum([2, 1], 50, 101, 3), rank: 2 })],
  ['symmetric', symmetricFactorization({ target: withSpectrum([2, 1], 10, 10, 4, true), rank: 3 })],
  ['symmetric with ridge', symmetricFactorization({ target: withSpectrum([2, 1], 5, 5, 5, true), rank: 2, lambda: 0.2 })],
];
const methods: [string, Optimizer<'valueAndGradient' | 'factors'>][] = [
  ['gradient descent', descent(0.05)],
  ['langevin', langevin({ step: 0.02, temperature: 1e-2 })],
  ['langevin with a rotation', langevin({ step: 0.02, temperature: 1e-2, drift: rotation({ strength: 0.7 }) })],
  ['scaled gradient descent', scaledGradientDescent({ damping: 0.1, adaptive: 0, step: fixed({ step: 0.2 }) })],
];

describe('ensembles of factorizations', () => {
  it.each(problems.flatMap(([name, problem]) => methods.map(([method, optimizer]) => [name, method, problem, optimizer] as const)))('are runs of solve, to the bit: %s, %s', async (_, __, problem, optimizer) => {
    const options = { backend, count: 8, steps: 25, seed: 11 };
    const fused = await solveEnsemble(problem, optimizer, options);
    expect([fused.route, fused.note]).toEqual(['fused', undefined]);
    const { point, value } = await solve(problem, optimizer, { backend, seed: 13, stop: maxIterations(25) });
    expect(fused.points.slice(2 * point.data.length, 3 * point.data.length)).toEqual(point.data);
    // sums of squares: 64 partial sums here, other orders there
    expect(Math.abs(fused.values[2]! - value)).toBeLessThanOrEqual(1e-14 * value);
    expect([...fused.taken]).toEqual(new Array(8).fill(25));
  });

  it.each(problems)('stay within rounding of f64 in f32: %s', async (_, problem) => {
    const options = { count: 8, steps: 60, seed: 5 };
    const [exact, rounded] = await Promise.all([backend, f32].map((on) => solveEnsemble(problem, descent(0.05), { ...options, backend: on })));
    expect(rounded!.route).toBe('fused');
    expect(rounded!.points).toEqual(Float64Array.from(rounded!.points, Math.fround));
    // descent towards a valley does not amplify: 60 steps of some ten roundings of 6e-8 each
    const size = Math.max(...exact!.points.map(Math.abs));
    rounded!.points.forEach((x, k) => expect(Math.abs(x - exact!.points[k]!)).toBeLessThan(60 * 10 * 6e-8 * size));
  });

  it.each([backend, f32].flatMap((on) => methods.map(([name, method]) => [on.dtype, name, method, on] as const)))('go on where they were, in %s: %s', async (_, __, method, on) => {
    for (const problem of [problems[0]![1], problems[5]![1]]) {
      const options = { backend: on, count: 3, steps: 20, seed: 2 };
      const whole = await solveEnsemble(problem, method, options);
      const pieces = await solveEnsemble(problem, method, { ...options, every: 7 });
      expect(pieces.points).toEqual(whole.points);
      expect(pieces.values).toEqual(whole.values);
    }
  });

  it.each([
    ['scaled by the value', scaledGradientDescent({ adaptive: 0.5 })],
    ['preconditioned', preconditionedGradientDescent()],
  ])('take the damping from the value, up to the order of its sum: %s', async (_, method) => {
    const options = { backend, count: 2, steps: 40, seed: 1 };
    const problem = problems[1]![1];
    const [fused, loop] = await Promise.all([method, alone(method)].map((one) => solveEnsemble(problem, one, options)));
    expect([fused!.route, loop!.route]).toEqual(['fused', 'loop']);
    fused!.points.forEach((x, k) => expect(Math.abs(x - loop!.points[k]!)).toBeLessThan(1e-11));
  });

  it('have no step where a Gram matrix is singular', async () => {
    const points = new Float64Array(32);
    const method = scaledGradientDescent({ adaptive: 0 });
    for (const one of [method, alone(method)]) {
      const { diverged, taken } = await solveEnsemble(problems[1]![1], one, { backend, count: 1, steps: 5, points });
      expect([diverged[0], taken[0]]).toEqual([1, 1]);
    }
  });

  it.each(['normal', 'lattice'] as const)('leave saddles by perturbations, and end where noise gains too little: %s', async (noise) => {
    const problem = symmetricFactorization({ target: withSpectrum([2, 1], 6, 6, 4, true), rank: 2 }) as Any;
    const method = perturbedGradientDescent({ smoothness: 10, radius: 0.1, noise });
    const options = { backend, count: 3, steps: 400, seed: 5, points: new Float64Array(3 * 12) };
    const [fused, loop, pieces] = await Promise.all([solveEnsemble(problem, method, options), solveEnsemble(problem, alone(method), options), solveEnsemble(problem, method, { ...options, every: 11 })]);
    expect([fused.route, loop.route]).toEqual(['fused', 'loop']);
    expect([...fused.ended]).toEqual([1, 1, 1]);
    expect(fused.taken).toEqual(loop.taken);
    expect(fused.ended).toEqual(loop.ended);
    expect(pieces.points).toEqual(fused.points);
    expect(pieces.taken).toEqual(fused.taken);
    // the noise is scaled by the length of a vector, one rounding, which the way out of the saddle makes larger
    fused.points.forEach((x, k) => expect(Math.abs(x - loop.points[k]!)).toBeLessThan(1e-9));
    for (const value of fused.values) expect(value).toBeLessThan(1e-6);
  });

  it('draw by the lattice rule where asked to', async () => {
    const options = { backend, count: 2, steps: 15, seed: 5 };
    const [normal, lattice] = (['normal', 'lattice'] as const).map((noise) => langevin({ step: 0.02, temperature: 1e-2, noise }));
    const [fused, loop, other] = await Promise.all([lattice!, alone(lattice!), normal!].map((one) => solveEnsemble(problems[0]![1], one, options)));
    expect([fused!.route, loop!.route]).toEqual(['fused', 'loop']);
    expect(fused!.points).toEqual(loop!.points);
    expect(fused!.points).not.toEqual(other!.points);
  });

  it('go on in the lanes of runs that rest, whichever those are', async () => {
    const problem = problems[0]![1];
    // most of them in lanes that others had
    const options = { backend: f32, steps: 300, count: 45, seed: 3, reach: { value: 1 } };
    const [together, loop] = await Promise.all([descent(0.05), alone(descent(0.05))].map((one) => solveEnsemble(problem, one, options)));
    expect([together!.route, loop!.route]).toEqual(['fused', 'loop']);
    expect(new Set(together!.taken).size).toBeGreaterThan(5);
    expect([...(together!.reached ?? [])].every((mark) => mark === 1)).toBe(true);
    // each alone, with other neighbours
    for (const k of [0, 17, 44]) {
      const one = await solveEnsemble(problem, descent(0.05), { ...options, count: 2, seed: 3 + k });
      const n = one.points.length / 2;
      expect(one.points.subarray(0, n)).toEqual(together!.points.subarray(k * n, (k + 1) * n));
      expect([one.taken[0], one.values[0]]).toEqual([together!.taken[k], together!.values[k]]);
    }
  });

  it('go one after another on a cpu where that is faster: few runs on large problems', async () => {
    const problem = problems[4]![1];
    const [few, many] = await Promise.all([7, 8].map((count) => solveEnsemble(problem, descent(0.05), { backend, count, steps: 3 })));
    expect([few!.route, many!.route]).toEqual(['loop', 'fused']);
    expect(few!.note).toBe('on a cpu fewer than 8 runs on factorization of 50 x 101, rank 2 are faster one after another, and 7 were asked for: the runs go one after another');
    expect(few!.points).toEqual(many!.points.subarray(0, few!.points.length));
  });

  it('have a problem and a step for each run', async () => {
    const several = [1, 2, 3].map((seed) => matrixFactorization({ target: withSpectrum([2, 1], 6, 5, seed), rank: 2, balance: seed / 8, lambda: seed === 2 ? 0.1 : 0 }) as Any);
    const steps = [0.02, 0.05, 0.1].map(descent);
    const options = { backend, steps: 30, seed: 3 };
    const both = await solveEnsemble(several, steps, options);
    expect([both.route, both.points.length]).toEqual(['fused', 3 * 22]);
    for (const [k, problem] of several.entries()) {
      const { point } = await solve(problem, steps[k]!, { backend, seed: 3 + k, stop: maxIterations(30) });
      expect(both.points.slice(22 * k, 22 * (k + 1))).toEqual(point.data);
    }
    const loop = await solveEnsemble(several, steps.map(alone), options);
    expect(loop.route).toBe('loop');
    expect(loop.points).toEqual(both.points);
  });

  it('end at bounds and say after how many steps, as single runs do', async () => {
    const problem = problems[0]![1];
    const options = { backend, count: 4, steps: 400, seed: 1 };
    const single = (k: number, value: number) => solveEnsemble(problem, alone(descent(0.1)), { ...options, count: 1, seed: 1 + k, reach: { value } });
    const values = [1e-2, 1e-4, 1e9, 1e-200];
    const fused = await solveEnsemble(problem, descent(0.1), { ...options, reach: { value: values } });
    expect([fused.route, ...fused.reached!]).toEqual(['fused', 1, 1, 1, 0]);
    expect(fused.taken[2]).toBe(0);
    expect(fused.taken[3]).toBe(400);
    for (const k of [0, 1, 2]) {
      const loop = await single(k, values[k]!);
      expect([loop.route, loop.reached![0], loop.taken[0]]).toEqual(['loop', 1, fused.taken[k]]);
      expect(loop.points).toEqual(fused.points.slice(48 * k, 48 * (k + 1)));
      expect(fused.values[k]).toBeLessThanOrEqual(values[k]!);
    }
    const [steep, pieces] = await Promise.all([400, 9].map((every) => solveEnsemble(problem, descent(0.1), { ...options, every, reach: { gradientNorm: 1e-3 } })));
    expect([...steep!.reached!]).toEqual([1, 1, 1, 1]);
    expect(pieces!.taken).toEqual(steep!.taken);
    expect(pieces!.points).toEqual(steep!.points);
    expect(pieces!.steps).toBeLessThan(400);
  });

  it.each([backend, f32])('mark the runs that diverge, and when: $dtype', async (on) => {
    const problem = problems[0]![1];
    const steps = [0.05, 5].map(descent);
    const options = { backend: on, steps: 100, seed: 1 };
    const whole = await solveEnsemble(problem, steps, options);
    const pieces = await solveEnsemble(problem, steps, { ...options, every: 3 });
    expect([whole.route, ...whole.diverged, whole.taken[0]]).toEqual(['fused', 0, 1, 100]);
    expect(whole.taken[1]).toBeLessThan(20);
    expect(pieces.taken).toEqual(whole.taken);
    if (on === f32) return;
    const { stop, iterations } = await solve(problem, steps[1]!, { backend: on, seed: 2, stop: maxIterations(100) });
    // sums of squares overflow a step before the numbers themselves do
    expect([stop.reason, iterations - whole.taken[1]!]).toEqual(['diverged', 1]);
  });

  it('are ended by a signal while they go on, at the points of as many steps', async () => {
    const control = new AbortController();
    setTimeout(() => { control.abort(); }, 30);
    const options = { backend, count: 2, seed: 1 };
    const ended = await solveEnsemble(problems[0]![1], langevin({ step: 0.01, temperature: 1e-3 }), { ...options, steps: 1e9, signal: control.signal });
    expect(ended.route).toBe('fused');
    expect(ended.steps).toBeLessThan(1e9);
    expect([...ended.taken]).toEqual([ended.steps, ended.steps]);
    const whole = await solveEnsemble(problems[0]![1], langevin({ step: 0.01, temperature: 1e-3 }), { ...options, steps: ended.steps });
    expect(ended.points).toEqual(whole.points);
  });

  it.each([descent(0.01), alone(descent(0.01))])('have the values of their starts where a signal came before the first step', async (method) => {
    const options = { backend, count: 3, seed: 1 };
    const { steps, values, taken, points } = await solveEnsemble(problems[0]![1], method, { ...options, steps: 10, signal: AbortSignal.abort() });
    expect([steps, ...taken]).toEqual([0, 0, 0, 0]);
    const { values: expected } = await solveEnsemble(problems[0]![1], method, { ...options, steps: 1, points, reach: { value: 1e9 } });
    expect(values).toEqual(expected);
  });

  it('are not ended by the method where a signal cuts them short one after another', async () => {
    const control = new AbortController();
    setTimeout(() => { control.abort(); }, 30);
    const { steps, taken, ended } = await solveEnsemble(problems[0]![1], alone(langevin({ step: 0.01, temperature: 1e-3 })), { backend, count: 3, steps: 1e9, signal: control.signal });
    expect(taken[0]).toBeGreaterThan(0);
    // no step that all have taken, and none that the later ones have
    expect([steps, taken[1], taken[2], ...ended]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('go one after another where they do not fit together, and say why', async () => {
    const wide = matrixFactorization({ target: withSpectrum([1], 4, 6, 1), rank: 1 }) as Any;
    const tall = matrixFactorization({ target: withSpectrum([1], 6, 4, 1), rank: 1 }) as Any;
    const [one, other] = [descent(0.1), langevin()];
    const noteOf = async (...[objectives, optimizers, more]: [Any | Any[], Optimizer<'valueAndGradient'> | Optimizer<'valueAndGradient'>[], object?]) =>
      (await solveEnsemble(objectives, optimizers, { backend, count: 2, steps: 3, ...more })).note;
    expect(await noteOf([wide, tall], one)).toContain('of several kinds');
    expect(await noteOf([wide, wide], [one, other])).toContain('several methods');
    expect(await noteOf(wide, one, { until: () => false })).toContain('does not ask');
    const observed = matrixCompletion({ entries: { rows: 4, cols: 6, row: Int32Array.of(0, 1), col: Int32Array.of(1, 2), values: Float64Array.of(1, 2) }, rank: 1 }) as Any;
    expect(await noteOf(observed, one)).toContain('does not provide ensemble');
  });

  it.each([
    [{ count: 3 }, 'LOWLAND_E_OPTIONS'],
    [{ reach: { value: -1 } }, 'LOWLAND_E_OPTIONS'],
    [{ reach: { value: NaN } }, 'LOWLAND_E_OPTIONS'],
    [{ reach: { gradientNorm: [1, 1, 1] } }, 'LOWLAND_E_OPTIONS'],
  ])('are refused with %o', async (given, code) => {
    const two = [problems[0]![1], problems[0]![1]];
    await expect(solveEnsemble(two, descent(0.1), { backend, steps: 5, ...given })).rejects.toMatchObject({ code });
  });

  it('start from numbers of any list', async () => {
    const rows = { backend, count: 2, steps: 1 };
    const [problem] = problems[3]!.slice(1) as [Any];
    const points = Float64Array.from({ length: 16 }, (_, i) => i / 16);
    const plain = await solveEnsemble(problem, descent(0.05), { ...rows, points: [...points] as never });
    expect(plain.points).toEqual((await solveEnsemble(problem, descent(0.05), { ...rows, points })).points);
  });

  it('refuse objectives of other sizes', async () => {
    await expect(solveEnsemble([problems[0]![1], problems[1]![1]], descent(0.1), { backend, steps: 5 })).rejects.toMatchObject({ code: 'LOWLAND_E_SHAPE' });
  });

  it('are of least squares without weights', () => {
    const weighted = matrixFactorization({ target, rank: 1, weights: new Float64Array(63).fill(1) });
    using device = backend.open() as ReturnType<typeof backend.open> & Disposable;
    expect(() => bind(weighted as unknown as Objective<'ensemble'>, device as never, ['ensemble'])).toThrow();
  });
});

const planted = (options: GenerateMeasurementsOptions, seed = 1) => generateMeasurements(options, seed).data;

/** Gaussian measurements of a planted matrix or signal, and others. */
const measured: [string, Any][] = [
  ['sensing', matrixSensing({ measurements: planted({ rows: 6, cols: 5, rank: 2, measurements: 40 }), rank: 2, normalisation: 'mean' }) as Any],
  ['sensing with a penalty', matrixSensing({ measurements: planted({ rows: 6, cols: 5, rank: 2, measurements: 40 }), rank: 3, lambda: 0.05, normalisation: 'mean' }) as Any],
  ['symmetric sensing', symmetricSensing({ measurements: planted({ rows: 5, cols: 5, rank: 1, symmetric: true, measurements: 40 }), rank: 2, normalisation: 'mean' }) as Any],
  ['sensing by rank-one matrices', symmetricSensing({ measurements: planted({ rows: 5, cols: 5, rank: 1, symmetric: true, measurements: 60, rankOne: true }), rank: 1, normalisation: 'mean' }) as Any],
  ...(['intensity', 'amplitude', 'smoothed-amplitude'] as const).flatMap((loss): [string, Any][] =>
    [false, true].map((complex) => [`${complex ? 'complex' : 'real'} phase retrieval, ${loss}`, phaseRetrieval({ measurements: generateIntensities({ size: 6, complex }, 1).data, loss }) as unknown as Any]),
  ),
];

describe('ensembles of measurements', () => {
  it.each(measured)('are runs of solve, up to the order of sums: %s', async (_, problem) => {
    const method = descent(0.02);
    const options = { backend, count: 2, steps: 30, seed: 3 };
    const [fused, pieces, loop] = await Promise.all([solveEnsemble(problem, method, options), solveEnsemble(problem, method, { ...options, every: 7 }), solveEnsemble(problem, alone(method), options)]);
    expect([fused.route, fused.note, loop.route]).toEqual(['fused', undefined, 'loop']);
    expect(pieces.points).toEqual(fused.points);
    const size = Math.max(...fused.points.map(Math.abs));
    fused.points.forEach((x, k) => expect(Math.abs(x - loop.points[k]!)).toBeLessThan(1e-12 * size));
    fused.values.forEach((value, k) => expect(Math.abs(value - loop.values[k]!)).toBeLessThan(1e-11 * Math.max(value, 1e-3)));
    const rounded = await solveEnsemble(problem, method, { ...options, backend: f32 });
    expect(rounded.route).toBe('fused');
    rounded.points.forEach((x, k) => expect(Math.abs(x - fused.points[k]!)).toBeLessThan(30 * 100 * 6e-8 * size));
  });

  it('have data for each run', async () => {
    const several = [1, 2, 3].map((seed) => matrixSensing({ measurements: planted({ rows: 4, cols: 3, rank: 1, measurements: 20 }, seed), rank: 1, normalisation: 'mean' }) as Any);
    const options = { backend, steps: 25, seed: 1 };
    const [fused, loop] = await Promise.all([descent(0.1), alone(descent(0.1))].map((one) => solveEnsemble(several, one, options)));
    expect([fused!.route, loop!.route]).toEqual(['fused', 'loop']);
    fused!.points.forEach((x, k) => expect(Math.abs(x - loop!.points[k]!)).toBeLessThan(1e-13));
  });

  it('stay within what is held', async () => {
    const measurements = planted({ rows: 64, cols: 64, rank: 1, measurements: 257 });
    const { note } = await solveEnsemble(matrixSensing({ measurements, rank: 1 }) as Any, descent(1e-4), { backend, count: 1, steps: 1 });
    expect(note).toContain('does not provide ensemble');
  });
});
