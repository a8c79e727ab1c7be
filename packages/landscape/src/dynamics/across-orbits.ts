/** A terrain modulo its symmetry: directions along orbits left out, distances between orbits. */
import { columns, type Matrix, matrix, multiply, norm, orthonormalize, subtract, symmetricEigen, transpose } from '@lowland/linalg';

import { type Action, orbitDistance } from '../groups/action.ts';
import type { HostTerrain } from './host-terrain.ts';

/**
 * Modes are those of P H P on the complement of the orbit's tangent, P = I - Q Q^T. At stationary points H Q = 0, so they are all modes of H but
 * the |Q| null ones along the orbit; elsewhere the two differ by O(|grad f|), and Newton's steps by them, to which the gradient gives no part
 * along the orbit, stay as fast near stationary points.
 */
export function acrossOrbits(terrain: HostTerrain, action: Action): HostTerrain {
  return {
    ...terrain,
    modes: (x) => modesAcross(terrain.hessian(x), orthonormalize(action.generators(x), 1e-8)),
    distance: (x, y) => orbitDistance(action, x, y),
  };
}

/** Eigenvalues, descending, and eigenvectors of H on the complement of the orthonormal columns Q: n - |Q| of them. */
export function modesAcross(hessian: Matrix, q: Matrix): ReturnType<HostTerrain['modes']> {
  if (q.cols === 0) return symmetricEigen(hessian);
  const half = projected(hessian, q);
  const inner = projected(transpose(half), q);
  // Above every eigenvalue on the complement, so that Q comes first.
  const shift = 2 * norm(inner.data) || 1;
  const shifted = matrix(hessian.rows, hessian.cols);
  const orbit = multiply(q, q, { transposeB: true });
  for (let i = 0, n = hessian.rows; i < n; i++) for (let j = 0; j < n; j++) shifted.data[i * n + j] = (inner.data[i * n + j]! + inner.data[j * n + i]!) / 2 + shift * orbit.data[i * n + j]!;
  const { values, vectors } = symmetricEigen(shifted);
  return { values: values.slice(q.cols), vectors: columns(vectors, q.cols, vectors.cols) };
}

/** A - Q Q^T A */
const projected = (a: Matrix, q: Matrix): Matrix => subtract(a, multiply(q, multiply(q, a, { transposeA: true })));
