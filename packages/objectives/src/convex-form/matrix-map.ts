import type { Device, Layout, Mat, Memory, Vec } from '@lowland/core';

import type { MatrixDeviceMap } from '../factored/linear-map.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import { newVector } from '../factored/term.ts';

/**
 * The map at a matrix X itself: its own way where it has one, else as at the product X I^T. Maps of problems in X X^T see symmetric matrices
 * alone: there it is a((X + X^T)/2), so that image and adjoint belong together whatever X.
 */
export function bindMatrix({ map, symmetric }: Pick<FactoredProblem, 'map' | 'symmetric'>, device: Device, memory: Memory): MatrixDeviceMap {
  if (map.bindMatrix !== undefined) return map.bindMatrix(device, memory);
  const { scal } = device.kernels;
  const bound = map.bind(device, memory, map.cols);
  const identity = identityMatrix(device, memory, map.cols);
  return {
    image(x, out) {
      if (!symmetric) bound.image(x, identity, out);
      else {
        bound.differential(identity, identity, x, x, out);
        scal(0.5, out);
      }
    },
    adjoint(alpha, w, out) {
      bound.load(alpha, w);
      bound.times(false, identity, 0, out);
    },
  };
}

/**
 * Cells of a matrix with `size` entries, gathered and scattered by base kernels: seen as one column, X has entry k at (cell[k], 0), and a product
 * with the number 1 reads it. `roots` scale the measurements.
 */
export function cellsOnDevice(device: Device, memory: Memory, size: number, cells: Int32Array, roots: Vec | undefined): MatrixDeviceMap {
  const { mul, scal, sddmm, spmm } = device.kernels;
  const cell = memory.integers(cells);
  const first = memory.integers(new Int32Array(cells.length));
  const one = device.matrix(newVector(device, memory, Float64Array.of(1)), 0, 1, 1);
  const scratch = memory.vector(cells.length);
  const column: Layout = { blocks: [{ name: 'X', shape: [size, 1] }] };
  const asColumn = (x: Mat): Mat => device.blocks(x, column)['X']!;
  return {
    image(x, out) {
      sddmm(cell, first, asColumn(x), one, roots === undefined ? out : scratch);
      if (roots !== undefined) mul(roots, scratch, out);
    },
    adjoint(alpha, w, out) {
      if (roots !== undefined) mul(roots, w, scratch);
      spmm(cell, first, roots === undefined ? w : scratch, one, asColumn(out), false);
      if (alpha !== 1) scal(alpha, out);
    },
  };
}

/** The identity matrix on a device. */
export function identityMatrix(device: Device, memory: Memory, size: number): Mat {
  const numbers = new Float64Array(size * size);
  for (let i = 0; i < size; i++) numbers[i * size + i] = 1;
  return device.matrix(newVector(device, memory, numbers), 0, size, size);
}
