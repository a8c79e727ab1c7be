import { LowlandError } from '@lowland/core';
import { fixSigns, matrix, type Matrix, requireFinite, requireSquare, type SymmetricEigen, transpose } from '@lowland/linalg';

import { lapackOf } from './lapack.ts';
import { type LibraryOptions, ready } from './options.ts';

/**
 * All eigenvalues and eigenvectors of a dense symmetric matrix by LAPACK's `dsyevd` (tridiagonalisation, divide and conquer; Gu and
 * Eisenstat, 1995): A = V diag(values) Vᵀ, values descending. What linalg's `symmetricEigen` promises holds here: the lower triangle is
 * read, residual and orthogonality are within 20·n·2⁻⁵², the first entry of each vector that exceeds half its largest one is positive.
 *
 * The lower triangle in rows is the upper one in columns, so A goes in as it lies; the vectors come out in rows and are transposed once.
 *
 * @throws LOWLAND_E_SHAPE when A is not square, LOWLAND_E_NOT_FINITE when an entry is NaN or infinite
 * @throws LOWLAND_E_NO_CONVERGENCE when LAPACK gives up
 * @throws LOWLAND_E_BLAS_MISSING when there is no library
 */
export function symmetricEigen(a: Matrix, options: LibraryOptions = {}): SymmetricEigen {
  requireSquare(a, 'A symmetric eigenvalue problem');
  requireFinite(a, 'A symmetric eigenvalue problem');
  const { library, useThreads } = ready(options);
  const lapack = lapackOf(library);
  const n = a.rows;
  const values = new Float64Array(n);
  if (n === 0) return { values, vectors: matrix(0, 0) };
  const work = matrix(n, n, a.data.slice());
  const liwork = 3 + 5 * n;
  useThreads();
  const info = lapack.run('dsyevd_', ['V', 'U', n, work.data, n, values], [lapack.integers(liwork), liwork]);
  if (info !== 0) throw new LowlandError('LOWLAND_E_NO_CONVERGENCE', `dsyevd of ${library.path} gave up on a ${n} × ${n} matrix (info ${info}). Please report the matrix.`);
  values.reverse();
  const vectors = transpose(work);
  for (let i = 0; i < n; i++) vectors.data.subarray(i * n, (i + 1) * n).reverse();
  fixSigns(vectors);
  return { values, vectors };
}
