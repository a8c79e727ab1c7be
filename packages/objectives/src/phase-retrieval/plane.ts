import type { CapabilityMap, Device, KernelName, Mat, Memory, Vec } from '@lowland/core';

import { bindPlane, quadraticRows, type PlaneLoss } from '../factored/plane.ts';
import { newMatrix } from '../factored/term.ts';
import type { PhaseProblem, Uploaded } from './problem.ts';
import { widthOf } from './vectors.ts';

export const planeKernels = (problem: PhaseProblem): readonly KernelName[] => [...new Set(['fill', 'gemv', 'mul', 'scal', ...problem.vectors.kernels] as const)];

/** f on planes: intensities |z_k|^2 are quadratic there, and amplitudes are their roots. */
export function planeOf(problem: PhaseProblem, { vectors, data }: Pick<Uploaded, 'vectors' | 'data'>, planeLoss: PlaneLoss, device: Device, memory: Memory): CapabilityMap['planeValues'] {
  const { gemv, mul, scal, fill } = device.kernels;
  const { weight, smoothing, vectors: { count } } = problem;
  const width = widthOf(problem.vectors);
  const { image } = vectors();
  const pairs = (): Mat => newMatrix(device, memory, count, width);
  const [z, dz, product] = [pairs(), pairs(), pairs()];
  const ones = memory.vector(width);
  fill(ones, 1);
  /** out = Re(conj(A x) A v) */
  const intensity = (x: Vec, v: Vec, out: Vec): void => {
    image(x, z);
    image(v, dz);
    mul(z, dz, product);
    gemv('N', 1, product, ones, 0, out);
  };
  return bindPlane(
    [{
      kind: smoothing === undefined ? 'least-squares' : 'amplitude',
      parameter: smoothing ?? 0,
      scale: 2 * weight,
      shape: [count, 1],
      data: () => data,
      rows: quadraticRows(
        (x, out) => { intensity(x, x, out); },
        (x, v, out) => {
          intensity(x, v, out);
          scal(2, out);
        },
      ),
    }],
    planeLoss,
    device,
    memory,
  );
}
