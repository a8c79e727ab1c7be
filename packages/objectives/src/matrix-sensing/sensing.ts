import { fingerprint, LowlandError, type DataMap, type Measurements, type Objective, type Routes } from '@lowland/core';
import { scale } from '@lowland/linalg';

import { ensembleRoutes } from '../ensemble/ensemble.ts';
import { sensingEnsemble } from '../ensemble/problems.ts';
import { requireAllFinite, requireLength, requireNonNegative, requireRank, requireSize, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import type { Given, WhenZero } from '../factored/literal.ts';
import { chosenLoss, measuredLoss, type ChosenLoss, type LossOption, type WhenLeastSquares, type WhenSmooth } from '../factored/loss-option.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import { weightedMap } from '../factored/weighted-map.ts';
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
  /** What is summed over the measurements; default least squares. */
  readonly loss?: LossOption;
  /** Default `sum`. Gaussian ensembles measure |a(X)|^2 = m |X|_F^2 on average, so `mean` gives the scale of factorization. */
  readonly normalisation?: Normalisation;
  /** The matrix that was planted, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** A linear term is no sum of squares. */
type WhenLinear<O, Yes, No> = O extends { readonly measurements: infer M } ? ('linear' extends keyof M ? (undefined extends M['linear' & keyof M] ? never : Yes) : No) : never;

export type SymmetricSensingCapability<O> = Exclude<FactoredCapability, 'residual' | 'estimate' | 'smoothness'> | WhenSmooth<O, 'smoothness'> | WhenLeastSquares<O, 'estimate' | WhenLinear<O, never, 'residual'>>;

/** Without penalty a linear term can make the problem in one factor unbounded: then there is no block solve. */
export type MatrixSensingCapability<O> =
  | SymmetricSensingCapability<O>
  | WhenLeastSquares<O, WhenLinear<O, WhenZero<Given<O, 'lambda', 0>, never, 'blockSolve'>, 'blockSolve'>>;

/**
 * Sensing of a positive semidefinite matrix Z = X X^T from m numbers,
 *
 *     f(X) = (c/2) sum over k of w_k (<A_k, Z> - b_k)^2 + <C, Z> + lambda tr Z,   c = 1 or 1/m,
 *
 * X: rows x rank. A_k and C count by their symmetric parts. With S = c a*(a(Z) - b) + C + lambda I:
 * grad f = 2 S X. Mind the scale: |a(X) - b|^2 has twice, 1/4 |.|^2 half of this gradient.
 * A Hessian-vector product costs two gradients. Rank one with A_k = a_k a_k^T and c = 1/m is real phase retrieval from intensities,
 * 1/(2m) sum ((a_k^T x)^2 - b_k)^2: twice the 1/(4m) that is usual, too. With another loss c sum of w_k psi(<A_k, Z>; b_k), psi as in
 * `matrixCompletion`.
 *
 * Source: Bhojanapalli, Neyshabur, Srebro 2016 (arXiv 1605.07221).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE, LOWLAND_E_INDEX, LOWLAND_E_ENSEMBLE, LOWLAND_E_MEMORY for bad measurements
 * @throws LOWLAND_E_EMPTY when there are none
 * @throws LOWLAND_E_WEIGHT when a weight is negative, or 0 under a loss that is not least squares
 * @throws LOWLAND_E_LABEL for a datum that the loss does not take
 * @throws LOWLAND_E_RANK unless 1 <= rank <= rows
 * @throws LOWLAND_E_OPTIONS when lambda is negative or not finite, the normalisation none of the two, or the loss none of the list
 */
export function symmetricSensing<const O extends SensingOptions>(options: O & SensingOptions): Objective<SymmetricSensingCapability<O>> {
  return create(prepare(options, true), options.rank) as Objective<SymmetricSensingCapability<O>>;
}

/**
 * Sensing of a matrix X = U V^T from m numbers,
 *
 *     f(U, V) = (c/2) sum over k of w_k (<A_k, X> - b_k)^2 + <C, X> + (lambda/2)(|U|_F^2 + |V|_F^2),   c = 1 or 1/m,
 *
 * U: rows x rank, V: cols x rank. With G = c a*(w (a(X) - b)) + C: grad_U = G V + lambda U, grad_V = G^T U + lambda V.
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
  readonly data: Float64Array;
  readonly loss: ChosenLoss;
  readonly lambda: number;
  readonly normalisation: Normalisation;
  readonly truth: DataMap['matrix'] | undefined;
  readonly digest: () => string;
}

function prepare({ measurements, lambda = 0, loss: option, normalisation = 'sum', truth }: SensingOptions, symmetric: boolean): Prepared {
  const { rows, cols, values, linear, weights } = measurements;
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
  const loss = chosenLoss(option);
  if (weights !== undefined) requireWeights(weights, values.length, loss);
  const map = sensingMap(measurements, symmetric);
  const folded = weights !== undefined && loss.psi === undefined;
  return {
    symmetric,
    measurements,
    map: folded ? weightedSensing(map, weights) : map,
    data: folded ? values.map((value, k) => Math.sqrt(weights[k]!) * value) : values,
    loss,
    linear: linear && symmetric ? symmetricPart(linear, rows) : linear,
    lambda,
    normalisation,
    truth,
    digest: once(() => digestOf(measurements)),
  };
}

function create(prepared: Prepared, rank: number): Objective<never> {
  const { symmetric, map, data, loss, linear, lambda, normalisation, truth, measurements } = prepared;
  requireRank(rank, map.rows, map.cols);
  const problem: FactoredProblem = {
    symmetric,
    map,
    rank,
    layout: factorLayout(symmetric, map.rows, map.cols, rank),
    weight: normalisation === 'sum' ? 1 : 1 / map.length,
    data,
    linear,
    // lambda tr X X^T = lambda |X|^2.
    ridge: symmetric ? 2 * lambda : lambda,
    balance: 0,
    ...(loss.psi && { loss: measuredLoss(loss.psi, measurements.weights, data) }),
  };
  const common = factoredRoutes(problem, {
    grow: (next) => create(prepared, next),
    truth: truth === undefined ? {} : { distance: distanceTo(problem, truth) },
  });
  const ensemble = sensingEnsemble(problem);
  const routes: Routes<Exclude<FactoredCapability, 'residual'>, Uploaded> = {
    ...common,
    ...(!symmetric && loss.psi === undefined && (linear === undefined || lambda > 0) && { blockSolve: [blockSolveRoute(problem, map)] }),
    ...(ensemble && { ensemble: ensembleRoutes(ensemble) }),
  };
  const product = symmetric ? 'X X^T' : 'U V^T';
  const weighted = measurements.weights === undefined ? '' : 'weighted, ';
  const squares = `${weighted}${normalisation === 'sum' ? '1/2' : '1/(2m)'} |a(${product}) - b|^2`;
  return factoredObjective(problem, {
    id: 'matrix-sensing',
    scale: loss.psi === undefined ? squares : `${weighted}${normalisation} over k of ${loss.summary}, z = a(${product})_k`,
    options: { symmetric, rank, lambda, normalisation, ...loss.recorded },
    digest: prepared.digest,
    routes,
  });
}

/** sqrt(w_k) <A_k, X>, with the matrix in one factor alone. */
function weightedSensing(map: SensingMap, weights: Float64Array): SensingMap {
  const stack: SensingMap['stack'] = (other, unknown) => {
    const stacked = map.stack(other, unknown);
    for (let k = 0; k < weights.length; k++) scale(Math.sqrt(weights[k]!), stacked.data.subarray(k * stacked.cols, (k + 1) * stacked.cols));
    return stacked;
  };
  return Object.assign(weightedMap(map, weights), { stack });
}

/** Weights of other losses are positive, since 0 times a loss that is infinite is no number. */
function requireWeights(weights: Float64Array, count: number, { psi }: ChosenLoss): void {
  requireLength('The list of weights', weights.length, count);
  requireAllFinite('A weight', weights);
  const bad = weights.findIndex((weight) => (psi === undefined ? weight < 0 : weight <= 0));
  if (bad === -1) return;
  const least = psi === undefined ? 'weights that are at least 0' : `positive weights with the loss "${psi.kind}"`;
  throw new LowlandError('LOWLAND_E_WEIGHT', `The weight of measurement ${bad} is ${weights[bad]!}: give ${least}.`, { details: { measurement: bad } });
}

/** The fingerprint of measurements. A seeded ensemble is covered by its name, version and seed, an explicit one by its numbers. */
export function digestOf({ rows, cols, values, ensemble, linear, weights }: Measurements): string {
  const parts = partsOf(ensemble);
  return fingerprint('measurements', [rows, cols], values, ensemble.kind, ...parts, ...(linear === undefined ? [] : [linear]), ...(weights === undefined ? [] : ['weights', weights]));
}

function partsOf(ensemble: Measurements['ensemble']): readonly (string | number | Float64Array | Int32Array)[] {
  switch (ensemble.kind) {
    case 'seeded':
      return [ensemble.name, ensemble.version, ensemble.seed, ...(ensemble.nonzeros === undefined ? [] : [ensemble.nonzeros])];
    case 'dense':
      return [ensemble.matrices];
    case 'sparse':
      return [ensemble.measurement, ensemble.row, ensemble.col, ensemble.value];
    case 'rank-one':
      return ensemble.right === undefined ? [ensemble.left] : [ensemble.left, ensemble.right];
    case 'coded-diffraction':
      return [ensemble.masks];
  }
}

function symmetricPart(c: Float64Array, n: number): Float64Array {
  return c.map((value, k) => (value + c[(k % n) * n + Math.floor(k / n)]!) / 2);
}
