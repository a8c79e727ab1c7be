import { normals, streamKey, type DataMap } from '@lowland/core';

import { requireNonNegative } from '../factored/checks.ts';
import { plantedMatrix, type PlantedOptions } from '../factored/planted.ts';
import { respond, type Response } from '../factored/response.ts';

export interface GenerateMatrixOptions extends PlantedOptions {
  /** Standard deviation of the noise on each entry; entries have mean square 1. Default 0. */
  readonly noise?: number;
  /** What is seen of an entry (with its noise): itself (default), a label that is 1 with probability 1/(1 + e^-x), or a count. */
  readonly response?: Response;
}

/** A planted matrix plus Gaussian noise from the stream (seed, `noise`, 0), symmetric where the planted matrix is; labels and counts from (seed, `response`, k). */
export function generateMatrix(options: GenerateMatrixOptions, seed: number): { readonly data: DataMap['matrix']; readonly truth: DataMap['matrix'] } {
  const { noise = 0, symmetric = false, response = 'value' } = options;
  requireNonNegative('noise', noise);
  const truth = plantedMatrix(options, seed);
  const { rows, cols } = truth;
  const drawn = new Float64Array(rows * cols);
  normals(streamKey(seed, 'noise'), drawn);
  const values = truth.values.map((value, k) => {
    const e = symmetric ? (drawn[k]! + drawn[(k % cols) * cols + Math.floor(k / cols)]!) * Math.SQRT1_2 : drawn[k]!;
    return value + noise * e;
  });
  const seen = respond(response, values, seed);
  // What is seen of (i, j) is seen of (j, i).
  const data = symmetric ? seen.map((_, k) => seen[Math.min(k, (k % cols) * cols + Math.floor(k / cols))]!) : seen;
  return { data: { rows, cols, values: data }, truth };
}
