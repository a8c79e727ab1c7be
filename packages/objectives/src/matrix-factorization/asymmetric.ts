import { fingerprint, type DataMap, type Objective, type Routes, type Truth } from '@lowland/core';
import { matrix, thinSvd } from '@lowland/linalg';

import { ensembleRoutes } from '../ensemble/ensemble.ts';
import { factorizationEnsemble } from '../ensemble/problems.ts';
import { requireMatrix, requireNonNegative, requireRank, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import { evaluate } from '../factored/evaluate.ts';
import type { Given, WhenZero } from '../factored/literal.ts';
import { type LossOption, type WhenLeastSquares, type WhenSmooth } from '../factored/loss-option.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, hostRoute, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import { blockSolveRoute } from '../matrix-completion/block-solve.ts';
import { blockSolveRoutes } from './block-solve.ts';
import { fitOf, requirePlainFit, type FitParts } from './fit-parts.ts';
import { leastSum, stationaryPoints, type Levels } from './stationary.ts';

export interface MatrixFactorizationOptions {
  /** M, dense row-major. */
  readonly target: DataMap['matrix'];
  /** Columns of U and V, 1 … min(rows, cols). */
  readonly rank: number;
  /** c >= 0 of c |U^T U - V^T V|_F^2; default 1/8, at which the problem is a symmetric one in [U; V]. */
  readonly balance?: number;
  /** lambda >= 0 of (lambda/2)(|U|_F^2 + |V|_F^2), the nuclear norm of U V^T when least; default 0. */
  readonly lambda?: number;
  /** What is summed over the entries; default least squares. */
  readonly loss?: LossOption;
  /** w_ij >= 0, rows x cols, row-major; entries of weight 0 are not looked at. Default: all 1. */
  readonly weights?: Float64Array;
  /**
   * Gradients by Gram matrices, 4 rows cols rank flops instead of 6, where | |U V^T|_F - |M|_F | >= S / 8 with S = |U|_F |V|_F + |M|_F: far from
   * the optimum. They lose about three bits there, and the value is off by 64 c eps of its size at most, c = rows + cols +
   * rows rank / 8 + rank^2 + 24. Elsewhere, and on devices that are not synchronous f64 ones, nothing changes. Default false.
   */
  readonly gramFarFromOptimum?: boolean;
  /** The matrix that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** Without penalty, weights or another loss the spectrum of the target gives the optimum, else the convex problem tells; ALS needs balance 0. */
export type MatrixFactorizationCapability<O> =
  | Exclude<FactoredCapability, 'lift' | 'residual' | 'estimate' | 'smoothness'>
  | WhenSmooth<O, 'smoothness'>
  | TargetOrLift<O>
  | WhenPlain<O, 'ensemble'>
  | WhenLeastSquares<O, 'residual' | 'estimate' | WhenZero<Given<O, 'balance', 0.125>, 'blockSolve', never>>;

/** What the penalty, weights and the loss decide. */
export type TargetOrLift<O> = O extends { readonly weights: Float64Array } ? 'lift' : WhenLeastSquares<O, WhenZero<Given<O, 'lambda', 0>, 'target', 'lift'>, 'lift'>;

/** `Yes` for least squares without weights. */
export type WhenPlain<O, Yes> = O extends { readonly weights: Float64Array } ? never : WhenLeastSquares<O, Yes>;

/**
 * Asymmetric matrix factorization,
 *
 *     f(U, V) = 1/2 |U V^T - M|_F^2 + c |U^T U - V^T V|_F^2 + (lambda/2) (|U|_F^2 + |V|_F^2),
 *
 * U: rows x rank, V: cols x rank. R = U V^T - M, B = U^T U - V^T V:
 * grad_U = R V + 4 c U B + lambda U, grad_V = R^T U - 4 c V B + lambda V. A Hessian-vector product costs about one
 * gradient, 6 rows cols rank flops. All stationary points but the global minima are strict saddles.
 *
 * With weights 1/2 sum of w_ij ((U V^T)_ij - M_ij)^2 in place of the first term, which may have spurious minima; with another loss
 * sum of w_ij psi((U V^T)_ij; M_ij), psi as in `matrixCompletion`: for all entries instead of some.
 *
 * Source: Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019 (arXiv 1612.09296); Ye, Du 2021 (arXiv 2106.14289); weights and losses: Li, Tang 2017
 * (arXiv 1611.03060), Zhu, Li, Tang, Wakin 2018 (arXiv 1703.01256).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for a target or weights that are no finite matrix of one shape
 * @throws LOWLAND_E_WEIGHT, LOWLAND_E_EMPTY when a weight is negative, or none is positive
 * @throws LOWLAND_E_LABEL for an entry that the loss does not take
 * @throws LOWLAND_E_RANK unless 1 <= rank <= min(rows, cols)
 * @throws LOWLAND_E_OPTIONS when balance or lambda is negative or not finite, the loss none of the list, or gramFarFromOptimum is asked of
 *   weights or another loss
 */
export function matrixFactorization<const O extends MatrixFactorizationOptions>(
  options: O & MatrixFactorizationOptions,
): Objective<MatrixFactorizationCapability<O>> {
  const { target, rank, balance = 1 / 8, lambda = 0, gramFarFromOptimum = false, weights, truth }: MatrixFactorizationOptions = options;
  requireMatrix('The target', target);
  requireNonNegative('balance', balance);
  requireNonNegative('lambda', lambda);
  requireTruth(truth, target.rows, target.cols);
  const fit = fitOf(target, weights, options.loss);
  if (gramFarFromOptimum) requirePlainFit(fit);
  const prepared: Prepared = {
    target,
    fit,
    truth,
    balance,
    lambda,
    gramFarFromOptimum,
    digest: once(() => fingerprint('matrix', [target.rows, target.cols], target.values, ...(weights === undefined ? [] : [weights]))),
    levels: once(() => levelsOf(target, lambda)),
  };
  return create(prepared, rank) as Objective<MatrixFactorizationCapability<O>>;
}

/** What does not depend on the rank. */
interface Prepared {
  readonly target: DataMap['matrix'];
  readonly fit: FitParts;
  readonly truth: DataMap['matrix'] | undefined;
  readonly balance: number;
  readonly lambda: number;
  readonly gramFarFromOptimum: boolean;
  readonly digest: () => string;
  readonly levels: () => Levels;
}

type Any = Exclude<FactoredCapability, 'lift'>;

function create(prepared: Prepared, rank: number): Objective<Any> {
  const { target, fit, balance, lambda, gramFarFromOptimum } = prepared;
  const { rows, cols, values } = target;
  requireRank(rank, rows, cols);
  const problem: FactoredProblem = {
    symmetric: false,
    map: fit.map,
    rank,
    layout: factorLayout(false, rows, cols, rank),
    weight: 1,
    data: fit.data,
    linear: undefined,
    ridge: lambda,
    balance,
    gramFarFromOptimum,
    ...(fit.loss && { loss: fit.loss }),
  };
  const { lift, ...common } = factoredRoutes(problem, { grow: (next) => create(prepared, next), truth: truthOf(prepared, problem) });
  const routes: Routes<Any, Uploaded> = {
    ...common,
    ...(lambda > 0 || !fit.plain ? { lift } : { target: hostRoute<'target'>({ symmetric: false, rows, cols, data: values, at: (x) => evaluate(problem, x) }) }),
    ...(fit.plain && { ensemble: ensembleRoutes(factorizationEnsemble(problem)) }),
    ...(balance === 0 && fit.loss === undefined && { blockSolve: fit.observations ? [blockSolveRoute(problem, fit.observations, fit.observations.values)] : blockSolveRoutes(problem) }),
  };
  return factoredObjective(problem, {
    id: 'matrix-factorization',
    scale: fit.plain ? '1/2 |U V^T - M|_F^2' : fit.loss ? `sum of w_ij times ${fit.summary}, z = (U V^T)_ij` : '1/2 sum of w_ij ((U V^T)_ij - M_ij)^2',
    options: { symmetric: false, rank, balance, lambda, ...fit.recorded, ...(gramFarFromOptimum && { gramFarFromOptimum }) },
    digest: prepared.digest,
    routes,
  });
}

function levelsOf(target: DataMap['matrix'], lambda: number): Levels {
  const { u, s, v } = thinSvd(matrix(target.rows, target.cols, target.values));
  return { values: s.map((sigma) => sigma - lambda), bases: [u, v] };
}

/** f* = 1/2 |M|^2 - 1/2 sum of (sigma_i - lambda)_+^2 over the `rank` largest. */
function truthOf({ fit, truth, lambda, levels }: Prepared, problem: FactoredProblem): Truth {
  if (!fit.plain) return truth === undefined ? {} : { distance: distanceTo(problem, truth) };
  const optimum = once(() => leastSum(levels().values, problem.rank, lambda) / 2);
  return {
    get optimum() {
      return optimum();
    },
    stationaryPoints: () => stationaryPoints(problem.layout, problem.rank, levels()),
    ...(truth && { distance: distanceTo(problem, truth) }),
  };
}
