import type { Route } from '@lowland/core';
import { axpy, cholesky, gram, matrix, multiply, multiplyTransposedVector, scaleColumns, solveCholesky, symmetricEigen, type Matrix } from '@lowland/linalg';

import { sideOf } from '../factored/oracles.ts';
import type { FactoredProblem } from '../factored/problem.ts';
import type { Uploaded } from '../factored/routes.ts';
import { views } from '../factored/term.ts';
import type { SensingMap } from './sensing-map.ts';

/**
 * Exact minimisation over one factor: a(U V^T) = K vec(U), so vec(U) solves
 *
 *     (c K^T K + lambda I) vec(U) = c K^T b - vec(C V),
 *
 * and likewise for V. Dense normal equations on the host: (rows r)^2 count + (rows r)^3 / 3 flops.
 * Where they are singular (fewer measurements than unknowns, rank-deficient factors), the least-norm solution.
 */
export function blockSolveRoute(problem: FactoredProblem, map: SensingMap): Route<'blockSolve', Uploaded> {
  return {
    kernels: ['host'],
    label: 'composed',
    bind(_uploaded, device) {
      const { left, right } = views(problem, device);
      return (x, block, out) => {
        const unknown = sideOf(problem, block) === 'left' ? 'left' : 'right';
        const [here, there] = unknown === 'left' ? [left, right] : [right, left];
        const fixed = there(x);
        // A copy: decompositions may move the memory of the device.
        const other = matrix(fixed.rows, fixed.cols, device.host!(fixed).slice());
        device.write(here(out), solveFor(problem, map, other, unknown));
      };
    },
  };
}

function solveFor(problem: FactoredProblem, map: SensingMap, other: Matrix, unknown: 'left' | 'right'): Float64Array {
  const { weight, ridge, data, linear } = problem;
  const stacked = map.stack(other, unknown);
  const normal = gram(stacked);
  for (let k = 0; k < normal.data.length; k++) normal.data[k]! *= weight;
  const right = new Float64Array(stacked.cols);
  multiplyTransposedVector(stacked, data, right);
  for (let k = 0; k < right.length; k++) right[k]! *= weight;
  if (linear !== undefined) axpy(-1, multiply(matrix(map.rows, map.cols, linear), other, { transposeA: unknown === 'right' }).data, right);
  if (!normal.data.every(Number.isFinite)) return new Float64Array(right.length).fill(NaN);
  return leastNormSolve(normal, ridge, right);
}

/** (G + shift I)^+ b for G psd: Cholesky where its pivots say that it is regular, eigenvectors otherwise. */
function leastNormSolve(g: Matrix, shift: number, b: Float64Array): Float64Array {
  const n = g.rows;
  const lower = cholesky(g, shift);
  if (lower !== undefined) {
    let smallest = Infinity;
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const pivot = lower.data[i * n + i]! ** 2;
      smallest = Math.min(smallest, pivot);
      largest = Math.max(largest, pivot);
    }
    if (smallest > n * 2 ** -46 * largest) return solveCholesky(lower, matrix(n, 1, b)).data;
  }
  const { values, vectors } = symmetricEigen(g);
  const cut = n * 2 ** -50 * (values[0]! + shift);
  const inverted = values.map((value) => (value + shift > cut ? 1 / (value + shift) : 0));
  const coordinates = multiply(vectors, matrix(n, 1, b), { transposeA: true });
  return multiply(scaleColumns(vectors, inverted), coordinates).data;
}
