import { fingerprint, LowlandError, type DataMap, type Objective } from '@lowland/core';

import { requireMatrix, requireNonNegative, requireRank, requireTruth } from '../factored/checks.ts';
import { distanceTo } from '../factored/distance.ts';
import { factoredObjective } from '../factored/objective.ts';
import { once } from '../factored/once.ts';
import { factorLayout, type FactoredProblem } from '../factored/problem.ts';
import { factoredRoutes, type FactoredCapability } from '../factored/routes.ts';
import { rankOneMap } from '../matrix-sensing/rank-one-map.ts';

export interface QuadraticNetworkOptions {
  /** Samples as rows: the input, then one output in the last column. */
  readonly data: DataMap['matrix'];
  /** Hidden units k, 1 … inputs: more represent no more. */
  readonly rank: number;
  /** Weight decay >= 0 of (lambda/2) |U|_F^2; default 0. */
  readonly lambda?: number;
  /** U U^T of the teacher, where it is known. */
  readonly truth?: DataMap['matrix'];
}

/**
 * One hidden layer of quadratic activations, all output weights 1,
 *
 *     f(U) = 1/(4n) sum_i (|U^T x_i|^2 - y_i)^2 + (lambda/2) |U|_F^2,   U: inputs x k (the block X),
 *     grad f = (1/n) sum_i (|U^T x_i|^2 - y_i) x_i x_i^T U + lambda U
 *
 * for n samples: sensing of U U^T by the matrices x_i x_i^T, which are never formed. With as many hidden units as inputs every local
 * minimum is global; with lambda > 0 the convex problem behind it certifies minima at any number. The residual is taken in one pass over
 * the samples, and a Hessian-vector product costs two gradients.
 *
 * Sources: Soltanolkotabi, Javanmard, Lee 2017 (arXiv 1707.04926); Du, Lee 2018 (arXiv 1803.01206).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for data that are no finite matrix of at least two columns
 * @throws LOWLAND_E_RANK unless 1 <= rank <= inputs
 * @throws LOWLAND_E_OPTIONS when lambda is negative or not finite
 */
export function quadraticNetwork(options: QuadraticNetworkOptions): Objective<FactoredCapability> {
  const { data, lambda = 0, truth } = options;
  requireMatrix('The data', data);
  const { rows: samples, cols, values } = data;
  const inputs = cols - 1;
  if (inputs < 1) throw new LowlandError('LOWLAND_E_SHAPE', 'A sample is at least one input and the output; the data have one column.');
  requireNonNegative('lambda', lambda);
  requireTruth(truth, inputs, inputs);
  const x = new Float64Array(samples * inputs);
  for (let i = 0; i < samples; i++) x.set(values.subarray(i * cols, i * cols + inputs), i * inputs);
  const y = Float64Array.from({ length: samples }, (_, i) => values[i * cols + inputs]!);
  const map = rankOneMap(inputs, inputs, samples, { kind: 'rank-one', left: x }, true);
  const digest = once(() => fingerprint('matrix', [samples, cols], values));

  const create = (rank: number): Objective<FactoredCapability> => {
    requireRank(rank, inputs, inputs);
    const problem: FactoredProblem = {
      symmetric: true,
      map,
      rank,
      layout: factorLayout(true, inputs, inputs, rank),
      weight: 1 / (2 * samples),
      data: y,
      linear: undefined,
      ridge: lambda,
      balance: 0,
    };
    return factoredObjective(problem, {
      id: 'quadratic-network',
      scale: '1/(4n) sum (|U^T x|^2 - y)^2',
      options: { rank, lambda },
      digest,
      routes: factoredRoutes(problem, { grow: create, truth: truth === undefined ? {} : { distance: distanceTo(problem, truth) } }),
    });
  };
  return create(options.rank);
}
