import { fingerprint, LowlandError, type DataMap, type Objective } from '@lowland/core';
import { cholesky, matrix } from '@lowland/linalg';

import { requireMatrix, requireRank } from '../factored/checks.ts';
import { once } from '../factored/once.ts';
import { symmetricMatrix, type Pencil } from './pencil.ts';
import { rayleigh, type EigenvalueCapability } from './rayleigh.ts';

export interface GeneralizedEigenvalueOptions {
  /** A, n x n symmetric; or A above a positive definite B, 2n x n. */
  readonly data: DataMap['matrix'];
  /** Number of eigenvectors sought together, 1 … n; default 1. */
  readonly rank?: number;
}

/**
 * The leading eigenvectors of A x = lambda B x, as the maximisers of the block Rayleigh quotient:
 *
 *     f(X) = -1/2 tr((X^T B X)^-1 X^T A X),   X: n x rank,
 *     grad f = (B X S - A X) (X^T B X)^-1,   S = (X^T B X)^-1 X^T A X
 *
 * This is -1/2 tr(X^T A X) on X^T B X = I, continued to all X of full rank so that it depends on their span alone: plain methods need
 * no constraint, and those with the objective's own `geometry` keep X^T B X = I. NaN where X^T B X is singular. The stationary points are
 * the spans of eigenvectors; one eigenvector, the k-th, has Morse index k - 1, and a set S of them the number of pairs of a left-out
 * eigenvalue above a kept one. All but the minima are strict saddles. A Hessian-vector product costs two gradients.
 *
 * Source: Chen, Yang, Haupt, Zhao 2018 (arXiv 1803.10938); Edelman, Arias, Smith 1998 (arXiv physics/9806030).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for data that are no finite n x n or 2n x n matrix
 * @throws LOWLAND_E_NOT_SYMMETRIC when A or B is not symmetric to 1e-12 of its largest entry
 * @throws LOWLAND_E_NOT_POSITIVE when B is not positive definite
 * @throws LOWLAND_E_RANK unless 1 <= rank <= n
 */
export function generalizedEigenvalue({ data, rank = 1 }: GeneralizedEigenvalueOptions): Objective<EigenvalueCapability> {
  requireMatrix('The data', data);
  const { rows, cols: size, values } = data;
  if (rows !== size && rows !== 2 * size) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The data are A, n x n, or A above B, 2n x n; a ${rows} x ${size} matrix was given.`, { details: { rows, cols: size } });
  }
  requireRank(rank, size, size);
  const part = (what: string, from: number) => symmetricMatrix(what, { rows: size, cols: size, values: values.subarray(from, from + size * size) });
  const b = rows === size ? undefined : part('B', size * size);
  if (b !== undefined && cholesky(b) === undefined) {
    throw new LowlandError('LOWLAND_E_NOT_POSITIVE', 'B is positive definite in a generalised eigenvalue problem; the one given has no Cholesky factor.');
  }
  const pencil: Pencil = { size, a: { kind: 'symmetric', matrix: part('A', 0) }, b };
  return rayleigh(pencil, rank, {
    id: 'generalized-eigenvalue',
    scale: '-1/2 tr((X^T B X)^-1 X^T A X)',
    options: { rank },
    digest: once(() => fingerprint('matrix', [rows, size], values)),
  });
}

export interface PrincipalComponentsOptions {
  /** Samples as rows. */
  readonly data: DataMap['matrix'];
  /** Number of components, 1 … columns; default 1. */
  readonly rank?: number;
  /** Take the mean of each column off; default true. */
  readonly center?: boolean;
}

/**
 * Principal components: the block Rayleigh quotient of the covariance of m samples,
 *
 *     f(X) = -1/2 tr((X^T X)^-1 X^T A X),   A = C^T C, C = (samples - means) / sqrt(m)
 *
 * A is never formed. Everything else is as for `generalizedEigenvalue` with B = I.
 *
 * Source: Oja 1982 (doi:10.1007/BF00275687).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for data that are no finite matrix
 * @throws LOWLAND_E_RANK unless 1 <= rank <= columns
 */
export function principalComponents({ data, rank = 1, center = true }: PrincipalComponentsOptions): Objective<EigenvalueCapability> {
  requireMatrix('The data', data);
  const { rows, cols, values } = data;
  requireRank(rank, cols, cols);
  const c = matrix(rows, cols, values.slice());
  for (let j = 0; j < cols; j++) {
    let mean = 0;
    if (center) for (let i = 0; i < rows; i++) mean += values[i * cols + j]! / rows;
    for (let i = 0; i < rows; i++) c.data[i * cols + j] = (c.data[i * cols + j]! - mean) / Math.sqrt(rows);
  }
  return rayleigh({ size: cols, a: { kind: 'rows', matrix: c }, b: undefined }, rank, {
    id: 'principal-components',
    scale: '-1/2 tr((X^T X)^-1 X^T A X), A the covariance with 1/m',
    options: { rank, center },
    digest: once(() => fingerprint('matrix', [rows, cols], values)),
  });
}
