/** Tasks on a backend of Lowland, through its public functions: what a user of the packages gets. */
import { bind, blockOf, createPoint, maxIterations, solve, type Backend, type Device, type Layout, type Mat, type Objective, type Optimizer, type Point, type Solution } from '@lowland/core';
import { matrixCompletion, matrixFactorization, matrixSensing } from '@lowland/objectives';
import { fixed, gradientDescent } from '@lowland/optimizers';

import type { Instance } from '../tasks/generate.ts';
import type { FactorisationDescent, FactorisationGradient } from '../tasks/task.ts';
import { squaredNorm, weighted } from '../tasks/values.ts';
import type { Prepared, Preparers } from './contender.ts';

type Descended = Objective<'valueAndGradient'>;

interface Loop {
  readonly step: number;
  readonly iterations: number;
}

/** What any backend does through the objectives and `solve`. */
export function throughObjectives(backend: Backend): Preparers {
  const descend = (objective: Descended, { step, iterations }: Loop, instance: Instance): Prepared => {
    const method = gradientDescent({ step: fixed({ step }) });
    const point = startPoint(objective.layout, instance);
    let solution: Solution;
    return {
      async run(times) {
        for (let i = 0; i < times; i += 1) solution = await solve(objective, method, { backend, point, stop: maxIterations(iterations) });
      },
      values: () => [solution.value],
    };
  };
  return {
    'factorisation-gradient': async (task, instance) => {
      const objective = factorisation(task, instance);
      const device = await backend.open();
      const { problem } = bind(objective, device, ['valueAndGradient']);
      const point = startPoint(objective.layout, instance);
      const memory = device.memory();
      const [x, gradient, value] = [memory.vector(point.data.length), memory.vector(point.data.length), memory.vector(1)];
      device.write(x, point.data);
      return {
        run(times) {
          for (let i = 0; i < times; i += 1) problem.valueAndGradient(x, value, gradient);
        },
        values: async () => [await device.scalar(value), squaredNorm(await device.read(gradient))],
      };
    },
    'factorisation-descent': (task, instance) => descend(factorisation(task, instance), task, instance),
    'completion-descent': ({ rows, cols, rank, ...loop }, instance) => {
      const { row, col, values } = instance as { row: Int32Array; col: Int32Array; values: Float64Array };
      return descend(matrixCompletion({ entries: { rows, cols, row, col, values }, rank, center: 'none' }), loop, instance);
    },
    'sensing-descent': ({ rows, cols, rank, ...loop }, instance) => {
      const { measurements: matrices, values } = instance as Record<string, Float64Array> as { measurements: Float64Array; values: Float64Array };
      return descend(matrixSensing({ measurements: { rows, cols, values, ensemble: { kind: 'dense', matrices } }, rank }), loop, instance);
    },
    'rank-one-descent': ({ rows, cols, rank, ...loop }, instance) => {
      const { left, right, values } = instance as { left: Float64Array; right: Float64Array; values: Float64Array };
      return descend(matrixSensing({ measurements: { rows, cols, values, ensemble: { kind: 'rank-one', left, right } }, rank }), loop, instance);
    },
  };
}

/** Recovery by any method that needs no more than gradients: as many iterations as it takes, found out beforehand. */
export const recovery = (backend: Backend, method: Optimizer<'valueAndGradient'>): Preparers => ({
  'completion-recovery': async ({ rows, cols, rank }, instance) => {
    const { row, col, values } = instance as { row: Int32Array; col: Int32Array; values: Float64Array };
    const objective = matrixCompletion({ entries: { rows, cols, row, col, values }, rank, center: 'none' });
    const point = startPoint(objective.layout, instance);
    const run = (iterations: number) => solve(objective, method, { backend, point, stop: maxIterations(iterations) });
    // The error falls, but for single steps: the first of a power of two that is enough, then bisection below.
    let enough = 1;
    while (enough < 4096 && heldOutError((await run(enough)).point, instance) > recovered) enough *= 2;
    for (let short = enough >> 1; enough - short > 1; ) {
      const middle = (short + enough) >> 1;
      if (heldOutError((await run(middle)).point, instance) > recovered) short = middle;
      else enough = middle;
    }
    let solution: Solution;
    return {
      async run(times) {
        for (let i = 0; i < times; i += 1) solution = await run(enough);
      },
      values() {
        const error = heldOutError(solution.point, instance);
        return [error <= recovered ? 1 : error];
      },
    };
  },
});

/** The error of held back entries, relative, at which a matrix is recovered. */
const recovered = 1e-6;

function heldOutError(point: Point, { heldRow, heldCol, heldValues }: Instance): number {
  const [u, v] = [blockOf(point, 'U'), blockOf(point, 'V')];
  const rank = point.layout.blocks[0]!.shape[1]!;
  let [error, size] = [0, 0];
  heldValues!.forEach((value, k) => {
    let entry = 0;
    for (let l = 0; l < rank; l += 1) entry += u[heldRow![k]! * rank + l]! * v[heldCol![k]! * rank + l]!;
    error += (entry - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(error / size);
}

/** Without a balancing term: what everyone else computes. */
function factorisation({ rows, cols, rank }: FactorisationGradient | FactorisationDescent, { target }: Instance): Descended {
  return matrixFactorization({ target: { rows, cols, values: target as Float64Array }, rank, balance: 0 });
}

function startPoint(layout: Layout, { u, v }: Instance): Point {
  return createPoint(layout, Float64Array.of(...u!, ...v!));
}

/** The products of the kernel gemm. */
export function throughKernels(device: Device): Preparers {
  return {
    gemm: ({ n }, instance) => {
      const [a, b, c] = [upload(device, n, n, instance['a']), upload(device, n, n, instance['b']), upload(device, n, n)];
      const { gemm } = device.kernels;
      return {
        run(times) {
          for (let i = 0; i < times; i += 1) gemm('N', 'N', 1, a, b, 0, c);
        },
        values: async () => [weighted(await device.read(c), instance['left']!, instance['right']!)],
      };
    },
  };
}

/** A matrix on the device: zero, or these numbers. */
export function upload(device: Device, rows: number, cols: number, data?: ArrayLike<number>): Mat {
  const vector = device.memory().vector(rows * cols);
  if (data !== undefined) device.write(vector, Float64Array.from(data));
  return device.matrix(vector, 0, rows, cols);
}
