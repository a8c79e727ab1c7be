/**
 * The family behind all three problems: least squares of a linear map at a product of factors,
 *
 *     f(x) = (weight/2) |a(X) - data|^2 + <linear, X> + (ridge/2) |x|^2 + balance |U^T U - V^T V|_F^2,
 *
 * or with `loss` another convex function of a(X) in place of the first term (`loss.ts`), with `incoherence` a penalty on large rows;
 * X = U V^T with x = (U, V), or X = X X^T with the one block X (then `a` and `linear` see symmetric matrices only
 * and there is no balance).
 */
import { LowlandError, type Layout, type Point } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

import type { Incoherence } from './incoherence.ts';
import type { LinearMap } from './linear-map.ts';
import type { MeasuredLoss } from './loss.ts';

export interface FactoredProblem {
  readonly symmetric: boolean;
  readonly map: LinearMap;
  readonly rank: number;
  readonly layout: Layout;
  readonly weight: number;
  readonly data: Float64Array;
  /** rows x cols, row-major; symmetric where the problem is. */
  readonly linear: Float64Array | undefined;
  readonly ridge: number;
  readonly balance: number;
  /** In place of least squares: weight sum of w_k psi(a(X)_k; data_k) instead of (weight/2) |a(X) - data|^2. */
  readonly loss?: MeasuredLoss;
  /** weight sum over rows of (|u_i| - alpha)_+^4 */
  readonly incoherence?: Incoherence;
  /** Gradients by `gramFit` where the map has `dataProducts`; default false. */
  readonly gramFarFromOptimum?: boolean;
}

/** The names of the two factors, `X` twice where they are the same block. */
export function factorNames(problem: Pick<FactoredProblem, 'symmetric'>): readonly [left: string, right: string] {
  return problem.symmetric ? ['X', 'X'] : ['U', 'V'];
}

/** U: rows x rank and V: cols x rank, or X: rows x rank. */
export function factorLayout(symmetric: boolean, rows: number, cols: number, rank: number): Layout {
  return symmetric
    ? { blocks: [{ name: 'X', shape: [rows, rank] }] }
    : {
        blocks: [
          { name: 'U', shape: [rows, rank] },
          { name: 'V', shape: [cols, rank] },
        ],
      };
}

/**
 * The two factors of a host point as matrices over its own memory.
 *
 * @throws LOWLAND_E_SHAPE when the point is none of this problem.
 */
export function factorsOf(problem: FactoredProblem, x: Point): { readonly left: Matrix; readonly right: Matrix } {
  const { rows, cols } = problem.map;
  const { rank } = problem;
  const expected = (problem.symmetric ? rows : rows + cols) * rank;
  if (x.data.length !== expected) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A point of this problem has ${expected} numbers, ${x.data.length} were given.`, {
      details: { expected, given: x.data.length },
    });
  }
  const left = matrix(rows, rank, x.data.subarray(0, rows * rank));
  return { left, right: problem.symmetric ? left : matrix(cols, rank, x.data.subarray(rows * rank)) };
}
