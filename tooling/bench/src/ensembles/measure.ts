/**
 * Prints what a step of a run takes, in microseconds of the processor: in an ensemble and in a loop over `solve`, starts and ends shared out among the steps.
 * One process, one thread, samples in turn. `--quick`: few steps, one sample. `--only TEXT`: problems whose names contain it.
 */
import { type Capability, normals, type Objective, type Optimizer, solveEnsemble, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { generateIntensities, generateMeasurements, matrixFactorization, matrixSensing, phaseRetrieval, symmetricFactorization } from '@lowland/objectives';
import { fixed, gradientDescent, langevin, perturbedGradientDescent, scaledGradientDescent } from '@lowland/optimizers';

import type { Moved } from './suite.ts';

const quick = process.argv.includes('--quick');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1]! : '';
/** Samples at least and at most, and microseconds after which the former are enough. */
const [fewest, most, enough] = quick ? [1, 1, 0] : [3, 20, 4e5];
/** Numbers that all runs of a sample touch, about: milliseconds. */
const work = quick ? 1e4 : 3e6;

type Any = Objective<Capability>;
type Method = Optimizer<'valueAndGradient' | 'factors'>;

const target = (rows: number, cols: number, seed = 1) => {
  const values = new Float64Array(rows * cols);
  normals(streamKey(seed, 'numbers'), values);
  return { rows, cols, values };
};
/** X X^T of rank 2. */
const square = (size: number) => {
  const { values: x } = target(size, 2);
  const values = Float64Array.from({ length: size * size }, (_, k) => x[2 * Math.floor(k / size)]! * x[2 * (k % size)]! + x[2 * Math.floor(k / size) + 1]! * x[2 * (k % size) + 1]!);
  return { rows: size, cols: size, values };
};
/** Steps are so small that runs neither end nor diverge. */
const descent: Method = gradientDescent({ step: fixed({ step: 1e-5 }) });
const methods: Readonly<Record<string, Method>> = {
  langevin: langevin({ step: 1e-5, temperature: 1e-3 }),
  'langevin, lattice': langevin({ step: 1e-5, temperature: 1e-3, noise: 'lattice' }),
  scaled: scaledGradientDescent({ damping: 0.1, adaptive: 0, step: fixed({ step: 1e-3 }) }),
  perturbed: perturbedGradientDescent({ smoothness: 1e5, radius: 0.1 }),
};

const factorization = (size: number, rank: number, seed = 1) => [`factorization ${size} x ${size}, rank ${rank}`, matrixFactorization({ target: target(size, size, seed), rank }) as Any, size * size * rank] as const;
const symmetric = (size: number, rank: number) => [`symmetric ${size} x ${size}, rank ${rank}`, symmetricFactorization({ target: square(size), rank }) as Any, size * size * rank] as const;
const sensing = (size: number, count: number, seed = 1) =>
  [`sensing ${size} x ${size}, ${count}`, matrixSensing({ measurements: generateMeasurements({ rows: size, cols: size, rank: 2, measurements: count }, seed).data, rank: 2 }) as Any, size * size * count] as const;
const phase = (size: number, count: number, complex = false, seed = 1) =>
  [`phase retrieval ${size}, ${count}${complex ? ', complex' : ''}`, phaseRetrieval({ measurements: generateIntensities({ size, measurements: count, complex }, seed).data }) as Any, size * count * (complex ? 4 : 1)] as const;

const several = (count: number, make: (seed: number) => readonly [string, Any, number]) => {
  const each = Array.from({ length: quick ? 2 : count }, (_, seed) => make(seed));
  return [`${each[0]![0]}, one for each run`, each.map(([, objective]) => objective), each[0]![2]] as const;
};

const problems = [
  ...[5, 10, 20, 40, 64].map((size) => factorization(size, 2)),
  ...[20, 40, 64].map((size) => factorization(size, 8)),
  ...[10, 40].map((size) => symmetric(size, 3)),
  ...([[5, 30], [8, 60], [20, 228], [40, 500]] as const).map(([size, count]) => sensing(size, count)),
  ...([[10, 60], [60, 480], [200, 1600]] as const).map(([size, count]) => phase(size, count)),
  phase(10, 60, true),
  phase(60, 480, true),
];

/** The best microseconds of each, in turns. */
async function best(works: readonly (() => Promise<void>)[]): Promise<readonly number[]> {
  const times = works.map(() => Infinity);
  const start = performance.now();
  for (let sample = 0; sample < most && (sample < fewest || (performance.now() - start) * 1000 < enough); sample++) {
    for (const [k, one] of works.entries()) {
      const begin = process.cpuUsage();
      await one();
      const { user, system } = process.cpuUsage(begin);
      times[k] = Math.min(times[k]!, user + system);
    }
  }
  return times;
}

const rows: Moved[] = [];
interface Case {
  readonly name: string;
  /** One for all runs, or one for each. */
  readonly objectives: readonly Any[];
  readonly size: number;
  readonly counts: readonly number[];
  readonly dtype: 'f64' | 'f32';
  readonly method: string;
  readonly optimizer: Method;
}
const types = ['f64', 'f32'] as const;
const cases: readonly Case[] = [
  ...problems.flatMap(([name, objective, size]) => types.map((dtype): Case => ({ name, objectives: [objective], size, counts: [3, 9, 32], dtype, method: 'gradient descent', optimizer: descent }))),
  ...[factorization(20, 2), sensing(8, 60)].flatMap(([name, objective, size]) =>
    Object.entries(methods).flatMap(([method, optimizer]) => types.map((dtype): Case => ({ name, objectives: [objective], size, counts: [3, 9, 32], dtype, method, optimizer })))),
  ...[several(16, (seed) => factorization(20, 2, seed)), several(16, (seed) => sensing(8, 60, seed)), several(16, (seed) => sensing(20, 228, seed)), several(16, (seed) => phase(60, 480, false, seed))].flatMap(([name, objectives, size]) =>
    types.map((dtype): Case => ({ name, objectives, size, counts: [objectives.length], dtype, method: 'gradient descent', optimizer: descent }))),
];
const backends = { f64: cpu(), f32: cpu({ dtype: 'f32' }) };
for (const { name, objectives, size, counts, dtype, method, optimizer } of cases) {
  if (!name.includes(only)) continue;
  for (const count of counts) {
    const steps = quick ? 2 : Math.max(50, Math.min(1000, Math.ceil(work / (count * size))));
    const { ensemble: _, ...alone } = optimizer;
    const options = { backend: backends[dtype], count, steps };
    // few runs on large problems are not offered together
    if ((await solveEnsemble(objectives, optimizer, { ...options, steps: 1 })).route === 'loop') continue;
    const [loop, fused] = await best([alone, optimizer].map((one) => async () => { await solveEnsemble(objectives, one, options); }));
    const share = count * steps;
    rows.push({ name, method, dtype, count, steps, loop: loop! / share, fused: fused! / share });
  }
}
console.log(JSON.stringify(rows));
