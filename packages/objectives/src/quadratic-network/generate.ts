import { normals, streamKey, type DataMap } from '@lowland/core';
import { dot, matrix, multiply } from '@lowland/linalg';

import { requireNonNegative } from '../factored/checks.ts';
import { plantedMatrix } from '../factored/planted.ts';

export interface GenerateTeacherOptions {
  /** Numbers in an input. */
  readonly inputs: number;
  /** Hidden units of the teacher. */
  readonly rank: number;
  /** 0 (default): four for each input and hidden unit. */
  readonly samples?: number;
  /** Ratio of the largest to the least nonzero eigenvalue of U U^T; 0 (default): Gaussian weights as they come. */
  readonly condition?: number;
  /** Standard deviation of the noise, relative to the spread of the outputs of a Gaussian input. Default 0. */
  readonly noise?: number;
}

/**
 * Samples of a teacher y = |U^T x|^2 + noise with x ~ N(0, I) from the stream (seed, `inputs`, 0), noise from (seed, `noise`, 0).
 * U U^T is planted with entries of mean square 1.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_RANK, LOWLAND_E_OPTIONS for options out of range
 */
export function generateTeacher({ inputs, rank, samples = 0, condition = 0, noise = 0 }: GenerateTeacherOptions, seed: number): { readonly data: DataMap['matrix']; readonly truth: DataMap['matrix'] } {
  requireNonNegative('samples', samples);
  requireNonNegative('noise', noise);
  const truth = plantedMatrix({ rows: inputs, cols: inputs, rank, condition, symmetric: true }, seed);
  const rows = samples === 0 ? 4 * inputs * rank : samples;
  const x = matrix(rows, inputs);
  normals(streamKey(seed, 'inputs'), x.data);
  const image = multiply(x, matrix(inputs, inputs, truth.values));
  const drawn = new Float64Array(rows);
  normals(streamKey(seed, 'noise'), drawn);
  // the variance of x^T M x is 2 |M|^2, and |M|^2 = inputs^2
  const size = noise * Math.SQRT2 * inputs;
  const cols = inputs + 1;
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const sample = x.data.subarray(i * inputs, (i + 1) * inputs);
    values.set(sample, i * cols);
    values[i * cols + inputs] = dot(sample, image.data.subarray(i * inputs, (i + 1) * inputs)) + size * drawn[i]!;
  }
  return { data: { rows, cols, values }, truth };
}
