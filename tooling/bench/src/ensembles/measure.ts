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
const [fewest, most, enough] = quick ? [1, 1, 0] : [3, 25, 1e6];
/** Numbers that all runs of a sample touch, about: milliseconds. */
const work = quick ? 1e4 : 3e6;

type Any = Objective<Capability>;
type Method = Optimizer<'valueAndGradient' | 'factors'>;

const target = (rows: number, cols: number) => {
  const values = new Float64Array(rows * cols);
  normals(streamKey(1, 'numbers'), values);
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

const factorization = (size: number, rank: number) => [`factorization ${size} x ${size}, rank ${rank}`, matrixFactorization({ target: target(size, size), rank }) as Any, size * size * rank] as const;
const symmetric = (size: number, rank: number) => [`symmetric ${size} x ${size}, rank ${rank}`, symmetricFactorization({ target: square(size), rank }) as Any, size * size * rank] as const;
const sensing = (size: number, count: number) =>
  [`sensing ${size} x ${size}, ${count}`, matrixSensing({ measurements: generateMeasurements({ rows: size, cols: size, rank: 2, measurements: count }, 1).data, rank: 2 }) as Any, size * size * count] as const;
const phase = (size: number, count: number, complex = false) =>
  [`phase retrieval ${size}, ${count}${complex ? ', complex' : ''}`, phaseRetrieval({ measurements: generateIntensities({ size, measurements: count, complex }, 1).data }) as Any, size * count * (complex ? 4 : 1)] as const;

const [f64, f32] = [cpu(), cpu({ dtype: 'f32' })];
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
const cases = [
  ...problems.flatMap(([name, objective, size]) => [f64, f32].map((backend) => ({ name, objective, size, backend, method: 'gradient descent', optimizer: descent }))),
  ...[factorization(20, 2), sensing(8, 60)].flatMap(([name, objective, size]) =>
    Object.entries(methods).flatMap(([method, optimizer]) => [f64, f32].map((backend) => ({ name, objective, size, backend, method, optimizer })))),
];
for (const { name, objective, size, backend, method, optimizer } of cases) {
  if (!name.includes(only)) continue;
  for (const count of [2, 32]) {
    const steps = Math.max(quick ? 2 : 50, Math.min(1000, Math.ceil(work / (count * size))));
    const { ensemble: _, ...alone } = optimizer;
    const moved = (one: Optimizer<Capability>, route: string) => async () => {
      const solution = await solveEnsemble(objective, one, { backend, count, steps });
      if (solution.route !== route) throw new Error(`${name} went by the ${solution.route}: ${solution.note ?? ''}`);
    };
    const [loop, fused] = await best([moved(alone, 'loop'), moved(optimizer, 'fused')]);
    const share = count * steps;
    rows.push({ name, method, dtype: backend.dtype, count, steps, loop: loop! / share, fused: fused! / share });
  }
}
console.log(JSON.stringify(rows));
