import { LowlandError, normals, streamKey, type DataMap, type Measurements } from '@lowland/core';
import { dot, matrix, multiplyVector } from '@lowland/linalg';

import { requireNonNegative } from '../factored/checks.ts';
import { eachGaussian } from './gaussian.ts';
import { plantedMatrix, type PlantedOptions } from '../factored/planted.ts';

export interface GenerateMeasurementsOptions extends PlantedOptions {
  /** Number of measurements; 0 (default): three for each degree of freedom of the planted matrix. */
  readonly measurements?: number;
  /** Standard deviation of the noise on each measurement, relative to |X|_F (which a Gaussian measurement has); default 0. */
  readonly noise?: number;
  /** Matrices a_k b_k^T (a_k a_k^T where the planted matrix is symmetric) instead of Gaussian ones; default false. */
  readonly rankOne?: boolean;
}

/**
 * Gaussian or rank-one Gaussian measurements of a planted matrix, y_k = <A_k, X> + noise, the ensemble kept as its seed.
 *
 * Streams (seed, `ensemble`, k) and (seed, `noise`, 0).
 *
 * @throws LOWLAND_E_OPTIONS when the number of measurements is no positive integer
 */
export function generateMeasurements(options: GenerateMeasurementsOptions, seed: number): { readonly data: Measurements; readonly truth: DataMap['matrix'] } {
  const { rank, symmetric = false, measurements = 0, noise = 0, rankOne = false } = options;
  requireNonNegative('noise', noise);
  const truth = plantedMatrix(options, seed);
  const { rows, cols } = truth;
  const freedom = symmetric ? rows * rank - (rank * (rank - 1)) / 2 : rank * (rows + cols - rank);
  const count = measurements === 0 ? 3 * freedom : measurements;
  if (!Number.isInteger(count) || count < 1) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The number of measurements is a positive integer; ${count} was given.`, { details: { count } });
  }
  const values = new Float64Array(count);
  const name = rankOne ? (symmetric ? 'rank-one-symmetric' : 'rank-one') : 'gaussian';
  const x = matrix(rows, cols, truth.values);
  eachGaussian(seed, count, name === 'gaussian' ? rows * cols : name === 'rank-one' ? rows + cols : rows, (drawn, k) => {
    if (name === 'gaussian') {
      multiplyVector(matrix(1, rows * cols, drawn), x.data, values.subarray(k, k + 1));
      return;
    }
    const image = new Float64Array(rows);
    multiplyVector(x, drawn.subarray(name === 'rank-one' ? rows : 0), image);
    values[k] = dot(drawn.subarray(0, rows), image);
  });
  const drawn = new Float64Array(count);
  normals(streamKey(seed, 'noise'), drawn);
  const deviation = noise * Math.sqrt(rows * cols);
  return {
    data: { rows, cols, values: values.map((value, k) => value + deviation * drawn[k]!), ensemble: { kind: 'seeded', name, seed, version: 1 } },
    truth,
  };
}
