import type { Route } from '@lowland/core';
import { matrix, multiply, scaleColumns, symmetricEigen, type Matrix } from '@lowland/linalg';

import { sideOf } from '../factored/oracles.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import type { Uploaded } from '../factored/routes.ts';
import { newMatrix, views } from '../factored/term.ts';

/**
 * Exact minimisation over one factor: U = M V (V^T V + lambda I)^-1, V = M^T U (U^T U + lambda I)^-1.
 *
 * On a synchronous device the r x r matrix is inverted on the host with a cut, so that a rank-deficient factor gives
 * the least-norm solution. Elsewhere `posvRight` does it on the device, and a singular Gram matrix gives NaN.
 * Bound by arithmetic: 2 rows cols r flops.
 */
export function blockSolveRoutes(problem: FactoredProblem): readonly Route<'blockSolve', Uploaded>[] {
  const { rank, ridge, map } = problem;
  const bindWith =
    (solve: 'host' | 'posvRight'): Route<'blockSolve', Uploaded>['bind'] =>
    (uploaded, device, memory) => {
      const { copy, gemm, posvRight } = device.kernels;
      const { left, right } = views(problem, device);
      const target = device.matrix(uploaded.data(), 0, map.rows, map.cols);
      const gram = newMatrix(device, memory, rank, rank);
      const inverse = newMatrix(device, memory, rank, rank);
      const product = { left: newMatrix(device, memory, map.rows, rank), right: newMatrix(device, memory, map.cols, rank) };
      const solved = { left: newMatrix(device, memory, map.rows, rank), right: newMatrix(device, memory, map.cols, rank) };
      return (x, block, out) => {
        const side = sideOf(problem, block) === 'left' ? 'left' : 'right';
        const [here, there] = side === 'left' ? [left, right] : [right, left];
        gemm('T', 'N', 1, there(x), there(x), 0, gram);
        gemm(side === 'left' ? 'N' : 'T', 'N', 1, target, there(x), 0, product[side]);
        if (solve === 'host') {
          // A copy: decompositions may move the memory of the device.
          device.write(inverse, shiftedInverse(matrix(rank, rank, device.host!(gram).slice()), ridge).data);
          gemm('N', 'N', 1, product[side], inverse, 0, solved[side]);
        } else posvRight(gram, ridge, product[side], solved[side]);
        // Through scratch, since `out` may be `x`.
        copy(solved[side], here(out));
      };
    };
  return [
    { kernels: ['host', 'gemm', 'copy'], label: 'composed', bind: bindWith('host') },
    { kernels: ['gemm', 'posvRight', 'copy'], label: 'composed', bind: bindWith('posvRight') },
  ];
}

/** (G + shift I)^+ for G psd: eigenvalues below r 2^-52 of the largest count as zero. NaN where G is not finite. */
function shiftedInverse(gram: Matrix, shift: number): Matrix {
  if (!gram.data.every(Number.isFinite)) return matrix(gram.rows, gram.cols, new Float64Array(gram.data.length).fill(NaN));
  const { values, vectors } = symmetricEigen(gram);
  const cut = gram.rows * 2 ** -52 * (values[0]! + shift);
  const inverted = values.map((value) => (value + shift > cut ? 1 / (value + shift) : 0));
  return multiply(scaleColumns(vectors, inverted), vectors, { transposeB: true });
}
