import { fingerprint, LowlandError, type DataMap, type Objective, type Routes, type Truth } from '@lowland/core';
import { matrix, symmetricEigen } from '@lowland/linalg';

import { ensembleRoutes } from '../ensemble/ensemble.ts';
import { factorizationEnsemble } from '../ensemble/problems.ts';
import { requireMatrix, requireNonNegative, requireRank, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import { evaluate } from '../factored/evaluate.ts';
import { type LossOption, type WhenLeastSquares, type WhenSmooth } from '../factored/loss-option.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, hostRoute, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import type { TargetOrLift, WhenPlain } from './asymmetric.ts';
import { fitOf, requirePlainFit, type FitParts } from './fit-parts.ts';
import { leastSum, stationaryPoints, type Levels } from './stationary.ts';

export interface SymmetricFactorizationOptions {
  /** M, dense row-major, symmetric, of any inertia. */
  readonly target: DataMap['matrix'];
  /** Columns of X, 1 … rows. */
  readonly rank: number;
  /** lambda >= 0 of (lambda/2) |X|_F^2 = (lambda/2) tr X X^T; default 0. */
  readonly lambda?: number;
  /** What is summed over the entries; default least squares. */
  readonly loss?: LossOption;
  /** w_ij >= 0, rows x rows, row-major, of which the symmetric part counts; entries of weight 0 are not looked at. Default: all 1. */
  readonly weights?: Float64Array;
  /**
   * Gradients by Gram matrices, 2 rows^2 rank flops instead of 4, where | |X X^T|_F - |M|_F | >= S / 8 with S = |X|_F^2 + |M|_F: far from
   * the optimum. They lose about three bits there, and the value is off by 64 c eps of its size at most, c = rows + cols +
   * rows rank / 8 + rank^2 + 24. Elsewhere, and on devices that are not synchronous f64 ones, nothing changes. Default false.
   */
  readonly gramFarFromOptimum?: boolean;
  /** The matrix that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** Without penalty, weights or another loss the spectrum of the target gives the optimum, else the convex problem tells. */
export type SymmetricFactorizationCapability<O> = Exclude<FactoredCapability, 'lift' | 'residual' | 'estimate' | 'smoothness'> | TargetOrLift<O> | WhenPlain<O, 'ensemble'> | WhenSmooth<O, 'smoothness'> | WhenLeastSquares<O, 'residual' | 'estimate'>;

/**
 * Symmetric matrix factorization,
 *
 *     f(X) = 1/4 |X X^T - M|_F^2 + (lambda/2) |X|_F^2,   X: rows x rank,
 *     grad f = (X X^T - M) X + lambda X,   Hess f[D] = (X D^T + D X^T) X + (X X^T - M) D + lambda D.
 *
 * Mind the scale: 1/2 |X X^T - M|^2 has twice this gradient. A Hessian-vector product costs about one gradient,
 * 4 rows^2 rank flops. Every stationary point is a global minimum or a strict saddle.
 *
 * With weights 1/4 sum of w_ij ((X X^T)_ij - M_ij)^2 in place of the first term, which may have spurious minima (`weightedTwoByTwo`); with another
 * loss 1/2 sum of w_ij psi((X X^T)_ij; M_ij), psi as in `matrixCompletion`. Halves, since every pair (i, j), (j, i) is summed twice.
 *
 * Source: Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019 (arXiv 1612.09296); weights and losses: Li, Tang 2017 (arXiv 1611.03060),
 * Zhu, Li, Tang, Wakin 2018 (arXiv 1703.01256).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for a target or weights that are no finite matrix of one shape
 * @throws LOWLAND_E_WEIGHT, LOWLAND_E_EMPTY when a weight is negative, or none is positive
 * @throws LOWLAND_E_LABEL for an entry that the loss does not take
 * @throws LOWLAND_E_NOT_SYMMETRIC when the target is not square and symmetric to 1e-12 of its largest entry
 * @throws LOWLAND_E_RANK unless 1 <= rank <= rows
 * @throws LOWLAND_E_OPTIONS when lambda is negative or not finite, the loss none of the list, or gramFarFromOptimum is asked of weights or
 *   another loss
 */
export function symmetricFactorization<const O extends SymmetricFactorizationOptions>(
  options: O & SymmetricFactorizationOptions,
): Objective<SymmetricFactorizationCapability<O>> {
  const { rank, lambda = 0, gramFarFromOptimum = false, weights, truth }: SymmetricFactorizationOptions = options;
  requireMatrix('The target', options.target);
  const target = symmetricPart(options.target);
  requireNonNegative('lambda', lambda);
  requireTruth(truth, target.rows, target.cols);
  const { rows } = target;
  const fit = fitOf(target, weights?.map((w, k) => (w + weights[(k % rows) * rows + Math.floor(k / rows)]!) / 2), options.loss);
  if (gramFarFromOptimum) requirePlainFit(fit);
  const prepared: Prepared = {
    target,
    fit,
    truth,
    lambda,
    gramFarFromOptimum,
    digest: once(() => fingerprint('matrix', [target.rows, target.cols], target.values, ...(weights === undefined ? [] : [weights]))),
    levels: once(() => levelsOf(target, lambda)),
  };
  return create(prepared, rank) as Objective<SymmetricFactorizationCapability<O>>;
}

/** What does not depend on the rank. */
interface Prepared {
  readonly target: DataMap['matrix'];
  readonly fit: FitParts;
  readonly truth: DataMap['matrix'] | undefined;
  readonly lambda: number;
  readonly gramFarFromOptimum: boolean;
  readonly digest: () => string;
  readonly levels: () => Levels;
}

type Any = Exclude<FactoredCapability, 'lift'>;

function create(prepared: Prepared, rank: number): Objective<Any> {
  const { target, fit, lambda, gramFarFromOptimum } = prepared;
  const { rows, values } = target;
  requireRank(rank, rows, rows);
  const problem: FactoredProblem = {
    symmetric: true,
    map: fit.map,
    rank,
    layout: factorLayout(true, rows, rows, rank),
    weight: 1 / 2,
    data: fit.data,
    linear: undefined,
    ridge: lambda,
    balance: 0,
    gramFarFromOptimum,
    ...(fit.loss && { loss: fit.loss }),
  };
  const { lift, ...common } = factoredRoutes(problem, { grow: (next) => create(prepared, next), truth: truthOf(prepared, problem) });
  const routes: Routes<Any, Uploaded> = {
    ...common,
    ...(lambda > 0 || !fit.plain ? { lift } : { target: hostRoute<'target'>({ symmetric: true, rows, cols: rows, data: values, at: (x) => evaluate(problem, x) }) }),
    ...(fit.plain && { ensemble: ensembleRoutes(factorizationEnsemble(problem)) }),
  };
  return factoredObjective(problem, {
    id: 'matrix-factorization',
    scale: fit.plain ? '1/4 |X X^T - M|_F^2' : fit.loss ? `1/2 sum of w_ij times ${fit.summary}, z = (X X^T)_ij` : '1/4 sum of w_ij ((X X^T)_ij - M_ij)^2',
    options: { symmetric: true, rank, lambda, ...fit.recorded, ...(gramFarFromOptimum && { gramFarFromOptimum }) },
    digest: prepared.digest,
    routes,
  });
}

/** (M + M^T)/2 of a matrix that is symmetric up to rounding. */
function symmetricPart({ rows, cols, values }: DataMap['matrix']): DataMap['matrix'] {
  const refuse = (what: string): never => {
    throw new LowlandError('LOWLAND_E_NOT_SYMMETRIC', `X X^T fits a symmetric matrix; ${what}. Use the asymmetric factorization, or give (M + M^T)/2.`);
  };
  if (rows !== cols) refuse(`the target is ${rows} x ${cols}`);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const symmetric = values.slice();
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [values[i * rows + j]!, values[j * rows + i]!];
      if (Math.abs(a - b) > 1e-12 * largest) refuse(`entries (${i}, ${j}) and (${j}, ${i}) are ${a} and ${b}`);
      symmetric[i * rows + j] = symmetric[j * rows + i] = (a + b) / 2;
    }
  }
  return { rows, cols, values: symmetric };
}

function levelsOf(target: DataMap['matrix'], lambda: number): Levels {
  const { values, vectors } = symmetricEigen(matrix(target.rows, target.cols, target.values));
  return { values: values.map((value) => value - lambda), bases: [vectors] };
}

/** f* = 1/4 |M|^2 - 1/4 sum of (lambda_i - lambda)_+^2 over the `rank` largest (rigour: positive ones alone are kept). */
function truthOf({ fit, truth, lambda, levels }: Prepared, problem: FactoredProblem): Truth {
  if (!fit.plain) return truth === undefined ? {} : { distance: distanceTo(problem, truth) };
  const optimum = once(() => leastSum(levels().values, problem.rank, lambda) / 4);
  return {
    get optimum() {
      return optimum();
    },
    stationaryPoints: () => stationaryPoints(problem.layout, problem.rank, levels()),
    ...(truth && { distance: distanceTo(problem, truth) }),
  };
}
