/** Eigenvalues, QR and singular values by functions that take and give matrices of @lowland/linalg. */
import { matrix, type Matrix, type Svd, type SymmetricEigen } from '@lowland/linalg';

import type { Instance } from '../tasks/generate.ts';
import { eigenValues, qrValues, svdValues } from '../tasks/values.ts';
import type { Prepared, Preparers } from './contender.ts';

interface Functions {
  symmetricEigen(a: Matrix): SymmetricEigen;
  thinQr(a: Matrix): { readonly q: Matrix; readonly r: Matrix };
  thinSvd(a: Matrix): Svd;
}

export function decompositions({ symmetricEigen, thinQr, thinSvd }: Functions): Preparers {
  return {
    eigen: ({ n }, instance) => {
      const a = of(instance, n, n);
      return last(() => symmetricEigen(a), ({ values, vectors }) => eigenValues(values, vectors.data, instance['right']!));
    },
    qr: ({ rows, cols }, instance) => {
      const a = of(instance, rows, cols);
      return last(() => thinQr(a), ({ q, r }) => qrValues(q.data, r.data, cols, instance['left']!, instance['right']!));
    },
    svd: ({ rows, cols }, instance) => {
      const a = of(instance, rows, cols);
      return last(() => thinSvd(a), ({ u, s, v }) => svdValues(u.data, s, v.data, instance['left']!, instance['right']!));
    },
  };
}

/** A matrix of the instance. */
export const of = ({ a }: Instance, rows: number, cols: number): Matrix => matrix(rows, cols, a as Float64Array);

/** Runs a function and looks at its last result. */
export function last<T>(compute: () => T, values: (result: T) => readonly number[]): Prepared {
  let result: T;
  return {
    run(times) {
      for (let i = 0; i < times; i += 1) result = compute();
    },
    values: () => values(result),
  };
}
