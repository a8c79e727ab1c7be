import { LowlandError, type Measurements } from '@lowland/core';
import type { Matrix } from '@lowland/linalg';

import { requireLength } from '../factored/checks.ts';
import type { LinearMap } from '../factored/linear-map.ts';
import { denseMap } from './dense-map.ts';
import { gaussianEnsemble } from './gaussian.ts';
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
 * @throws LOWLAND_E_ENSEMBLE for a seeded ensemble of another name or version than gaussian 1
 * @throws LOWLAND_E_MEMORY when there is no room for a seeded ensemble that is held
 */
export function sensingMap({ rows, cols, values, ensemble }: Measurements, symmetric: boolean): SensingMap {
  const count = values.length;
  switch (ensemble.kind) {
    case 'seeded':
      // Plugins and files may hold what the types rule out.
      if ((ensemble.name as string) !== 'gaussian' || (ensemble.version as number) !== 1) {
        throw new LowlandError(
          'LOWLAND_E_ENSEMBLE',
          `The seeded ensemble "${ensemble.name}" of version ${ensemble.version} is not known here: gaussian, version 1, is. Give the matrices themselves.`,
        );
      }
      return count * rows * cols <= heldNumbers
        ? denseMap(rows, cols, gaussianEnsemble(ensemble.seed, count, rows, cols), symmetric)
        : seededMap(ensemble.seed, rows, cols, count, symmetric);
    case 'dense':
      requireLength(`The list of ${count} measurement matrices of ${rows} x ${cols}`, ensemble.matrices.length, count * rows * cols);
      return denseMap(rows, cols, ensemble.matrices, symmetric);
    case 'sparse':
      return sparseMap(rows, cols, count, ensemble, symmetric);
  }
}
