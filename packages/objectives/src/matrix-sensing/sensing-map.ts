import { LowlandError, type Measurements, type SeededEnsemble } from '@lowland/core';
import type { Matrix } from '@lowland/linalg';

import { requireLength } from '../factored/checks.ts';
import type { LinearMap } from '../factored/linear-map.ts';
import { denseMap } from './dense-map.ts';
import { drawnMatrices, rankOneGaussian, sparseGaussian, symmetriseAll } from './gaussian.ts';
import { rankOneMap } from './rank-one-map.ts';
import { seededMap } from './seeded-map.ts';
import { sparseMap } from './sparse-map.ts';

/** Seeded ensembles of up to so many numbers (512 MiB) are held, on the host and on the device; larger ones are drawn whenever they are used. */
export const heldNumbers = 2 ** 26;

/** a(X)_k = <A_k, X>, and the matrix of a in one factor alone. */
export interface SensingMap extends LinearMap {
  /** K with a(U V^T) = K vec(U) for fixed `other` = V (vec row-major), or = K vec(V) for fixed `other` = U. */
  stack(other: Matrix, unknown: 'left' | 'right'): Matrix;
}

/**
 * The measurement map of an ensemble. For problems in X X^T every A_k becomes (A_k + A_k^T)/2, which measures the same.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_INDEX, LOWLAND_E_NOT_FINITE for matrices that do not fit
 * @throws LOWLAND_E_ENSEMBLE for a seeded ensemble of a name or version that is not known
 * @throws LOWLAND_E_MEMORY when there is no room for a seeded ensemble that is held
 */
export function sensingMap({ rows, cols, values, ensemble }: Measurements, symmetric: boolean): SensingMap {
  const count = values.length;
  switch (ensemble.kind) {
    case 'seeded':
      return seededEnsemble(ensemble, rows, cols, count, symmetric);
    case 'dense':
      requireLength(`The list of ${count} measurement matrices of ${rows} x ${cols}`, ensemble.matrices.length, count * rows * cols);
      return denseMap(rows, cols, ensemble.matrices, symmetric);
    case 'sparse':
      return sparseMap(rows, cols, count, ensemble, symmetric);
    case 'rank-one':
      return rankOneMap(rows, cols, count, ensemble, symmetric);
    case 'coded-diffraction':
      throw new LowlandError('LOWLAND_E_ENSEMBLE', 'Coded diffraction measures complex Hermitian matrices, and the factors here are real. Phase retrieval takes it.');
  }
}

function seededEnsemble({ name, version, seed, nonzeros }: SeededEnsemble, rows: number, cols: number, count: number, symmetric: boolean): SensingMap {
  // Plugins and files may hold what the types rule out.
  if ((version as number) === 1) {
    switch (name) {
      case 'gaussian':
      case 'lattice':
        return count * rows * cols <= heldNumbers ? denseMap(rows, cols, drawnMatrices(name, seed, count, rows, cols), symmetric) : seededMap(name, seed, rows, cols, count, symmetric);
      case 'gaussian-symmetric': {
        if (rows !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `Symmetric measurement matrices are square; these are ${rows} x ${cols}.`);
        // X X^T sees symmetric parts alone.
        if (symmetric) return seededEnsemble({ kind: 'seeded', name: 'gaussian', version, seed }, rows, cols, count, symmetric);
        if (count * rows * cols > heldNumbers) {
          throw new LowlandError(
            'LOWLAND_E_MEMORY',
            `${count} symmetric Gaussian matrices of ${rows} x ${cols} are more than is held (${heldNumbers} numbers); for U V^T those of "gaussian" can be drawn anew instead.`,
          );
        }
        return denseMap(rows, cols, symmetriseAll(drawnMatrices('gaussian', seed, count, rows, cols), rows), symmetric);
      }
      case 'sparse':
        return sparseMap(rows, cols, count, sparseGaussian(seed, count, rows, cols, nonzeros), symmetric);
      case 'rank-one':
      case 'rank-one-symmetric':
        return rankOneMap(rows, cols, count, rankOneGaussian(seed, count, rows, name === 'rank-one' ? cols : undefined), symmetric);
    }
  }
  throw new LowlandError(
    'LOWLAND_E_ENSEMBLE',
    `The seeded ensemble "${name as string}" of version ${String(version)} is not known here: gaussian, lattice, gaussian-symmetric, sparse, rank-one and rank-one-symmetric, version 1, are. Give the matrices themselves.`,
  );
}
