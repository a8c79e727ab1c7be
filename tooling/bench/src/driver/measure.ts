/**
 * Prints the nanoseconds that one iteration of gradient descent takes, in one of four variants: by hand or through
 * solve(), on a matrix factorization or on the double well. Best of twelve runs, in this process alone.
 */
import {
  anyOf,
  bind,
  gradientTolerance,
  layoutLength,
  maxIterations,
  normals,
  type Objective,
  type Point,
  solve,
  streamKey,
} from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';
import { fixed, gradientDescent } from '@lowland/optimizers';

import { doubleWell } from './double-well.ts';

interface Case {
  readonly objective: Objective<'valueAndGradient'>;
  /** So small that the gradient stays far from the tolerance. */
  readonly step: number;
  readonly iterations: number;
}

const tolerance = 1e-14;

const cases: Readonly<Record<string, () => Case>> = {
  factorization: () => ({ objective: factorization(), step: 1e-6, iterations: 20_000 }),
  well: () => ({ objective: doubleWell(), step: 1e-6, iterations: 500_000 }),
};

function factorization() {
  const values = new Float64Array(400);
  normals(streamKey(1, 'bench'), values);
  return matrixFactorization({ target: { rows: 20, cols: 20, values }, rank: 3 });
}

/** The loop that one writes without a driver. */
async function byHand(start: Point, { objective, step, iterations }: Case): Promise<number> {
  const device = await cpu().open();
  const binding = bind(objective, device, ['valueAndGradient']);
  const memory = device.memory();
  const { problem } = binding;
  const { axpy, dot } = device.kernels;
  const length = layoutLength(objective.layout);
  const [x, gradient, value, squaredNorm] = [memory.vector(length), memory.vector(length), memory.vector(1), memory.vector(1)];
  device.write(x, start.data);
  const norm = () => {
    dot(gradient, gradient, squaredNorm);
    return Math.sqrt(device.scalar(squaredNorm) as number);
  };
  const begin = performance.now();
  problem.valueAndGradient(x, value, gradient);
  const limit = tolerance * norm();
  let done = 0;
  while (done < iterations && norm() > limit) {
    axpy(-step, gradient, x);
    problem.valueAndGradient(x, value, gradient);
    done += 1;
  }
  const seconds = (performance.now() - begin) / 1000;
  for (const owner of [memory, binding, device]) owner[Symbol.dispose]();
  if (done !== iterations) throw new Error(`the loop by hand stopped after ${done} iterations`);
  return seconds;
}

async function throughSolve(start: Point, { objective, step, iterations }: Case): Promise<number> {
  const method = gradientDescent({ step: fixed({ step }) });
  const begin = performance.now();
  const solution = await solve(objective, method, {
    backend: cpu(),
    point: start,
    stop: anyOf(gradientTolerance(tolerance), maxIterations(iterations)),
  });
  const seconds = (performance.now() - begin) / 1000;
  if (solution.iterations !== iterations) throw new Error(`solve() stopped after ${solution.iterations} iterations`);
  return seconds;
}

const [name, way] = (process.argv[2] ?? '').split('-') as [string, string];
const chosen = cases[name]!();
const run = way === 'hand' ? byHand : throughSolve;
const start = chosen.objective.initial(streamKey(0, 'init', 0));
let best = Number.POSITIVE_INFINITY;
for (let i = 0; i < 12; i += 1) best = Math.min(best, await run(start, chosen));
console.log((best / chosen.iterations) * 1e9);
