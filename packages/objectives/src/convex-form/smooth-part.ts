import type { CapabilityMap, Device, Layout, Memory, Vec } from '@lowland/core';

import type { FactoredProblem } from '../factored/problem.ts';
import { newVector } from '../factored/term.ts';
import { bindMatrix } from './matrix-map.ts';

/** phi(X) = (weight/2) |a(X) - data|^2 + <C, X> on a device. */
export interface SmoothPart extends Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct'> {
  /** Absent where there is a linear term. */
  readonly residual?: CapabilityMap['residual'];
}

/**
 *     rho = a(X) - data,   grad phi = weight a*(rho) + C,   Hess phi[V] = weight a*(a(V))
 *
 * Bound by memory beside the decompositions of those who call it.
 */
export function bindSmoothPart(problem: FactoredProblem, layout: Layout, device: Device, memory: Memory): SmoothPart {
  const { map, weight } = problem;
  const { axpy, dot, scal } = device.kernels;
  const inMatrix = (x: Vec) => device.blocks(x, layout)['X']!;
  const bound = bindMatrix(map, device, memory);
  const data = newVector(device, memory, problem.data);
  const linear = problem.linear && newVector(device, memory, problem.linear);
  const rho = memory.vector(map.length);
  const sums = memory.vector(2);
  const weights = newVector(device, memory, Float64Array.of(weight / 2, 1));
  const root = Math.sqrt(weight);

  const residual = (x: Vec, out: Vec): void => {
    bound.image(inMatrix(x), out);
    axpy(-1, data, out);
  };
  const finishValue = (x: Vec, value: Vec): void => {
    dot(rho, rho, sums, 0);
    if (linear !== undefined) dot(linear, x, sums, 1);
    dot(weights, sums, value, 0);
  };
  const finishGradient = (out: Vec): void => {
    bound.adjoint(weight, rho, inMatrix(out));
    if (linear !== undefined) axpy(1, linear, out);
  };
  return {
    value(x, out) {
      residual(x, rho);
      finishValue(x, out);
    },
    gradient(x, out) {
      residual(x, rho);
      finishGradient(out);
    },
    valueAndGradient(x, value, out) {
      residual(x, rho);
      finishValue(x, value);
      finishGradient(out);
    },
    hessianVectorProduct(_x, v, out) {
      bound.image(inMatrix(v), rho);
      bound.adjoint(weight, rho, inMatrix(out));
    },
    ...(linear === undefined && {
      residual: {
        length: map.length,
        evaluate(x, out) {
          residual(x, out);
          scal(root, out);
        },
        jvp(_x, v, out) {
          bound.image(inMatrix(v), out);
          scal(root, out);
        },
        vjp: (_x, w, out) => { bound.adjoint(root, w, inMatrix(out)); },
      },
    }),
  };
}
