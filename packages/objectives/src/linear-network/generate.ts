import { normals, streamKey, type DataMap } from '@lowland/core';
import { matrix, multiply } from '@lowland/linalg';

import { requireNonNegative } from '../factored/checks.ts';
import { plantedMatrix, type PlantedOptions } from '../factored/planted.ts';
import { generateMatrix } from '../matrix-factorization/generate.ts';

export interface GenerateSamplesOptions extends Omit<PlantedOptions, 'symmetric'> {
  /** Samples (x, M x + noise) with iid N(0, 1) inputs, as rows; 0 (default): the map M + noise itself. */
  readonly samples?: number;
  /** Standard deviation of the noise, relative to the entries of M, or to those of M x. Default 0. */
  readonly noise?: number;
}

/**
 * A planted map M: rows outputs, cols inputs, entries of mean square 1; or samples of it, their x in the first `cols` columns. Inputs from
 * the stream (seed, `inputs`, 0), noise from (seed, `noise`, 0).
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_RANK, LOWLAND_E_OPTIONS for options out of range
 */
export function generateSamples({ samples = 0, noise = 0, ...planted }: GenerateSamplesOptions, seed: number): { readonly data: DataMap['matrix']; readonly truth: DataMap['matrix'] } {
  requireNonNegative('samples', samples);
  requireNonNegative('noise', noise);
  if (samples === 0) return generateMatrix({ ...planted, noise }, seed);
  const truth = plantedMatrix(planted, seed);
  const { rows: outputs, cols: inputs } = truth;
  const x = matrix(samples, inputs);
  normals(streamKey(seed, 'inputs'), x.data);
  const y = multiply(x, matrix(outputs, inputs, truth.values), { transposeB: true });
  const drawn = new Float64Array(samples * outputs);
  normals(streamKey(seed, 'noise'), drawn);
  // an output is the sum of `inputs` entries of mean square 1
  const size = noise * Math.sqrt(inputs);
  const cols = inputs + outputs;
  const values = new Float64Array(samples * cols);
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < inputs; j++) values[i * cols + j] = x.data[i * inputs + j]!;
    for (let j = 0; j < outputs; j++) values[i * cols + inputs + j] = y.data[i * outputs + j]! + size * drawn[i * outputs + j]!;
  }
  return { data: { rows: samples, cols, values }, truth };
}
