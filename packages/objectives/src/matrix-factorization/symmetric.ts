import { fingerprint, LowlandError, type DataMap, type Objective, type Routes, type Truth } from '@lowland/core';
import { matrix, symmetricEigen } from '@lowland/linalg';

import { requireMatrix, requireNonNegative, requireRank, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import { evaluate } from '../factored/evaluate.ts';
import type { Given, WhenZero } from '../factored/literal.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, hostRoute, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import { identityMap } from './identity-map.ts';
import { leastSum, stationaryPoints, type Levels } from './stationary.ts';

export interface SymmetricFactorizationOptions {
  /** M, dense row-major, symmetric, of any inertia. */
  readonly target: DataMap['matrix'];
  /** Columns of X, 1 … rows. */
  readonly rank: number;
  /** lambda >= 0 of (lambda/2) |X|_F^2 = (lambda/2) tr X X^T; default 0. */
  readonly lambda?: number;
  /**
   * Gradients by Gram matrices, 2 rows^2 rank flops instead of 4, where | |X X^T|_F - |M|_F | >= S / 8 with S = |X|_F^2 + |M|_F: far from
   * the optimum. They lose about three bits there, and the value is off by 64 c eps of its size at most, c = rows + cols +
   * rows rank / 8 + rank^2 + 24. Elsewhere, and on devices that are not synchronous f64 ones, nothing changes. Default false.
   */
  readonly gramFarFromOptimum?: boolean;
  /** The matrix that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** Without penalty the spectrum of the target gives the optimum, with one the convex problem does. */
export type SymmetricFactorizationCapability<O> = Exclude<FactoredCapability, 'lift'> | WhenZero<Given<O, 'lambda', 0>, 'target', 'lift'>;

/**
 * Symmetric matrix factorization,
 *
 *     f(X) = 1/4 |X X^T - M|_F^2 + (lambda/2) |X|_F^2,   X: rows x rank,
 *     grad f = (X X^T - M) X + lambda X,   Hess f[D] = (X D^T + D X^T) X + (X X^T - M) D + lambda D.
 *
 * Mind the scale: 1/2 |X X^T - M|^2 has twice this gradient. A Hessian-vector product costs about one gradient,
 * 4 rows^2 rank flops. Every stationary point is a global minimum or a strict saddle.
 *
 * Source: Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019 (arXiv 1612.09296).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for a target that is no finite matrix
 * @throws LOWLAND_E_NOT_SYMMETRIC when the target is not square and symmetric to 1e-12 of its largest entry
 * @throws LOWLAND_E_RANK unless 1 <= rank <= rows
 * @throws LOWLAND_E_OPTIONS when lambda is negative or not finite
 */
export function symmetricFactorization<const O extends SymmetricFactorizationOptions>(
  options: O & SymmetricFactorizationOptions,
): Objective<SymmetricFactorizationCapability<O>> {
  const { rank, lambda = 0, gramFarFromOptimum = false, truth }: SymmetricFactorizationOptions = options;
  requireMatrix('The target', options.target);
  const target = symmetricPart(options.target);
  requireNonNegative('lambda', lambda);
  requireTruth(truth, target.rows, target.cols);
  const prepared: Prepared = {
    target,
    truth,
    lambda,
    gramFarFromOptimum,
    digest: once(() => fingerprint('matrix', [target.rows, target.cols], target.values)),
    levels: once(() => levelsOf(target, lambda)),
  };
  return create(prepared, rank) as Objective<SymmetricFactorizationCapability<O>>;
}

/** What does not depend on the rank. */
interface Prepared {
  readonly target: DataMap['matrix'];
  readonly truth: DataMap['matrix'] | undefined;
  readonly lambda: number;
  readonly gramFarFromOptimum: boolean;
  readonly digest: () => string;
  readonly levels: () => Levels;
}

type Any = Exclude<FactoredCapability, 'lift'>;

function create(prepared: Prepared, rank: number): Objective<Any> {
  const { target, lambda, gramFarFromOptimum } = prepared;
  const { rows, values } = target;
  requireRank(rank, rows, rows);
  const problem: FactoredProblem = {
    symmetric: true,
    map: identityMap(rows, rows),
    rank,
    layout: factorLayout(true, rows, rows, rank),
    weight: 1 / 2,
    data: values,
    linear: undefined,
    ridge: lambda,
    balance: 0,
    gramFarFromOptimum,
  };
  const { lift, ...common } = factoredRoutes(problem, { grow: (next) => create(prepared, next), truth: truthOf(prepared, problem) });
  const routes: Routes<Any, Uploaded> = {
    ...common,
    ...(lambda > 0 ? { lift } : { target: hostRoute<'target'>({ symmetric: true, rows, cols: rows, data: values, at: (x) => evaluate(problem, x) }) }),
  };
  return factoredObjective(problem, {
    id: 'matrix-factorization',
    scale: '1/4 |X X^T - M|_F^2',
    options: { symmetric: true, rank, lambda, ...(gramFarFromOptimum && { gramFarFromOptimum }) },
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
function truthOf({ truth, lambda, levels }: Prepared, problem: FactoredProblem): Truth {
  const optimum = once(() => leastSum(levels().values, problem.rank, lambda) / 4);
  return {
    get optimum() {
      return optimum();
    },
    stationaryPoints: () => stationaryPoints(problem.layout, problem.rank, levels()),
    ...(truth && { distance: distanceTo(problem, truth) }),
  };
}
