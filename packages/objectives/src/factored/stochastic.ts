/**
 * Gradients of some samples of the fit: one entry, one measurement each. With Z = sum over the batch of rho_k A_k, rho_k = <A_k, X> - data_k,
 *
 *     grad_U = s Z V,   grad_V = s Z^T U,   for X X^T the sum of both,   s = weight (samples / |batch|),
 *
 * and the whole gradient of the other terms; of another loss w_k psi'(<A_k, X>) takes the place of rho_k. Their mean over all batches of one sample is the gradient.
 */
import type { Device, KernelName, Memory, StochasticGradient, Vec } from '@lowland/core';

import { requireBatch } from './checks.ts';
import type { DeviceMap, SampledMap } from './linear-map.ts';
import { bindLoss } from './loss.ts';
import type { FactoredProblem } from './problem.ts';
import { views, type Term } from './term.ts';

export const sampledKernels = ['axpy', 'dot', 'fill', 'gemm', 'host', 'scal'] as const satisfies readonly KernelName[];
export const maskedKernels = ['mul'] as const satisfies readonly KernelName[];

const addTerms = (terms: readonly Term[], x: Vec, out: Vec): void => {
  for (const term of terms) {
    term.prepare(x);
    term.gradient(x, 'both', out);
  }
};

/** rho_k, or w_k psi'(z) of another loss. */
function slopeOf({ data, loss }: FactoredProblem): (z: number, k: number) => number {
  if (loss === undefined) return (z, k) => z - data[k]!;
  const { psi, weights } = loss;
  return (z, k) => (weights === undefined ? 1 : weights[k]!) * psi.first(z, data[k]!);
}

/** The samples of the batch alone, where the host reaches the numbers of the device. */
export function sampledGradient(problem: FactoredProblem, map: SampledMap, terms: readonly Term[], device: Device): StochasticGradient {
  const { data, weight } = problem;
  const samples = data.length;
  const { left, right } = views(problem, device);
  const slope = slopeOf(problem);
  return {
    samples,
    gradient(x, batch, out) {
      requireBatch(batch, samples);
      device.kernels.fill(out, 0);
      map.products(left(x), right(x), slope, batch, (weight * samples) / batch.length, left(out), right(out));
      addTerms(terms, x, out);
    },
  };
}

/** On any device at the cost of a whole gradient: residuals outside of the batch are multiplied by zero. */
export function maskedGradient(problem: FactoredProblem, map: DeviceMap, data: Vec, terms: readonly Term[], device: Device, memory: Memory): StochasticGradient {
  const { weight, symmetric } = problem;
  const samples = data.length;
  const { axpy, mul } = device.kernels;
  const { left, right } = views(problem, device);
  const [rho, mask, masked] = [memory.vector(samples), memory.vector(samples), memory.vector(samples)];
  const counts = new Float64Array(samples);
  const psi = problem.loss && { ...bindLoss(problem.loss, data, device, memory), slope: memory.vector(samples) };
  return {
    samples,
    gradient(x, batch, out) {
      requireBatch(batch, samples);
      counts.fill(0);
      for (const k of batch) counts[k]! += samples / batch.length;
      device.write(mask, counts);
      map.image(left(x), right(x), rho);
      if (psi === undefined) axpy(-1, data, rho);
      else psi.derivatives(rho, psi.slope, undefined);
      mul(mask, psi?.slope ?? rho, masked);
      map.load(weight, masked);
      map.times(false, right(x), 0, left(out));
      map.times(true, left(x), symmetric ? 1 : 0, right(out));
      addTerms(terms, x, out);
    },
  };
}
