import { LowlandError, normals, streamKey, type DataMap } from '@lowland/core';
import { matrix, multiply, scaleColumns, thinQr, type Matrix } from '@lowland/linalg';

import { requireRank, requireSize, vouchFor } from './checks.ts';
import { once } from './once.ts';

export interface PlantedOptions {
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
  /** Ratio of the largest to the least nonzero singular value, spaced evenly; 0 (default): products of Gaussian factors as they come. */
  readonly condition?: number;
  /** Positive semidefinite, rows x rows. */
  readonly symmetric?: boolean;
}

/** A planted matrix by its factors: entries without forming it, and the whole when it is first asked for. */
export interface Planted {
  /** Entry (row, col). */
  at(row: number, col: number): number;
  readonly matrix: DataMap['matrix'];
}

/** Numbers of a band of rows while the norm is taken: 8 MiB. */
const bandLength = 2 ** 20;
/** Products that `multiply` adds up at a time. */
const innerPart = 4096;

/**
 * A random matrix of given rank, scaled so that the mean square of its entries is 1.
 *
 * Streams (seed, `planted`, 0) and, for the right factor, (seed, `planted`, 1).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_RANK, LOWLAND_E_OPTIONS for options out of range
 */
export function plantedMatrix(options: PlantedOptions, seed: number): DataMap['matrix'] {
  const { matrix: whole } = planted(options, seed);
  return { rows: whole.rows, cols: whole.cols, values: whole.values };
}

/** The same, bit for bit, by its factors. Memory: the factors and a band of rows, until `matrix.values` is read. */
export function planted({ rows, cols, rank, condition = 0, symmetric = false }: PlantedOptions, seed: number): Planted {
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
  const plain = factor(rows, 0);
  const right = symmetric ? plain : factor(cols, 1);
  const levels = Float64Array.from({ length: rank }, (_, k) => (condition === 0 || rank === 1 ? 1 : 1 - (k / (rank - 1)) * (1 - 1 / condition)));
  const left = scaleColumns(plain, levels);
  const unit = Math.sqrt(rows * cols) / productNorm(left, right);
  const values = once(() => multiply(left, right, { transposeB: true }).data.map((value) => unit * value));
  const whole = { rows, cols, get values() { return values(); } };
  vouchFor(whole);
  return {
    matrix: whole,
    at(row, col) {
      let sum = 0;
      for (let from = 0; from < rank; from += innerPart) {
        let part = 0;
        for (let k = from; k < Math.min(rank, from + innerPart); k++) part += left.data[row * rank + k]! * right.data[col * rank + k]!;
        sum += part;
      }
      return unit * sum;
    },
  };
}

/** |U V^T|_F to the bits of `frobeniusNorm` of the product: its eight interleaved sums, carried over bands of rows. */
function productNorm(u: Matrix, v: Matrix): number {
  const [rows, cols] = [u.rows, v.rows];
  const band = 8 * Math.max(1, Math.floor(bandLength / (8 * cols)));
  const sums = new Float64Array(8);
  let tail: Float64Array = new Float64Array(0);
  for (let from = 0; from < rows; from += band) {
    const to = Math.min(rows, from + band);
    const { data } = multiply(matrix(to - from, u.cols, u.data.subarray(from * u.cols, to * u.cols)), v, { transposeB: true });
    const whole = data.length - (data.length % 8);
    for (let i = 0; i < whole; i++) sums[i % 8]! += data[i]! * data[i]!;
    // empty but in the last band, as all others have whole strides
    tail = data.subarray(whole);
  }
  let total = sums[0]! + sums[2]! + (sums[4]! + sums[6]!) + (sums[1]! + sums[3]! + (sums[5]! + sums[7]!));
  for (const value of tail) total += value * value;
  return Math.sqrt(total);
}
