import { fingerprint, LowlandError, type DataMap, type Measurements, type Objective, type Routes } from '@lowland/core';

import { requireAllFinite, requireLength, requireNonNegative, requireRank, requireSize, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import type { Given, WhenZero } from '../factored/literal.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import { blockSolveRoute } from './block-solve.ts';
import { sensingMap, type SensingMap } from './sensing-map.ts';

/** c = 1, or c = 1/m for m measurements. */
export type Normalisation = 'sum' | 'mean';

export interface SensingOptions {
  /** Values, ensemble and, if wanted, a linear term. */
  readonly measurements: Measurements;
  /** Columns of the factors, 1 … min(rows, cols). */
  readonly rank: number;
  /** lambda >= 0: weight of tr X (symmetric) or of the nuclear norm of X; default 0. */
  readonly lambda?: number;
  /** Default `sum`. Gaussian ensembles measure |a(X)|^2 = m |X|_F^2 on average, so `mean` gives the scale of factorization. */
  readonly normalisation?: Normalisation;
  /** The matrix that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** A linear term is no sum of squares. */
type WhenLinear<O, Yes, No> = O extends { readonly measurements: infer M } ? ('linear' extends keyof M ? (undefined extends M['linear' & keyof M] ? never : Yes) : No) : never;

export type SymmetricSensingCapability<O> = Exclude<FactoredCapability, 'residual'> | WhenLinear<O, never, 'residual'>;

/** Without penalty a linear term can make the problem in one factor unbounded: then there is no block solve. */
export type MatrixSensingCapability<O> =
  | SymmetricSensingCapability<O>
  | WhenLinear<O, WhenZero<Given<O, 'lambda', 0>, never, 'blockSolve'>, 'blockSolve'>;

/**
 * Sensing of a positive semidefinite matrix Z = X X^T from m numbers,
 *
 *     f(X) = (c/2) sum over k of (<A_k, Z> - b_k)^2 + <C, Z> + lambda tr Z,   c = 1 or 1/m,
 *
 * X: rows x rank. A_k and C count by their symmetric parts. With S = c a*(a(Z) - b) + C + lambda I:
 * grad f = 2 S X. Mind the scale: |a(X) - b|^2 has twice, 1/4 |.|^2 half of this gradient.
 * A Hessian-vector product costs two gradients. Rank one with A_k = a_k a_k^T and c = 1/m is real phase retrieval from intensities,
 * 1/(2m) sum ((a_k^T x)^2 - b_k)^2: twice the 1/(4m) that is usual, too.
 *
 * Source: Bhojanapalli, Neyshabur, Srebro 2016 (arXiv 1605.07221).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE, LOWLAND_E_INDEX, LOWLAND_E_ENSEMBLE, LOWLAND_E_MEMORY for bad measurements
 * @throws LOWLAND_E_EMPTY when there are none and no linear term either
 * @throws LOWLAND_E_RANK unless 1 <= rank <= rows
 * @throws LOWLAND_E_OPTIONS when lambda is negative or not finite, or the normalisation is none of the two
 */
export function symmetricSensing<const O extends SensingOptions>(options: O & SensingOptions): Objective<SymmetricSensingCapability<O>> {
  return create(prepare(options, true), options.rank) as Objective<SymmetricSensingCapability<O>>;
}

/**
 * Sensing of a matrix X = U V^T from m numbers,
 *
 *     f(U, V) = (c/2) sum over k of (<A_k, X> - b_k)^2 + <C, X> + (lambda/2)(|U|_F^2 + |V|_F^2),   c = 1 or 1/m,
 *
 * U: rows x rank, V: cols x rank. With G = c a*(a(X) - b) + C: grad_U = G V + lambda U, grad_V = G^T U + lambda V.
 * A Hessian-vector product costs two gradients.
 *
 * Source: Recht, Fazel, Parrilo 2010 (arXiv 0706.4138); Tu et al. 2016 (arXiv 1507.03566).
 *
 * @throws as `symmetricSensing`; LOWLAND_E_RANK unless 1 <= rank <= min(rows, cols)
 */
export function matrixSensing<const O extends SensingOptions>(options: O & SensingOptions): Objective<MatrixSensingCapability<O>> {
  return create(prepare(options, false), options.rank) as Objective<MatrixSensingCapability<O>>;
}

/** What does not depend on the rank. */
interface Prepared {
  readonly symmetric: boolean;
  readonly measurements: Measurements;
  readonly map: SensingMap;
  readonly linear: Float64Array | undefined;
  readonly lambda: number;
  readonly normalisation: Normalisation;
  readonly truth: DataMap['matrix'] | undefined;
  readonly digest: () => string;
}

function prepare({ measurements, lambda = 0, normalisation = 'sum', truth }: SensingOptions, symmetric: boolean): Prepared {
  const { rows, cols, values, linear } = measurements;
  requireSize(rows, cols);
  if (symmetric && rows !== cols) {
    throw new LowlandError('LOWLAND_E_SHAPE', `X X^T is square; these measurements are of ${rows} x ${cols} matrices. Use the asymmetric problem.`);
  }
  if (values.length === 0) {
    throw new LowlandError('LOWLAND_E_EMPTY', 'Matrix sensing needs at least one measurement.');
  }
  requireAllFinite('A measured value', values);
  requireNonNegative('lambda', lambda);
  if (!(['sum', 'mean'] as readonly string[]).includes(normalisation)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `normalisation is sum or mean; "${normalisation}" was given.`, { details: { normalisation } });
  }
  if (linear !== undefined) {
    requireLength('The linear term', linear.length, rows * cols);
    requireAllFinite('The linear term', linear);
  }
  requireTruth(truth, rows, cols);
  return {
    symmetric,
    measurements,
    map: sensingMap(measurements, symmetric),
    linear: linear && symmetric ? symmetricPart(linear, rows) : linear,
    lambda,
    normalisation,
    truth,
    digest: once(() => digestOf(measurements)),
  };
}

function create(prepared: Prepared, rank: number): Objective<never> {
  const { symmetric, map, linear, lambda, normalisation, truth, measurements } = prepared;
  requireRank(rank, map.rows, map.cols);
  const problem: FactoredProblem = {
    symmetric,
    map,
    rank,
    layout: factorLayout(symmetric, map.rows, map.cols, rank),
    weight: normalisation === 'sum' ? 1 : 1 / map.length,
    data: measurements.values,
    linear,
    // lambda tr X X^T = lambda |X|^2.
    ridge: symmetric ? 2 * lambda : lambda,
    balance: 0,
  };
  const { residual, ...common } = factoredRoutes(problem, {
    grow: (next) => create(prepared, next),
    truth: truth === undefined ? {} : { distance: distanceTo(problem, truth) },
  });
  const routes: Routes<Exclude<FactoredCapability, 'residual'>, Uploaded> = {
    ...common,
    ...(linear === undefined && { residual }),
    ...(!symmetric && (linear === undefined || lambda > 0) && { blockSolve: [blockSolveRoute(problem, map)] }),
  };
  const c = normalisation === 'sum' ? '1/2' : '1/(2m)';
  return factoredObjective(problem, {
    id: 'matrix-sensing',
    scale: `${c} |a(${symmetric ? 'X X^T' : 'U V^T'}) - b|^2`,
    options: { symmetric, rank, lambda, normalisation },
    digest: prepared.digest,
    routes,
  });
}

/** The fingerprint of measurements. A seeded ensemble is covered by its name, version and seed, an explicit one by its numbers. */
export function digestOf({ rows, cols, values, ensemble, linear }: Measurements): string {
  const parts = partsOf(ensemble);
  return fingerprint('measurements', [rows, cols], values, ensemble.kind, ...parts, ...(linear === undefined ? [] : [linear]));
}

function partsOf(ensemble: Measurements['ensemble']): readonly (string | number | Float64Array | Int32Array)[] {
  switch (ensemble.kind) {
    case 'seeded':
      return [ensemble.name, ensemble.version, ensemble.seed];
    case 'dense':
      return [ensemble.matrices];
    case 'sparse':
      return [ensemble.measurement, ensemble.row, ensemble.col, ensemble.value];
    case 'rank-one':
      return ensemble.right === undefined ? [ensemble.left] : [ensemble.left, ensemble.right];
  }
}

function symmetricPart(c: Float64Array, n: number): Float64Array {
  return c.map((value, k) => (value + c[(k % n) * n + Math.floor(k / n)]!) / 2);
}
