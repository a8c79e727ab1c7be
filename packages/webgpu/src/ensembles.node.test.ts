/** Ensembles: the other methods and families, flags and refusals. */
import { type Backend, type Objective, solveEnsemble } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { type EnsembleKernels, type EnsembleMethod, type FactoredEnsemble, slotsOf, stateLength, variablesOf } from '@lowland/linalg/ensembles';
import { generateIntensities, generateMeasurements, matrixFactorization, matrixSensing, phaseRetrieval } from '@lowland/objectives';
import { fixed, gradientDescent, langevin } from '@lowland/optimizers';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { nullBackend, useDevice } from '../test/devices.ts';
import { draw, factorization, type Family, made, moved, nameOf, type Runs, sizes, useTwins } from '../test/ensembles.ts';
import { webgpu } from './index.ts';

const bench = useDevice();
const twins = useTwins(bench);

/** Places (i, j) and (j, i). */
const mirrored = (e: number, n: number): readonly [number, number] => [e, (e % n) * n + Math.floor(e / n)];

const methods: readonly (readonly [name: string, method: EnsembleMethod, noise: FactoredEnsemble['noise'], parameters: (k: number) => readonly number[]])[] = [
  ['langevin, uploaded normals', 'langevin', 'normal', (k) => [0.01 + 0.005 * k, k % 2 === 0 ? 0 : 0.5, 0.05]],
  ['scaled gradient descent', 'scaled-gradient-descent', 'normal', (k) => [0.1, 0.01 * (k + 1), k % 2 === 0 ? 0 : 0.1, 0]],
  // noise where the gradient is small, after every 4 steps, and ends where it gained too little
  ['perturbed gradient descent', 'perturbed-gradient-descent', 'lattice', (k) => [0.05, 0.1, 3, k === 0 ? 5 : 1e-4, 4, k % 2]],
];

