import type { CapabilityMap, Device, KernelName, Layout, Memory, Vec } from '@lowland/core';

import { bindLoss, lossKernels } from '../factored/loss.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import { newVector } from '../factored/term.ts';
import { bindMatrix } from './matrix-map.ts';

/** phi(X) = (weight/2) |a(X) - data|^2 + <C, X> on a device, or weight sum of w_k psi(a(X)_k; data_k) in place of the squares. */
export interface SmoothPart extends Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct'> {
  /** Where phi is a sum of squares alone. */
  readonly residual?: CapabilityMap['residual'];
}

/** Kernels that a `SmoothPart` calls. */
export function smoothPartKernels({ map, loss }: FactoredProblem): readonly KernelName[] {
  return [...new Set([...map.kernels, ...(loss === undefined ? [] : lossKernels), 'axpy', 'copy', 'dot', 'mul', 'scal', 'sddmm', 'spmm'] as const)];
}

/** The measurements' part of phi: sums[0], and the vectors behind gradient and curvature. */
interface Fit {
  readonly weight: number;
  /** Keeps z = a(X). */
  measure(x: Vec): void;
  sum(sums: Vec): void;
  /** phi' in the measurements at z */
  slope(): Vec;
  /** phi'' in the measurements at z, times dz */
  curvature(dz: Vec): Vec;
}

/**
 *     grad phi = weight a*(psi'(z)) + C,   Hess phi[V] = weight a*(psi''(z) a(V)),   z = a(X);   psi'(z) = z - data, psi'' = 1 for squares
 *
 * Bound by memory; the decompositions of those who call it take longer.
 */
export function bindSmoothPart(problem: FactoredProblem, layout: Layout, device: Device, memory: Memory): SmoothPart {
  const { map, weight } = problem;
  const { axpy, dot, scal } = device.kernels;
  const inMatrix = (x: Vec) => device.blocks(x, layout)['X']!;
  const bound = bindMatrix(problem, device, memory);
  const image = (x: Vec, out: Vec): void => { bound.image(inMatrix(x), out); };
  const data = newVector(device, memory, problem.data);
  const fit = problem.loss === undefined ? squares(weight, image, data, device, memory) : general(problem, problem.loss, image, data, device, memory);
  const linear = problem.linear && newVector(device, memory, problem.linear);
  const sums = memory.vector(2);
  const weights = newVector(device, memory, Float64Array.of(fit.weight, 1));
  const differential = memory.vector(map.length);

  const finishValue = (x: Vec, value: Vec): void => {
    fit.sum(sums);
    if (linear !== undefined) dot(linear, x, sums, 1);
    dot(weights, sums, value, 0);
  };
  const finishGradient = (out: Vec): void => {
    bound.adjoint(weight, fit.slope(), inMatrix(out));
    if (linear !== undefined) axpy(1, linear, out);
  };
  const root = Math.sqrt(weight);
  return {
    value(x, out) {
      fit.measure(x);
      finishValue(x, out);
    },
    gradient(x, out) {
      fit.measure(x);
      finishGradient(out);
    },
    valueAndGradient(x, value, out) {
      fit.measure(x);
      finishValue(x, value);
      finishGradient(out);
    },
    hessianVectorProduct(x, v, out) {
      if (problem.loss !== undefined) fit.measure(x);
      image(v, differential);
      bound.adjoint(weight, fit.curvature(differential), inMatrix(out));
    },
    ...(isSumOfSquares(problem) && {
      residual: {
        length: map.length,
        evaluate(x, out) {
          image(x, out);
          axpy(-1, data, out);
          scal(root, out);
        },
        jvp(_x, v, out) {
          image(v, out);
          scal(root, out);
        },
        vjp: (_x, w, out) => { bound.adjoint(root, w, inMatrix(out)); },
      },
    }),
  };
}

/** Whether phi = 1/2 |r|^2. */
export const isSumOfSquares = ({ loss, linear }: FactoredProblem): boolean => loss === undefined && linear === undefined;

function squares(weight: number, image: (x: Vec, out: Vec) => void, data: Vec, device: Device, memory: Memory): Fit {
  const { axpy, dot } = device.kernels;
  const rho = memory.vector(data.length);
  return {
    weight: weight / 2,
    measure(x) {
      image(x, rho);
      axpy(-1, data, rho);
    },
    sum: (sums) => { dot(rho, rho, sums, 0); },
    slope: () => rho,
    curvature: (dz) => dz,
  };
}

function general({ weight }: FactoredProblem, loss: NonNullable<FactoredProblem['loss']>, image: (x: Vec, out: Vec) => void, data: Vec, device: Device, memory: Memory): Fit {
  const psi = bindLoss(loss, data, device, memory);
  const z = memory.vector(data.length);
  const first = memory.vector(data.length);
  const second = memory.vector(data.length);
  return {
    weight,
    measure: (x) => { image(x, z); },
    sum: (sums) => { psi.sum(z, sums, 0); },
    slope() {
      psi.derivatives(z, first, undefined);
      return first;
    },
    curvature(dz) {
      psi.derivatives(z, undefined, second);
      device.kernels.mul(second, dz, first);
      return first;
    },
  };
}
