import type { Device, Ints, Memory, Route, Vec } from '@lowland/core';

import { sideOf } from '../factored/oracles.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import type { Uploaded } from '../factored/routes.ts';
import { newMatrix, newVector, views } from '../factored/term.ts';
import { type Observations, rowsByColumn } from './observations.ts';

/**
 * Exact minimisation over one factor, a small least-squares problem for each row:
 *
 *     u_i = (sum_j w_ij v_j v_j^T + lambda I)^-1 sum_j w_ij b_ij v_j   over the observed j of row i.
 *
 * Rows whose matrix is singular get the least-norm solution, rows without observation 0. Bound by arithmetic: about
 * nnz r^2 + (rows + cols) r^3 / 3 flops for both factors.
 */
export function blockSolveRoute(problem: FactoredProblem, observations: Observations, b: Float64Array): Route<'blockSolve', Uploaded> {
  const { rank, ridge, map } = problem;
  const { pattern, weights } = observations;
  return {
    kernels: ['normalEquations', 'copy'],
    label: 'composed',
    bind(_uploaded, device, memory) {
      // The route is chosen only where the device has the kernel.
      const normalEquations = device.kernels.normalEquations!;
      const { copy } = device.kernels;
      const { left, right } = views(problem, device);
      const byRow = side(device, memory, pattern.rowPointers, pattern.col, b, weights);
      const inColumns = (x: Float64Array) => Float64Array.from(pattern.transposed, (e) => x[e]!);
      const byColumn = side(device, memory, pattern.colPointers, rowsByColumn(pattern), inColumns(b), weights && inColumns(weights));
      const solved = { left: newMatrix(device, memory, map.rows, rank), right: newMatrix(device, memory, map.cols, rank) };
      return (x, block, out) => {
        if (sideOf(problem, block) === 'left') {
          normalEquations(byRow.pointers, byRow.index, byRow.values, byRow.weights, right(x), ridge, solved.left);
          copy(solved.left, left(out));
        } else {
          normalEquations(byColumn.pointers, byColumn.index, byColumn.values, byColumn.weights, left(x), ridge, solved.right);
          copy(solved.right, right(out));
        }
      };
    },
  };
}

interface Side {
  readonly pointers: Ints;
  readonly index: Ints;
  readonly values: Vec;
  readonly weights: Vec | undefined;
}

function side(device: Device, memory: Memory, pointers: Int32Array, index: Int32Array, values: Float64Array, weights: Float64Array | undefined): Side {
  return {
    pointers: memory.integers(pointers),
    index: memory.integers(index),
    values: newVector(device, memory, values),
    weights: weights && newVector(device, memory, weights),
  };
}