describe.each(methods)('%s', (_, method, noise, parameters) => {
  it.each(sizes.filter((__, i) => i === 0 || i > 2).map((size) => [nameOf(size), size] as const))('%s: 100 steps, the bits of the cpu in f32, in one call or several', async (__, size) => {
    const steps = size.rows > 9 ? 20 : 100;
    const runs: Runs = { ...size, method, noise, count: 3, steps };
    const found = await twins.expectTwins(runs, made(runs, parameters), size === sizes[0] ? [steps] : [0, 1, 16, steps - 17]);
    expect(found.some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});

describe('families', () => {
  const steps = 30;

  /** No run diverged, and each is below where it began. */
  const expectDescent = async (runs: Runs, states: Float64Array, family: Family) => {
    const begun = await twins.expectTwins({ ...runs, steps: 0 }, made(runs, () => [0]), [0], family);
    const [length, { value, diverged }] = [stateLength(runs.method, variablesOf(runs)), slotsOf(variablesOf(runs))];
    for (let k = 0; k < runs.count; k++) {
      expect(states[k * length + diverged]).toBe(0);
      expect(states[k * length + value]!).toBeLessThan(0.99 * begun[k * length + value]!);
    }
  };

  // matrices of all runs, or of each; the adjoint in pieces
  it.each([[sizes[0]!, true], [sizes[3]!, false], [sizes[4]!, true]] as const)('measurements of %o', async (size, shared) => {
    const { rows, cols, symmetric } = size;
    const runs: Runs = { ...size, method: 'gradient-descent', noise: 'normal', count: 2, steps };
    const measurements = 70;
    const matrices = draw(5, (shared ? 1 : 2) * measurements * rows * cols);
    const family: Family = {
      data: [symmetric ? matrices.map((_, e) => matrices[e - (e % (rows * rows)) + Math.max(...mirrored(e % (rows * rows), rows))]!) : matrices, draw(6, 2 * measurements)],
      call(kernels, ensemble, [all, data]) {
        kernels['ensemble/sensing'](ensemble, measurements, all!, data!);
      },
    };
    await expectDescent(runs, await twins.expectTwins(runs, made(runs, (k) => [0.0005 * (k + 1)]), [11, steps - 11], family), family);
  });

  it.each([[9, false, -1], [12, true, -1], [9, false, 0.1], [70, true, 0]])('magnitudes of signals of %i numbers, complex %s, smoothing %f', async (rows, complex, smoothing) => {
    const runs: Runs = { symmetric: true, rows, cols: rows, rank: 1, method: 'gradient-descent', noise: 'normal', count: 2, steps };
    const measurements = 66;
    const family: Family = {
      data: [draw(7, measurements * rows), draw(8, 2 * measurements).map((x) => Math.fround(x * x))],
      call(kernels, ensemble, [vectors, data]) {
        kernels['ensemble/phase-retrieval'](ensemble, measurements, complex, smoothing, vectors!, data!);
      },
    };
    await expectDescent(runs, await twins.expectTwins(runs, made(runs, (k) => [0.00015 * (k + 1)]), [steps], family), family);
  });
});

describe('flags', () => {
  it('say when a run reached its bounds, diverged or ended, and it rests there', async () => {
    const runs: Runs = { ...sizes[0]!, method: 'gradient-descent', noise: 'normal', count: 4, steps: 60 };
    const numbers = made(runs, (k) => [[0.05, 10, 0.05, 0.05][k]!], (k) => [k === 0 ? 1e9 : -1, k === 2 ? 0.5 : -1]);
    const found = await twins.expectTwins(runs, numbers, [30, 30]);
    const slots = slotsOf(variablesOf(runs));
    const flag = (k: number, name: 'reached' | 'diverged' | 'ended') => found[k * stateLength(runs.method, variablesOf(runs)) + slots[name]]!;
    expect([flag(0, 'reached'), flag(0, 'diverged'), flag(3, 'reached'), flag(3, 'diverged')]).toEqual([1, 0, 0, 0]);
    expect(flag(1, 'diverged')).toBeGreaterThan(1);
    expect(flag(2, 'reached')).toBeGreaterThan(1);
    const perturbed: Runs = { ...sizes[0]!, method: 'perturbed-gradient-descent', noise: 'lattice', count: 2, steps: 60 };
    const ended = await twins.expectTwins(perturbed, made(perturbed, (k) => [0.05, 0.1, 3, 5, 4, k]));
    expect(ended[stateLength(perturbed.method, variablesOf(perturbed)) + slots.ended]!).toBeGreaterThan(1);
    // no Cholesky factor: a factor of zeros, without damping
    const scaled: Runs = { ...sizes[0]!, method: 'scaled-gradient-descent', noise: 'normal', count: 1, steps: 3 };
    const zero = { ...made(scaled, () => [0.1, 0, 0, 0]), states: new Float64Array(stateLength(scaled.method, variablesOf(scaled))) };
    expect((await twins.expectTwins(scaled, zero))[slots.diverged]).toBe(2);
  });
});

it('runs on several objectives go there in one call', async () => {
  const objectives = (side: number) => [1, 2].map((seed) => matrixFactorization({ target: { rows: side, cols: 4, values: draw(seed, 4 * side) }, rank: 2, lambda: 0.1 }));
  const options = { steps: 20, seed: 9, reach: { gradientNorm: 1e-3 } };
  for (const method of [gradientDescent({ step: fixed({ step: 0.05 }) }), langevin({ step: 0.02, temperature: 0.01, noise: 'lattice' })]) {
    const [there, here] = [await solveEnsemble(objectives(6), method, { ...options, backend: bench.backend }), await solveEnsemble(objectives(6), method, { ...options, backend: cpu({ dtype: 'f32' }) })];
    expect([there.route, here.route]).toEqual(['fused', 'fused']);
    if (twins.plain) expect([there.points, there.values]).toEqual([here.points, here.values]);
  }
});

it('runs on measurements and magnitudes go there, too', async () => {
  const { data } = generateMeasurements({ rows: 6, cols: 5, rank: 1, measurements: 40, lattice: true }, 3);
  const sensing = matrixSensing({ measurements: data, rank: 2, normalisation: 'mean' });
  const signal = phaseRetrieval({ measurements: generateIntensities({ size: 5, complex: true, measurements: 30 }, 4).data, loss: 'smoothed-amplitude', smoothing: 0.1 });
  const options = { count: 3, steps: 15, seed: 2 };
  for (const objective of [sensing, signal] as readonly Objective<'valueAndGradient'>[]) {
    const run = (backend: Backend) => solveEnsemble(objective, gradientDescent({ step: fixed({ step: 0.02 }) }), { ...options, backend });
    const [there, here] = [await run(bench.backend), await run(cpu({ dtype: 'f32' }))];
    expect([there.route, here.route]).toEqual(['fused', 'fused']);
    if (twins.plain) expect([there.points, there.values]).toEqual([here.points, here.values]);
  }
});

it('what is too large goes one after another, and the solution says why', async () => {
  const objective = matrixFactorization({ target: { rows: 65, cols: 4, values: draw(1, 4 * 65) }, rank: 2 });
  // a device that only checks
  const backend = await nullBackend();
  const solution = await solveEnsemble(objective, gradientDescent({ step: fixed({ step: 0.01 }) }), { count: 2, steps: 2, backend });
  expect([solution.route, solution.note]).toEqual(['loop', expect.stringContaining('65 x 4 of rank 2')]);
  await backend[Symbol.asyncDispose]();
});

it('cuts of time between runs and steps change no bit', async () => {
  const runs: Runs = { ...sizes[0]!, method: 'langevin', noise: 'normal', count: 5, steps: 9 };
  const numbers = made(runs, (k) => [0.01 * (k + 1), 0.5, 0.1]);
  const expected = await twins.expectTwins(runs, numbers);
  // time for one workgroup at most
  const backend = webgpu({ dispatchMilliseconds: 1e-6 });
  using device = await backend.open();
  expect(await moved(device, device.kernels as EnsembleKernels, factorization(runs), runs, numbers, [9])).toEqual(expected);
  device[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
});

const largest: Runs = { symmetric: false, rows: 64, cols: 64, rank: 8, method: 'gradient-descent', noise: 'normal', count: 1, steps: 45 };

// seconds of compiling, for the clearing of memory; steps of two dispatches
it.runIf(full)('the largest problems are the cpu\'s, too', async () => {
  expect(await twins.expectTwins(largest, made(largest, () => [0.01]))).toHaveLength(1024 + 5);
});

it('what is too large, not known or does not fit is refused', () => {
  const { device: { kernels }, memory } = bench;
  const [one, many] = [memory.vector(3), memory.vector(10)];
  const given: FactoredEnsemble = { ...largest, firstStep: 0, seed: 0, coefficients: one, parameters: memory.vector(1), limits: memory.vector(2), states: many };
  const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
  for (const larger of [{ rows: 65 }, { cols: 65 }, { rank: 9 }, { method: 'newton' as never }, { method: 'perturbed-gradient-descent' as const }]) {
    expect(() => { kernels['ensemble/factorization']!({ ...given, ...larger }, many); }).toThrow(code('LOWLAND_E_ENSEMBLE'));
  }
  const small = { ...given, rows: 2, cols: 2, rank: 1, states: memory.vector(4 + 5) };
  for (const wrong of [{ states: one }, { parameters: one }, { limits: one }, { coefficients: many }]) {
    expect(() => { kernels['ensemble/factorization']!({ ...small, ...wrong }, memory.vector(4)); }).toThrow(code('LOWLAND_E_SHAPE'));
  }
  expect(() => { kernels['ensemble/factorization']!(small, one); }).toThrow(code('LOWLAND_E_SHAPE'));
});
