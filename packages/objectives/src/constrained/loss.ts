import type { Device, KernelName, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix, newVector } from '../factored/term.ts';
import type { ConstrainedProblem } from './problem.ts';

/** phi on a device, through products with G = grad phi(U U^T) and with its derivative H. X is never formed. */
export interface DeviceLoss {
  /** Whether H is anything but zero. */
  readonly curved: boolean;
  /** Of the two sums. */
  readonly weights: readonly [number, number];
  /** Makes U the point. */
  at(u: Mat): void;
  /** sums[0] = <C, U U^T>, sums[1] = |q(U U^T) - data|^2 */
  sums(u: Mat, sums: Vec): void;
  /** out = G U */
  slope(u: Mat, out: Mat): void;
  /** out = G b */
  times(b: Mat, out: Mat): void;
  /** Takes H = scale hess phi[p q^T + q p^T]; only where `curved`. */
  bend(scale: number, p: Mat, q: Mat): void;
  /** out = H b, or out += H b; only where `curved`. */
  bentTimes(b: Mat, beta: 0 | 1, out: Mat): void;
}

export function lossKernels({ cost, fit }: Pick<ConstrainedProblem, 'cost' | 'fit'>): readonly KernelName[] {
  return [...(cost?.kernels ?? []), ...(fit?.map.kernels ?? [])];
}

export function bindLoss({ cost, fit, rows }: ConstrainedProblem, rank: number, device: Device, memory: Memory): DeviceLoss {
  const { axpy, copy, dot, fill } = device.kernels;
  const linear = cost?.bind(device, memory);
  const costTimes = newMatrix(device, memory, rows, rank);
  const q = fit?.map.bind(device, memory, rank);
  const data = fit && newVector(device, memory, fit.data);
  const [rho, along] = [memory.vector(fit?.map.length ?? 1), memory.vector(fit?.map.length ?? 1)];
  const addFit = (b: Mat, out: Mat): void => {
    if (q === undefined) return;
    q.load(fit!.weight, rho);
    q.times(false, b, 1, out);
  };
  return {
    curved: fit !== undefined,
    weights: [1, (fit?.weight ?? 0) / 2],
    at(u) {
      linear?.(u, costTimes);
      if (q === undefined) return;
      q.image(u, u, rho);
      axpy(-1, data!, rho);
    },
    sums(u, sums) {
      dot(costTimes, u, sums, 0);
      dot(rho, rho, sums, 1);
    },
    slope(u, out) {
      copy(costTimes, out);
      addFit(u, out);
    },
    times(b, out) {
      if (linear === undefined) fill(out, 0);
      else linear(b, out);
      addFit(b, out);
    },
    bend(scale, p, other) {
      q!.differential(other, other, p, p, along);
      q!.load(scale * fit!.weight, along);
    },
    bentTimes: (b, beta, out) => {
      q!.times(false, b, beta, out);
    },
  };
}
