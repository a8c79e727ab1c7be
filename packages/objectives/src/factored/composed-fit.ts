import type { Device, Memory, Vec } from '@lowland/core';

import type { FitWithResidual } from './fit.ts';
import { gramCurvature } from './gram-curvature.ts';
import type { DeviceMap } from './linear-map.ts';
import type { FactoredProblem } from './problem.ts';
import { views, type Side } from './term.ts';

/**
 * The fit put together from the map and base kernels: the residual is stored, and read by each product.
 *
 * Where a* a = 1 the Hessian costs one gradient, elsewhere two.
 */
export function composedFit(problem: FactoredProblem, bound: DeviceMap, data: Vec, device: Device, memory: Memory): FitWithResidual {
  const { symmetric, weight, rank, map } = problem;
  const { axpy, dot, scal } = device.kernels;
  const { left, right } = views(problem, device);
  const rho = memory.vector(map.length);
  const differential = map.isometry ? undefined : memory.vector(map.length);
  const addGramCurvature = gramCurvature(device, memory, rank);
  const slope = symmetric ? 2 * weight : weight;
  const root = Math.sqrt(weight);

  const residual = (x: Vec, out: Vec): void => {
    bound.image(left(x), right(x), out);
    axpy(-1, data, out);
  };
  const slopeAt = (x: Vec, side: Side, out: Vec): void => {
    bound.load(slope, rho);
    if (side !== 'right') bound.times(false, right(x), 0, left(out));
    if (side !== 'left' && !symmetric) bound.times(true, left(x), 0, right(out));
  };

  return {
    weight: weight / 2,
    value(x, sums, slot) {
      residual(x, rho);
      dot(rho, rho, sums, slot);
    },
    gradient(x, side, out) {
      residual(x, rho);
      slopeAt(x, side, out);
    },
    valueAndGradient(x, sums, slot, out) {
      residual(x, rho);
      dot(rho, rho, sums, slot);
      slopeAt(x, 'both', out);
    },
    curvature(x, v, out) {
      residual(x, rho);
      bound.load(slope, rho);
      bound.times(false, right(v), 0, left(out));
      if (!symmetric) bound.times(true, left(v), 0, right(out));
      if (differential === undefined) {
        addGramCurvature(left(x), right(x), left(v), right(v), slope, left(out));
        if (!symmetric) addGramCurvature(right(x), left(x), right(v), left(v), slope, right(out));
        return;
      }
      bound.differential(left(x), right(x), left(v), right(v), differential);
      bound.load(slope, differential);
      bound.times(false, right(x), 1, left(out));
      if (!symmetric) bound.times(true, left(x), 1, right(out));
    },
    residual: {
      shape: [map.length, 1],
      evaluate(x, out) {
        residual(x, out);
        scal(root, out);
      },
      jvp(x, v, out) {
        bound.differential(left(x), right(x), left(v), right(v), out);
        scal(root, out);
      },
      vjp(x, w, out) {
        bound.load(root, w);
        bound.times(false, right(x), 1, left(out));
        // For X X^T both factors vary with the one block.
        bound.times(true, left(x), 1, right(out));
      },
    },
  };
}
