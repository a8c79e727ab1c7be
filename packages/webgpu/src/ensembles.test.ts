/** Ensembles against those of the cpu in f32: bit for bit where the GPU rounds as WGSL is written, which SwiftShader does. */
import { type Device, normals, solveEnsemble, streamKey, type Vec } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';
import { gradientDescent, fixed, langevin } from '@lowland/optimizers';
import { type EnsembleMethod, type FactoredEnsemble, hostEnsembles, slotsOf, stateLength, variablesOf } from '@lowland/linalg/ensembles';
import { beforeAll, describe, expect, it } from 'vitest';

import { driverIsNamed, useDevice } from '../test/devices.ts';
import { webgpuInfo } from './index.ts';

const bench = useDevice();
let plainRounding = false;
beforeAll(async () => {
  const { numerics } = await webgpuInfo();
  plainRounding = !numerics.contracts && numerics.roundsDivision && numerics.roundsRoot && numerics.twoSum === 'plain';
});

it('is compared to the bit here, unless another driver was named', () => {
  expect(plainRounding || driverIsNamed).toBe(true);
});

type Sizes = Pick<FactoredEnsemble, 'symmetric' | 'rows' | 'cols' | 'rank'>;
const draw = (seed: number, length: number, scale = 1): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'ensembles test'), out);
  return out.map((x) => Math.fround(scale * x));
};

interface Numbers {
  readonly coefficients: Float64Array;
  readonly parameters: Float64Array;
  readonly limits: Float64Array;
  readonly targets: Float64Array;
  readonly states: Float64Array;
}
type Runs = Sizes & Pick<FactoredEnsemble, 'method' | 'count' | 'steps' | 'noise'>;

/** States after the steps, in as many calls as there are numbers of steps. */
async function moved(device: Device, kernel: (ensemble: FactoredEnsemble, targets: Vec) => void, runs: Runs, numbers: Numbers, calls: readonly number[]): Promise<Float64Array> {
  using memory = device.memory();
  const vector = (data: Float64Array) => {
    // at an odd place of its vector
    const whole = memory.vector(data.length + 3);
    const part = device.view(whole, 3, data.length);
    device.write(part, data);
    return part;
  };
  const [coefficients, parameters, limits, targets, states] = [numbers.coefficients, numbers.parameters, numbers.limits, numbers.targets, numbers.states].map(vector) as [Vec, Vec, Vec, Vec, Vec];
  let firstStep = 0;
  for (const steps of calls) {
    kernel({ ...runs, steps, firstStep, seed: 2 ** 40 - 3, coefficients, parameters, limits, states }, targets);
    firstStep += steps;
  }
  return await device.read(states);
}

/** Runs of a method from random starts: planted targets, two of them, and parameters that differ from run to run. */
function made(runs: Runs, parameters: (k: number) => readonly number[], limit: (k: number) => readonly [number, number] = () => [-1, -1]): Numbers {
  const { method, count, rows, cols, symmetric } = runs;
  const variables = variablesOf(runs);
  const length = stateLength(method, variables);
  const planted = (k: number) => {
    const u = draw(100 + k, rows);
    const v = symmetric ? u : draw(200 + k, cols);
    return Float64Array.from({ length: rows * cols }, (_, e) => Math.fround((2 * u[Math.floor(e / cols)]! * v[e % cols]!) / Math.sqrt(rows * cols)));
  };
  const states = new Float64Array(count * length);
  for (let k = 0; k < count; k++) states.set(draw(300 + k, variables, 0.5), k * length);
  return {
    coefficients: Float64Array.from({ length: 3 * count }, (_, e) => Math.fround([1, 0.01 * (Math.floor(e / 3) % 2), symmetric ? 0 : 0.25 * (Math.floor(e / 3) % 3)][e % 3]!)),
    parameters: Float64Array.from({ length: count }, (_, k) => k).reduce((all, k) => Float64Array.of(...all, ...parameters(k).map(Math.fround)), new Float64Array(0)),
    limits: Float64Array.from([...Array(count).keys()].flatMap(limit), Math.fround),
    targets: Float64Array.from([...Array(count).keys()].flatMap((k) => [...planted(k)])),
    states,
  };
}

async function expectTwins(runs: Runs, numbers: Numbers, calls: readonly number[] = [runs.steps]): Promise<Float64Array> {
  using host = await cpu({ dtype: 'f32' }).open();
  const expected = await moved(host, hostEnsembles(host)['ensemble/factorization'], runs, numbers, [runs.steps]);
  const found = await moved(bench.device, bench.device.kernels['ensemble/factorization']!, runs, numbers, calls);
  if (plainRounding) expect(found).toEqual(expected);
  // Rounding apart; what diverges or ends by a hair may do so elsewhere.
  else found.forEach((x, i) => { expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-3 * (1 + Math.abs(expected[i]!))); });
  return found;
}

const sizes: readonly Sizes[] = [
  { symmetric: false, rows: 7, cols: 5, rank: 2 },
  { symmetric: false, rows: 1, cols: 9, rank: 1 },
  { symmetric: false, rows: 9, cols: 1, rank: 3 },
  { symmetric: true, rows: 8, cols: 8, rank: 3 },
  // the residual in pieces
  { symmetric: false, rows: 40, cols: 20, rank: 2 },
];
const nameOf = ({ symmetric, rows, cols, rank }: Sizes): string => `${symmetric ? 'symmetric ' : ''}${rows} x ${cols} of rank ${rank}`;

