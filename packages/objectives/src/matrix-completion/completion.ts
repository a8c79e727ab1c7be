import { fingerprint, LowlandError, type DataMap, type Objective, type Route, type Routes } from '@lowland/core';

import { requireNonNegative, requireRank, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import type { LinearMap } from '../factored/linear-map.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, type FactoredCapability, type Uploaded } from '../factored/routes.ts';
import { newVector } from '../factored/term.ts';
import { blockSolveRoute } from './block-solve.ts';
import { observationsOf, type Observations } from './observations.ts';
import { offsetsOf, type Center, type Offsets } from './offsets.ts';
import { samplingMap } from './sampling-map.ts';

export interface MatrixCompletionOptions {
  /** Observed cells, with weights >= 0 if wanted; 0 means unobserved. */
  readonly entries: DataMap['entries'];
  /** Columns of U and V, 1 … min(rows, cols). */
  readonly rank: number;
  /** lambda >= 0 of (lambda/2)(|U|_F^2 + |V|_F^2), the nuclear norm of U V^T when least; default 0. */
  readonly lambda?: number;
  /** Means that are taken off first: none, the global one (default), or global, row and column means. */
  readonly center?: Center;
  /** The whole matrix, where it is known. */
  readonly truth?: DataMap['matrix'];
}

export type MatrixCompletionCapability = FactoredCapability | 'blockSolve';

/** A completion problem, with the means that it takes off. */
export interface MatrixCompletion extends Objective<MatrixCompletionCapability> {
  readonly offsets: Offsets;
}

/**
 * Low-rank matrix completion,
 *
 *     f(U, V) = 1/2 sum over observed (i, j) of w_ij ((U V^T)_ij - b_ij)^2 + (lambda/2) (|U|_F^2 + |V|_F^2),
 *
 * b = observed - offsets as stored doubles, U: rows x rank, V: cols x rank. Offsets are computed once from the
 * observed cells and are not optimised; certificates are about b. grad_U = G V + lambda U with
 * G = W o (U V^T - b) on the observed cells. 6 rank flops an entry for a gradient, 14 for a Hessian-vector product.
 *
 * Source: Candès, Recht 2009 (arXiv 0805.4471); Srebro, Rennie, Jaakkola 2004 for the factored penalty;
 * Hastie, Mazumder, Lee, Zadeh 2015 (arXiv 1410.2596).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_INDEX, LOWLAND_E_DUPLICATE, LOWLAND_E_NOT_FINITE, LOWLAND_E_WEIGHT,
 *   LOWLAND_E_EMPTY for bad entries (`observationsOf` says when)
 * @throws LOWLAND_E_RANK unless 1 <= rank <= min(rows, cols)
 * @throws LOWLAND_E_OPTIONS when lambda is negative or not finite, or center is none of the three
 */
export function matrixCompletion(options: MatrixCompletionOptions): MatrixCompletion {
  const { entries, rank, lambda = 0, center = 'global', truth } = options;
  const observations = observationsOf(entries);
  requireNonNegative('lambda', lambda);
  if (!(['none', 'global', 'bias'] as readonly string[]).includes(center)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `center is none, global or bias; "${center}" was given.`, { details: { center } });
  }
  requireTruth(truth, entries.rows, entries.cols);
  const { pattern, values, weights } = observations;
  const offsets = offsetsOf(observations, center);
  const b = values.map((value, e) => value - offsets.at(pattern.row[e]!, pattern.col[e]!));
  const prepared: Prepared = {
    observations,
    offsets,
    b,
    map: samplingMap(observations),
    lambda,
    center,
    truth,
    digest: once(() =>
      fingerprint('entries', [pattern.rows, pattern.cols], pattern.row, pattern.col, values, ...(weights === undefined ? [] : [weights])),
    ),
  };
  return create(prepared, rank);
}

/** What does not depend on the rank. */
interface Prepared {
  readonly observations: Observations;
  readonly offsets: Offsets;
  readonly b: Float64Array;
  readonly map: LinearMap;
  readonly lambda: number;
  readonly center: Center;
  readonly truth: DataMap['matrix'] | undefined;
  readonly digest: () => string;
}

function create(prepared: Prepared, rank: number): MatrixCompletion {
  const { observations, offsets, b, map, lambda, center, truth } = prepared;
  const { weights } = observations;
  requireRank(rank, map.rows, map.cols);
  const problem: FactoredProblem = {
    symmetric: false,
    map,
    rank,
    layout: factorLayout(false, map.rows, map.cols, rank),
    weight: 1,
    data: weights === undefined ? b : b.map((value, e) => Math.sqrt(weights[e]!) * value),
    linear: undefined,
    ridge: lambda,
    balance: 0,
  };
  const routes: Routes<MatrixCompletionCapability, Uploaded> = {
    ...factoredRoutes(problem, {
      grow: (next) => create(prepared, next),
      truth: truth === undefined ? {} : { distance: distanceTo(problem, truth, offsets.at) },
      predict: [predictRoute(problem, offsets)],
    }),
    blockSolve: [blockSolveRoute(problem, observations, b)],
  };
  const objective = factoredObjective(problem, {
    id: 'matrix-completion',
    scale: '1/2 sum of w_ij ((U V^T)_ij - b_ij)^2',
    options: { rank, lambda, center },
    digest: prepared.digest,
    routes,
  });
  return Object.assign(objective, { offsets });
}

/** Entries of U V^T plus offsets, the latter as entries of the rank-2 product [rows + global, 1] [1, cols]^T. */
function predictRoute(problem: FactoredProblem, offsets: Offsets): Route<'predict', Uploaded> {
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
        sddmm(row, col, blocks['U']!, blocks['V']!, out);
        sddmm(row, col, ofRows, ofCols, means);
        axpy(1, means, out);
      };
    },
  };
}
