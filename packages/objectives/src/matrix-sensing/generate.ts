import { LowlandError, normals, streamKey, type DataMap, type Measurements, type SeededEnsemble } from '@lowland/core';
import { dot, matrix, multiplyVector } from '@lowland/linalg';

import { requireNonNegative } from '../factored/checks.ts';
import { respond, type Response } from '../factored/response.ts';
import { eachDrawn, sparseGaussian } from './gaussian.ts';
import { plantedMatrix, type PlantedOptions } from '../factored/planted.ts';

export interface GenerateMeasurementsOptions extends PlantedOptions {
  /** Number of measurements; 0 (default): three for each degree of freedom of the planted matrix. */
  readonly measurements?: number;
  /** Standard deviation of the noise on each measurement, relative to |X|_F (which a Gaussian measurement has); default 0. */
  readonly noise?: number;
  /** Matrices a_k b_k^T (a_k a_k^T where the planted matrix is symmetric) instead of Gaussian ones; default false. */
  readonly rankOne?: boolean;
  /** Matrices with so many entries instead of dense ones; 0 (default): dense. */
  readonly nonzeros?: number;
  /** Symmetric Gaussian matrices; default false. */
  readonly symmetricMatrices?: boolean;
  /** Entries by the lattice rule, which GPUs draw as well, in place of Gaussian ones: mean 0, variance 1, not exactly normal; default false. */
  readonly lattice?: boolean;
  /** What is seen of a measurement z (with its noise): itself (default), a label that is 1 with probability 1/(1 + e^-z), or a count. */
  readonly response?: Response;
}

/**
 * Seeded measurements of a planted matrix, y_k = <A_k, X> + noise, the ensemble kept as its seed.
 *
 * Streams (seed, `ensemble`, k), (seed, `ensemble cells`, k), (seed, `noise`, 0) and, for labels and counts, (seed, `response`, k).
 *
 * @throws LOWLAND_E_OPTIONS when the number of measurements is no positive integer, or two kinds of matrices are asked for
 */
export function generateMeasurements(options: GenerateMeasurementsOptions, seed: number): { readonly data: Measurements; readonly truth: DataMap['matrix'] } {
  const { rank, symmetric = false, measurements = 0, noise = 0, response = 'value' } = options;
  requireNonNegative('noise', noise);
  const truth = plantedMatrix(options, seed);
  const { rows, cols } = truth;
  const freedom = symmetric ? rows * rank - (rank * (rank - 1)) / 2 : rank * (rows + cols - rank);
  const count = measurements === 0 ? 3 * freedom : measurements;
  if (!Number.isInteger(count) || count < 1) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The number of measurements is a positive integer; ${count} was given.`, { details: { count } });
  }
  const ensemble = ensembleOf(options, seed);
  const values = measure(ensemble, truth, count);
  const drawn = new Float64Array(count);
  normals(streamKey(seed, 'noise'), drawn);
  const deviation = noise * Math.sqrt(rows * cols);
  const seen = values.map((value, k) => value + deviation * drawn[k]!);
  return { data: { rows, cols, values: respond(response, seen, seed), ensemble }, truth };
}

function ensembleOf({ rankOne = false, nonzeros = 0, symmetricMatrices = false, lattice = false, symmetric = false }: GenerateMeasurementsOptions, seed: number): SeededEnsemble {
  const kinds = [rankOne, nonzeros > 0, symmetricMatrices, lattice].filter(Boolean).length;
  if (kinds > 1) throw new LowlandError('LOWLAND_E_OPTIONS', 'Measurement matrices are of rank one, sparse, symmetric Gaussian or by the lattice rule: one of them.');
  const named = { kind: 'seeded', seed, version: 1 } as const;
  if (rankOne) return { ...named, name: symmetric ? 'rank-one-symmetric' : 'rank-one' };
  if (nonzeros > 0) return { ...named, name: 'sparse', nonzeros };
  return { ...named, name: lattice ? 'lattice' : symmetricMatrices ? 'gaussian-symmetric' : 'gaussian' };
}

/** <A_k, X> for all k. */
function measure({ name, seed, nonzeros }: SeededEnsemble, { rows, cols, values: x }: DataMap['matrix'], count: number): Float64Array {
  const values = new Float64Array(count);
  switch (name) {
    case 'gaussian':
    case 'lattice':
    case 'gaussian-symmetric': {
      if (name === 'gaussian-symmetric' && rows !== cols) {
        throw new LowlandError('LOWLAND_E_SHAPE', `Symmetric measurement matrices are square; the planted one is ${rows} x ${cols}.`);
      }
      // <(G + G^T)/2, X> = <G, (X + X^T)/2>
      const seen = name !== 'gaussian-symmetric' ? x : x.map((entry, k) => (entry + x[(k % cols) * cols + Math.floor(k / cols)]!) / 2);
      eachDrawn(name === 'lattice' ? 'lattice' : 'gaussian', seed, count, rows * cols, (drawn, k) => {
        multiplyVector(matrix(1, rows * cols, drawn), seen, values.subarray(k, k + 1));
      });
      break;
    }
    case 'sparse': {
      const { measurement, row, col, value } = sparseGaussian(seed, count, rows, cols, nonzeros);
      value.forEach((entry, e) => (values[measurement[e]!]! += entry * x[row[e]! * cols + col[e]!]!));
      break;
    }
    default: {
      const planted = matrix(rows, cols, x);
      const image = new Float64Array(rows);
      eachDrawn('gaussian', seed, count, name === 'rank-one' ? rows + cols : rows, (drawn, k) => {
        multiplyVector(planted, drawn.subarray(name === 'rank-one' ? rows : 0), image);
        values[k] = dot(drawn.subarray(0, rows), image);
      });
    }
  }
  return values;
}
