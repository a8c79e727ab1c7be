import { LowlandError } from '@lowland/core';
import { fixSigns, matrix, type Matrix, requireFinite, type Svd, transpose } from '@lowland/linalg';

import { lapackOf } from './lapack.ts';
import { type LibraryOptions, ready } from './options.ts';

/**
 * The thin singular value decomposition A = U diag(s) Vᵀ with k = min(m, n) triples by LAPACK's `dgesdd` (bidiagonalisation, divide and
 * conquer; Gu and Eisenstat, 1995). What linalg's `thinSvd` promises holds here: values descending and never negative, residual and
 * orthogonality within 20·max(m, n)·2⁻⁵², in each column of U the first entry that exceeds half its largest one positive.
 *
 * LAPACK is up to twice as fast when its columns are the longer side. A wide A in rows is just that, its transpose in columns, and
 * goes in as it lies; a tall one is transposed.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite
 * @throws LOWLAND_E_NO_CONVERGENCE when LAPACK gives up
 * @throws LOWLAND_E_BLAS_MISSING when there is no library
 */
export function thinSvd(a: Matrix, options: LibraryOptions = {}): Svd {
  requireFinite(a, 'A singular value decomposition');
  const { rows: m, cols: n } = a;
  const tall = m >= n;
  const [long, k] = tall ? [m, n] : [n, m];
  const s = new Float64Array(k);
  if (k === 0) return { u: matrix(m, 0), s, v: matrix(n, 0) };
  const { library, useThreads } = ready(options);
  const lapack = lapackOf(library);
  const columns = tall ? transpose(a).data : a.data.slice();
  // The long side's vectors come out in rows, the short side's in columns.
  const longRows = matrix(k, long);
  const short = matrix(k, k);
  useThreads();
  const info = lapack.run('dgesdd_', ['S', long, k, columns, long, s, longRows.data, long, short.data, k], [lapack.integers(8 * k)]);
  if (info !== 0) throw new LowlandError('LOWLAND_E_NO_CONVERGENCE', `dgesdd of ${library.path} gave up on a ${m} × ${n} matrix (info ${info}). Please report the matrix.`);
  const [u, v] = tall ? [transpose(longRows), short] : [short, transpose(longRows)];
  fixSigns(u, v);
  return { u, s, v };
}
