import { fingerprint, LowlandError, type DataMap, type Objective, type Route, type Routes } from '@lowland/core';

import { requireNonNegative, requireRank, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import type { Incoherence } from '../factored/incoherence.ts';
import type { LinearMap } from '../factored/linear-map.ts';
import { chosenLoss, measuredLoss, type ChosenLoss, type LossOption, type WhenLeastSquares, type WhenSmooth } from '../factored/loss-option.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, factorNames, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import { newVector } from '../factored/term.ts';
import { blockSolveRoute } from './block-solve.ts';
import { incoherenceLevel } from './incoherence-level.ts';
import { observationsOf, type Observations } from './observations.ts';
import { offsetsOf, type Center, type Offsets } from './offsets.ts';
import { samplingMap } from './sampling-map.ts';
import { symmetricObservations } from './symmetric-observations.ts';

export interface MatrixCompletionOptions {
  /** Observed cells, with weights >= 0 if wanted; 0 means unobserved. */
  readonly entries: DataMap['entries'];
  /** Columns of the factors, 1 … min(rows, cols). */
  readonly rank: number;
  /** lambda >= 0: weight of the nuclear norm of U V^T, (lambda/2)(|U|_F^2 + |V|_F^2), or of tr X X^T; default 0. */
  readonly lambda?: number;
  /** What is summed over the observed cells; default least squares. */
  readonly loss?: LossOption;
  /**
   * Means that are taken off first: none, the global one, or global, row and column means. Default global, for X X^T and for labels and counts none,
   * where nothing else (for X X^T nothing but the global mean) makes sense.
   */
  readonly center?: Center;
  /** Weight >= 0 of the penalty on large rows, sum over rows u_i of both factors of (|u_i| - alpha)_+^4; default 0. */
  readonly incoherence?: number;
  /** Row norm up to which that penalty is 0; default three times the largest row norm of the spectral start of this rank (least squares and Huber). */
  readonly alpha?: number;
  /** The whole matrix, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/** What rows that are penalised take away. */
type WhenFree<O, Yes> = O extends { readonly incoherence: infer I } ? (I extends 0 ? Yes : never) : Yes;

/** Without loss and incoherence among the options: all. */
export type SymmetricCompletionCapability<O = object> =
  | Exclude<FactoredCapability, 'residual' | 'estimate' | 'convexForm' | 'smoothness'>
  | WhenLeastSquares<O, 'estimate' | WhenFree<O, 'residual'>>
  | WhenFree<O, 'convexForm' | WhenSmooth<O, 'smoothness'>>;

export type MatrixCompletionCapability<O = object> =
  | Exclude<SymmetricCompletionCapability<O>, 'lift'>
  | WhenFree<O, 'lift' | WhenLeastSquares<O, 'blockSolve'>>;

/** A completion problem, with the means that it takes off. */
export interface MatrixCompletion<O = object> extends Objective<MatrixCompletionCapability<O>> {
  readonly offsets: Offsets;
}
export interface SymmetricCompletion<O = object> extends Objective<SymmetricCompletionCapability<O>> {
  readonly offsets: Offsets;
}

/**
 * Low-rank matrix completion,
 *
 *     f(U, V) = sum over observed (i, j) of w_ij psi((U V^T)_ij; b_ij) + (lambda/2) (|U|_F^2 + |V|_F^2) + c sum over rows of (|u_i| - alpha)_+^4,
 *
 * psi(z; b) = 1/2 (z - b)^2 or another convex loss: Huber's, log(1 + e^z) - b z of labels 0 and 1 (logistic), e^z - b z of counts (poisson),
 * z - b log(z + beta) of counts (poisson-identity). A sum, not a mean: give weights 1/p or 1/m for those. b = observed - offsets as stored doubles,
 * U: rows x rank, V: cols x rank. Offsets are computed once from the observed cells and are not optimised; certificates are about b.
 * grad_U = G V + lambda U + 4 c (|u_i| - alpha)_+^3 u_i / |u_i| with G = w_ij psi' on the observed cells.
 * 6 rank flops an entry for a gradient, 14 for a Hessian-vector product of least squares; other losses store what least squares computes in passing.
 *
 * With the row penalty there is no convex problem in U V^T behind it, and no certificate: it is no function of the product. In X X^T it is.
 *
 * Source: Candès, Recht 2009 (arXiv 0805.4471); Srebro, Rennie, Jaakkola 2004 for the factored penalty;
 * Hastie, Mazumder, Lee, Zadeh 2015 (arXiv 1410.2596); one-bit: Davenport, Plan, van den Berg, Wootters 2014 (arXiv 1209.3672);
 * rows: Ge, Lee, Ma 2016 (arXiv 1605.07272).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_INDEX, LOWLAND_E_DUPLICATE, LOWLAND_E_NOT_FINITE, LOWLAND_E_WEIGHT,
 *   LOWLAND_E_EMPTY for bad entries (`observationsOf` says when)
 * @throws LOWLAND_E_LABEL for a datum that the loss does not take
 * @throws LOWLAND_E_RANK unless 1 <= rank <= min(rows, cols)
 * @throws LOWLAND_E_OPTIONS when lambda, incoherence or alpha is negative or not finite, center is none of the three or makes no sense,
 *   or the loss is none of the list
 */
export function matrixCompletion<const O extends MatrixCompletionOptions>(options: O & MatrixCompletionOptions): MatrixCompletion<O> {
  return create(prepare(options, false), options.rank);
}

/**
 * Completion of a positive semidefinite matrix X X^T, X: rows x rank, from entries of which (i, j) stands for (j, i) too,
 *
 *     f(X) = sum over observed (i, j) of w_ij psi((X X^T)_ij; b_ij) + lambda |X|_F^2 + c sum over rows of (|x_i| - alpha)_+^4,
 *
 * every given cell counted once. grad = 2 G X + 2 lambda X + 4 c (|x_i| - alpha)_+^3 x_i / |x_i| with G the symmetric part of w_ij psi'.
 * The loss, its sources and errors are those of `matrixCompletion`, 1/(2p) of the papers is weights of 1/p.
 *
 * @throws LOWLAND_E_NOT_SYMMETRIC when (i, j) and (j, i) are given with different values
 */
export function symmetricCompletion<const O extends MatrixCompletionOptions>(options: O & MatrixCompletionOptions): SymmetricCompletion<O> {
  return create(prepare(options, true), options.rank);
}

/** What does not depend on the rank. */
interface Prepared {
  readonly symmetric: boolean;
  readonly observations: Observations;
  readonly offsets: Offsets;
  readonly b: Float64Array;
  readonly map: LinearMap;
  readonly lambda: number;
  readonly loss: ChosenLoss;
  readonly center: Center;
  readonly incoherence: Incoherence | undefined;
  readonly truth: DataMap['matrix'] | undefined;
  readonly digest: () => string;
}

function prepare(options: MatrixCompletionOptions, symmetric: boolean): Prepared {
  const { entries, rank, lambda = 0, truth } = options;
  const given = observationsOf(entries);
  const observations = symmetric ? symmetricObservations(given) : given;
  const { pattern, values } = observations;
  requireNonNegative('lambda', lambda);
  const loss = chosenLoss(options.loss);
  const center = centerOf(options.center, loss, symmetric);
  requireTruth(truth, pattern.rows, pattern.cols);
  requireRank(rank, pattern.rows, pattern.cols);
  const offsets = offsetsOf(observations, center);
  const b = values.map((value, e) => value - offsets.at(pattern.row[e]!, pattern.col[e]!));
  return {
    symmetric,
    observations,
    offsets,
    b,
    // Of other losses the weights stay outside.
    map: samplingMap(loss.psi === undefined ? observations : { ...observations, weights: undefined }),
    lambda,
    loss,
    center,
    incoherence: incoherenceOf(options, loss, observations, b),
    truth,
    digest: once(() => {
      const { pattern: cells, values: numbers, weights: w } = given;
      return fingerprint('entries', [cells.rows, cells.cols], cells.row, cells.col, numbers, ...(w === undefined ? [] : [w]));
    }),
  };
}

function centerOf(given: Center | undefined, { psi }: ChosenLoss, symmetric: boolean): Center {
  const sensible: readonly Center[] = psi !== undefined && psi.kind !== 'huber' ? ['none'] : symmetric ? ['none', 'global'] : ['global', 'none', 'bias'];
  const center = given ?? sensible[0]!;
  if (sensible.includes(center)) return center;
  const known = (['none', 'global', 'bias'] as readonly string[]).includes(center);
  const where = known ? ` for ${psi === undefined ? 'X X^T' : `the loss "${psi.kind}"`}` : '';
  throw new LowlandError('LOWLAND_E_OPTIONS', `center is ${sensible.toSorted().join(' or ')}${where}; "${center}" was given.`, { details: { center } });
}

function incoherenceOf({ incoherence: weight = 0, alpha, rank }: MatrixCompletionOptions, { psi }: ChosenLoss, observations: Observations, b: Float64Array): Incoherence | undefined {
  requireNonNegative('incoherence', weight);
  if (alpha !== undefined) requireNonNegative('alpha', alpha);
  if (weight === 0) return undefined;
  if (alpha === undefined && psi !== undefined && psi.kind !== 'huber') {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The row penalty needs an alpha for the loss "${psi.kind}": its data are no entries of a matrix from which one could be read.`);
  }
  return { weight, alpha: alpha ?? incoherenceLevel(observations, b, rank) };
}

function create(prepared: Prepared, rank: number): MatrixCompletion {
  const { symmetric, observations, offsets, b, map, lambda, loss, center, incoherence, truth } = prepared;
  const { weights } = observations;
  requireRank(rank, map.rows, map.cols);
  const folded = loss.psi === undefined && weights !== undefined;
  const problem: FactoredProblem = {
    symmetric,
    map,
    rank,
    layout: factorLayout(symmetric, map.rows, map.cols, rank),
    weight: 1,
    data: folded ? b.map((value, e) => Math.sqrt(weights[e]!) * value) : b,
    linear: undefined,
    // lambda tr X X^T = lambda |X|^2.
    ridge: symmetric ? 2 * lambda : lambda,
    balance: 0,
    ...(loss.psi && { loss: measuredLoss(loss.psi, weights, b) }),
    ...(incoherence && { incoherence }),
  };
  const routes = {
    ...factoredRoutes(problem, {
      grow: (next) => create(prepared, next),
      truth: truth === undefined ? {} : { distance: distanceTo(problem, truth, offsets.at) },
      predict: [predictRoute(problem, offsets)],
    }),
    ...(!symmetric && loss.psi === undefined && incoherence === undefined && { blockSolve: [blockSolveRoute(problem, observations, b)] }),
  } as Routes<MatrixCompletionCapability, Uploaded>;
  const product = symmetric ? '(X X^T)_ij' : '(U V^T)_ij';
  const objective = factoredObjective(problem, {
    id: 'matrix-completion',
    scale: loss.psi === undefined ? `1/2 sum of w_ij (${product} - b_ij)^2` : `sum of w_ij times ${loss.summary}, z = ${product}`,
    options: {
      ...(symmetric && { symmetric }),
      rank,
      lambda,
      center,
      ...loss.recorded,
      ...(incoherence && { incoherence: incoherence.weight, alpha: incoherence.alpha }),
    },
    digest: prepared.digest,
    routes,
  });
  return Object.assign(objective, { offsets });
}

/** Entries of the product plus offsets, the latter as entries of the rank-2 product [rows + global, 1] [1, cols]^T. */
function predictRoute(problem: FactoredProblem, offsets: Offsets): Route<'predict', Uploaded> {
  const [left, right] = factorNames(problem);
  return {
    kernels: ['sddmm', 'axpy'],
    label: 'composed',
    bind(_uploaded, device, memory) {
      const { axpy, sddmm } = device.kernels;
      const pairs = (first: (k: number) => number, second: (k: number) => number, count: number) =>
        device.matrix(newVector(device, memory, Float64Array.from({ length: 2 * count }, (_, k) => (k % 2 === 0 ? first : second)(k >> 1))), 0, count, 2);
      const ofRows = pairs((i) => offsets.global + offsets.rows[i]!, () => 1, problem.map.rows);
      const ofCols = pairs(() => 1, (j) => offsets.cols[j]!, problem.map.cols);
      // One scratch vector for each length asked for; predictions are no hot path.
      const scratch = new Map<number, ReturnType<typeof memory.vector>>();
      return (x, row, col, out) => {
        const blocks = device.blocks(x, problem.layout);
        const means = scratch.get(out.length) ?? memory.vector(out.length);
        scratch.set(out.length, means);
        sddmm(row, col, blocks[left]!, blocks[right]!, out);
        sddmm(row, col, ofRows, ofCols, means);
        axpy(1, means, out);
      };
    },
  };
}
