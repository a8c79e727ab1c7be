import type { Device, KernelName, Memory, Vec } from '@lowland/core';

import { bindLoss, lossKernels } from '../factored/loss.ts';
import type { FactoredProblem } from '../factored/problem.ts';

/** A separable function of measurements z, from sums of which phi is made: phi = weight s(z), and weight' s' with the weight of the problem. */
export interface Measured {
  /** Where the caller puts a(X); `update` comes after. */
  readonly z: Vec;
  update(): void;
  /** phi = weight sums[slot] */
  readonly weight: number;
  sum(sums: Vec, slot: number): void;
  /** psi'(z), which times the weight of the problem is the gradient in the measurements; kept until the next `update`. */
  slope(): Vec;
  /** psi''(z) dz; may be dz itself. */
  curvature(dz: Vec): Vec;
}

export const measuredKernels = ({ loss }: FactoredProblem): readonly KernelName[] => ['axpy', 'dot', ...(loss === undefined ? [] : [...lossKernels, 'mul' as const])];

/** (weight/2) |z - data|^2, or weight sum of w_k psi(z_k; data_k). */
export function bindMeasured({ weight, loss }: FactoredProblem, data: Vec, device: Device, memory: Memory): Measured {
  const { axpy, dot, mul } = device.kernels;
  const z = memory.vector(data.length);
  if (loss === undefined) {
    return {
      z,
      update: () => { axpy(-1, data, z); },
      weight: weight / 2,
      sum: (sums, slot) => { dot(z, z, sums, slot); },
      slope: () => z,
      curvature: (dz) => dz,
    };
  }
  const psi = bindLoss(loss, data, device, memory);
  const [first, second, product] = [memory.vector(data.length), memory.vector(data.length), memory.vector(data.length)];
  return {
    z,
    update: () => undefined,
    weight,
    sum: (sums, slot) => { psi.sum(z, sums, slot); },
    slope() {
      psi.derivatives(z, first, undefined);
      return first;
    },
    curvature(dz) {
      psi.derivatives(z, undefined, second);
      mul(second, dz, product);
      return product;
    },
  };
}