const methods: readonly (readonly [name: string, method: EnsembleMethod, noise: FactoredEnsemble['noise'], parameters: (k: number) => readonly number[]])[] = [
  ['gradient descent', 'gradient-descent', 'normal', (k) => [0.02 + 0.01 * k]],
  ['langevin, uploaded normals', 'langevin', 'normal', (k) => [0.01 + 0.005 * k, k % 2 === 0 ? 0 : 0.5, 0.05]],
  ['langevin by the lattice rule', 'langevin', 'lattice', (k) => [0.01 + 0.005 * k, k % 2 === 0 ? 0 : 0.5, 0.05]],
  ['scaled gradient descent', 'scaled-gradient-descent', 'normal', (k) => [0.1, 0.01 * (k + 1), k % 2 === 0 ? 0 : 0.1, 0]],
  // noise where the gradient is small, after every 4 steps, and ends where it gained too little
  ['perturbed gradient descent', 'perturbed-gradient-descent', 'lattice', (k) => [0.05, 0.1, 3, k === 0 ? 5 : 1e-4, 4, k % 2]],
];

// A page reaches the same GPU: there the first of them.
describe.each(typeof process === 'undefined' ? methods.slice(0, 1) : methods)('%s', (_, method, noise, parameters) => {
  it.each(sizes.filter((__, i) => method === 'gradient-descent' || i === 0 || i > 2).map((size) => [nameOf(size), size] as const))('%s: 100 steps, the bits of the cpu in f32, in one call or several', async (__, size) => {
    const steps = size.rows > 9 ? 20 : 100;
    const runs: Runs = { ...size, method, noise, count: 3, steps };
    const found = await expectTwins(runs, made(runs, parameters), size === sizes[0] ? [steps] : [0, 1, 16, steps - 17]);
    expect(found.some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});

describe('flags', () => {
  it('say when a run reached its bounds, diverged or ended, and it rests there', async () => {
    const runs: Runs = { ...sizes[0]!, method: 'gradient-descent', noise: 'normal', count: 4, steps: 60 };
    const numbers = made(runs, (k) => [[0.05, 10, 0.05, 0.05][k]!], (k) => [k === 0 ? 1e9 : -1, k === 2 ? 0.5 : -1]);
    const found = await expectTwins(runs, numbers, [30, 30]);
    const slots = slotsOf(variablesOf(runs));
    const flag = (k: number, name: 'reached' | 'diverged' | 'ended') => found[k * stateLength(runs.method, variablesOf(runs)) + slots[name]]!;
    expect([flag(0, 'reached'), flag(0, 'diverged'), flag(3, 'reached'), flag(3, 'diverged')]).toEqual([1, 0, 0, 0]);
    expect(flag(1, 'diverged')).toBeGreaterThan(1);
    expect(flag(2, 'reached')).toBeGreaterThan(1);
    const perturbed: Runs = { ...sizes[0]!, method: 'perturbed-gradient-descent', noise: 'lattice', count: 2, steps: 60 };
    const ended = await expectTwins(perturbed, made(perturbed, (k) => [0.05, 0.1, 3, 5, 4, k]));
    expect(ended[stateLength(perturbed.method, variablesOf(perturbed)) + slots.ended]!).toBeGreaterThan(1);
    // no Cholesky factor: a factor of zeros, without damping
    const scaled: Runs = { ...sizes[0]!, method: 'scaled-gradient-descent', noise: 'normal', count: 1, steps: 3 };
    const zero = { ...made(scaled, () => [0.1, 0, 0, 0]), states: new Float64Array(stateLength(scaled.method, variablesOf(scaled))) };
    expect((await expectTwins(scaled, zero))[slots.diverged]).toBe(2);
  });
});

it('runs on several objectives go there in one call', async () => {
  const objectives = (side: number) => [1, 2].map((seed) => matrixFactorization({ target: { rows: side, cols: 4, values: draw(seed, 4 * side) }, rank: 2, lambda: 0.1 }));
  const options = { steps: 20, seed: 9, reach: { gradientNorm: 1e-3 } };
  for (const method of [gradientDescent({ step: fixed({ step: 0.05 }) }), langevin({ step: 0.02, temperature: 0.01, noise: 'lattice' })]) {
    const [there, here] = [await solveEnsemble(objectives(6), method, { ...options, backend: bench.backend }), await solveEnsemble(objectives(6), method, { ...options, backend: cpu({ dtype: 'f32' }) })];
    expect([there.route, here.route]).toEqual(['fused', 'fused']);
    if (plainRounding) expect([there.points, there.values]).toEqual([here.points, here.values]);
  }
});

const largest: Runs = { symmetric: false, rows: 64, cols: 64, rank: 8, method: 'gradient-descent', noise: 'normal', count: 1, steps: 2 };

// seconds of compiling, all of them for the clearing of memory
it.runIf(typeof process !== 'undefined' && process.env['LOWLAND_FULL'] === '1')('the largest problems are the cpu\'s, too', async () => {
  await expectTwins(largest, made(largest, () => [0.01]));
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
