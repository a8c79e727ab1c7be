import type { Device, Memory, Vec } from '@lowland/core';

import type { Fit } from './fit.ts';
import type { DeviceMap } from './linear-map.ts';
import { bindLoss, type MeasuredLoss } from './loss.ts';
import type { FactoredProblem } from './problem.ts';
import { views, type Side } from './term.ts';

/**
 * The fit s = sum of w_k psi(z_k), z = a(X), with weight c, for losses that are not least squares: no residual.
 *
 *     grad_U = c a*(w psi'(z)) V,   Hess_U = c (a*(w psi''(z) dz) V + a*(w psi'(z)) dV),   dz = a(dU V^T + U dV^T)
 *
 * V likewise with a*(.)^T, and X X^T with twice that. A Hessian-vector product costs two gradients.
 */
export function lossFit(problem: FactoredProblem, loss: MeasuredLoss, bound: DeviceMap, data: Vec, device: Device, memory: Memory): Fit {
  const { symmetric, weight, map } = problem;
  const { mul } = device.kernels;
  const { left, right } = views(problem, device);
  const psi = bindLoss(loss, data, device, memory);
  const z = memory.vector(map.length);
  const first = memory.vector(map.length);
  const second = memory.vector(map.length);
  const slope = symmetric ? 2 * weight : weight;

  const slopeAt = (x: Vec, side: Side, out: Vec): void => {
    psi.derivatives(z, first, undefined);
    bound.load(slope, first);
    if (side !== 'right') bound.times(false, right(x), 0, left(out));
    if (side !== 'left' && !symmetric) bound.times(true, left(x), 0, right(out));
  };

  return {
    weight,
    value(x, sums, slot) {
      bound.image(left(x), right(x), z);
      psi.sum(z, sums, slot);
    },
    gradient(x, side, out) {
      bound.image(left(x), right(x), z);
      slopeAt(x, side, out);
    },
    valueAndGradient(x, sums, slot, out) {
      bound.image(left(x), right(x), z);
      psi.sum(z, sums, slot);
      slopeAt(x, 'both', out);
    },
    curvature(x, v, out) {
      bound.image(left(x), right(x), z);
      psi.derivatives(z, first, second);
      bound.load(slope, first);
      bound.times(false, right(v), 0, left(out));
      if (!symmetric) bound.times(true, left(v), 0, right(out));
      bound.differential(left(x), right(x), left(v), right(v), z);
      mul(second, z, first);
      bound.load(slope, first);
      bound.times(false, right(x), 1, left(out));
      if (!symmetric) bound.times(true, left(x), 1, right(out));
    },
  };
}
