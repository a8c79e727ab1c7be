import type { Device, Memory, Vec } from '@lowland/core';

import type { DeviceMap } from './linear-map.ts';
import { bindLoss } from './loss.ts';
import { factorNames, type FactoredProblem } from './problem.ts';
import { newMatrix, views } from './term.ts';
import type { Curvatures } from './wide-curvature.ts';

/**
 * The curvature of the fit along k directions for maps of whole matrices: with dX_j = dU_j V^T + U dV_j^T
 *
 *     [a(dX_1) … a(dX_k)] and their adjoints are two products with the matrix of the map,
 *
 * and the residual (or the derivatives of the loss) is computed once: the map is read four times in all, bound by arithmetic for more than a few directions.
 */
export function severalCurvatures(problem: FactoredProblem, bound: DeviceMap, several: NonNullable<DeviceMap['several']>, data: Vec, device: Device, memory: Memory): Curvatures {
  const { symmetric, weight, loss, layout, map: { rows, cols, length } } = problem;
  const { left, right } = views(problem, device);
  const [l, r] = factorNames(problem);
  const { axpy, gemm, mul, fill } = device.kernels;
  const slope = symmetric ? 2 * weight : weight;
  const [z, first, second] = [memory.vector(length), memory.vector(length), memory.vector(length)];
  const psi = loss && bindLoss(loss, data, device, memory);
  const column = device.matrix(second, 0, length, 1);

  const made = new Map<number, ReturnType<typeof make>>();
  const make = (k: number) => {
    const matrices = newMatrix(device, memory, k, rows * cols);
    const ones = newMatrix(device, memory, 1, k);
    fill(ones, 1);
    return {
      matrices,
      each: Array.from({ length: k }, (_, j) => device.matrix(matrices, j * rows * cols, rows, cols)),
      measured: newMatrix(device, memory, length, k),
      ones,
      scaled: newMatrix(device, memory, length, k),
      spread: newMatrix(device, memory, length, k),
    };
  };

  return (x, directions, out) => {
    const k = directions.length / x.length;
    if (k === 0) return;
    const scratch = made.get(k) ?? make(k);
    made.set(k, scratch);
    const { matrices, each, measured, ones, scaled, spread } = scratch;
    const [u, v] = [left(x), right(x)];
    bound.image(u, v, z);
    if (psi === undefined) {
      axpy(-1, data, z);
      bound.load(slope, z);
    } else {
      psi.derivatives(z, first, second);
      bound.load(slope, first);
    }
    const pairs = each.map((matrix, j) => ({
      matrix,
      along: device.blocks(device.view(directions, j * x.length, x.length), layout),
      to: device.blocks(device.view(out, j * x.length, x.length), layout),
    }));
    for (const { matrix, along, to } of pairs) {
      bound.times(false, along[r]!, 0, to[l]!);
      if (!symmetric) bound.times(true, along[l]!, 0, to[r]!);
      gemm('N', 'T', 1, along[l]!, v, 0, matrix);
      gemm('N', 'T', 1, u, along[r]!, 1, matrix);
    }
    several.images(matrices, measured);
    if (psi !== undefined) {
      gemm('N', 'N', 1, column, ones, 0, spread);
      mul(spread, measured, scaled);
    }
    several.adjoints(psi === undefined ? measured : scaled, matrices);
    for (const { matrix, to } of pairs) {
      gemm('N', 'N', slope, matrix, v, 1, to[l]!);
      if (!symmetric) gemm('T', 'N', slope, matrix, u, 1, to[r]!);
    }
  };
}
