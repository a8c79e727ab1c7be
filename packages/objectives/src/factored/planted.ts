import { LowlandError, normals, streamKey, type DataMap } from '@lowland/core';
import { frobeniusNorm, matrix, multiply, scaleColumns, thinQr, type Matrix } from '@lowland/linalg';

import { requireRank, requireSize } from './checks.ts';

export interface PlantedOptions {
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
  /** Ratio of the largest to the least nonzero singular value, spaced evenly; 0 (default): products of Gaussian factors as they come. */
  readonly condition?: number;
  /** Positive semidefinite, rows x rows. */
  readonly symmetric?: boolean;
}

/**
 * A random matrix of given rank, scaled so that the mean square of its entries is 1.
 *
 * Streams (seed, `planted`, 0) and, for the right factor, (seed, `planted`, 1).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_RANK, LOWLAND_E_OPTIONS for options out of range
 */
export function plantedMatrix({ rows, cols, rank, condition = 0, symmetric = false }: PlantedOptions, seed: number): DataMap['matrix'] {
  requireSize(rows, cols);
  requireRank(rank, rows, cols);
  if (symmetric && rows !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `A symmetric matrix is square; ${rows} x ${cols} was asked for.`);
  if (condition !== 0 && !(condition >= 1 && condition < Infinity)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `A condition number is at least 1, or 0 for none in particular; ${condition} was given.`, { details: { condition } });
  }
  const factor = (length: number, index: number): Matrix => {
    const gaussian = matrix(length, rank);
    normals(streamKey(seed, 'planted', index), gaussian.data);
    return condition === 0 ? gaussian : thinQr(gaussian).q;
  };
  const left = factor(rows, 0);
  const right = symmetric ? left : factor(cols, 1);
  const levels = Float64Array.from({ length: rank }, (_, k) => (condition === 0 || rank === 1 ? 1 : 1 - (k / (rank - 1)) * (1 - 1 / condition)));
  const product = multiply(scaleColumns(left, levels), right, { transposeB: true });
  const unit = Math.sqrt(rows * cols) / frobeniusNorm(product);
  return { rows, cols, values: product.data.map((value) => unit * value) };
}
