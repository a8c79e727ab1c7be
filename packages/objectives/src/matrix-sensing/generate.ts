import { LowlandError, normals, streamKey, type DataMap, type Measurements } from '@lowland/core';
import { matrix, multiplyVector } from '@lowland/linalg';

import { requireNonNegative } from '../factored/checks.ts';
import { eachGaussian } from './gaussian.ts';
import { plantedMatrix, type PlantedOptions } from '../factored/planted.ts';

export interface GenerateMeasurementsOptions extends PlantedOptions {
  /** Number of measurements; 0 (default): three for each degree of freedom of the planted matrix. */
  readonly measurements?: number;
  /** Standard deviation of the noise on each measurement, relative to |X|_F (which a Gaussian measurement has); default 0. */
  readonly noise?: number;
}

/**
 * Gaussian measurements of a planted matrix, y_k = <A_k, X> + noise, the ensemble kept as its seed.
 *
 * Streams (seed, `ensemble`, k) and (seed, `noise`, 0).
 *
 * @throws LOWLAND_E_OPTIONS when the number of measurements is no positive integer
 */
export function generateMeasurements(options: GenerateMeasurementsOptions, seed: number): { readonly data: Measurements; readonly truth: DataMap['matrix'] } {
  const { rank, symmetric = false, measurements = 0, noise = 0 } = options;
  requireNonNegative('noise', noise);
  const truth = plantedMatrix(options, seed);
  const { rows, cols } = truth;
  const freedom = symmetric ? rows * rank - (rank * (rank - 1)) / 2 : rank * (rows + cols - rank);
  const count = measurements === 0 ? 3 * freedom : measurements;
  if (!Number.isInteger(count) || count < 1) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The number of measurements is a positive integer; ${count} was given.`, { details: { count } });
  }
  const values = new Float64Array(count);
  eachGaussian(seed, count, rows * cols, (a, k) => { multiplyVector(matrix(1, rows * cols, a), truth.values, values.subarray(k, k + 1)); });
  const drawn = new Float64Array(count);
  normals(streamKey(seed, 'noise'), drawn);
  const deviation = noise * Math.sqrt(rows * cols);
  return {
    data: { rows, cols, values: values.map((value, k) => value + deviation * drawn[k]!), ensemble: { kind: 'seeded', name: 'gaussian', seed, version: 1 } },
    truth,
  };
}
