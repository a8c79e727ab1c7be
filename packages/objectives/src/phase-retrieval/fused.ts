/** One pass over the vectors for each oracle, where the device has `phaseProducts`. */
import type { Device, KernelName, Memory, Vec } from '@lowland/core';

import { newVector } from '../factored/term.ts';
import type { ComposedOracles } from './composed.ts';
import { slopeOf, type PhaseProblem, type Uploaded } from './problem.ts';

export const fusedKernels = ['dot', 'phaseProducts'] as const satisfies readonly KernelName[];

export function fusedOracles(problem: PhaseProblem, { matrix, data }: Pick<Uploaded, 'matrix' | 'data'>, device: Device, memory: Memory): Omit<ComposedOracles, 'residual' | 'stochasticGradient'> {
  const { dot } = device.kernels;
  const phaseProducts = device.kernels.phaseProducts!;
  const { smoothing } = problem;
  const slope = slopeOf(problem);
  const a = matrix();
  const rho = memory.vector(problem.data.length);
  const squares = memory.vector(1);
  const weight = newVector(device, memory, Float64Array.of(problem.weight));
  const finish = (value: Vec): void => {
    dot(rho, rho, squares, 0);
    dot(weight, squares, value, 0);
  };
  return {
    value(x, out) {
      phaseProducts(1, a, data, smoothing, x, rho, undefined);
      finish(out);
    },
    gradient(x, out) {
      phaseProducts(slope, a, data, smoothing, x, rho, out);
    },
    valueAndGradient(x, value, out) {
      phaseProducts(slope, a, data, smoothing, x, rho, out);
      finish(value);
    },
    hessianVectorProduct(x, v, out) {
      phaseProducts(slope, a, data, smoothing, x, rho, out, v);
    },
  };
}
