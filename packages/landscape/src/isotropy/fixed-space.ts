/**
 * Fix(H): the points that a subgroup leaves where they are.
 */
import { matrix, type Matrix, symmetricEigen } from '@lowland/linalg';

import type { Generator } from './generators.ts';

export interface FixedSpace {
  /** Orthonormal columns; along the axes where Fix(H) is spanned by some. */
  readonly basis: Matrix;
  /** Those of the orthogonal complement. */
  readonly complement: Matrix;
}

/**
 * What the generators fix, the whole group fixes: the null space of the sum of (g - I)^T (g - I).
 *
 * One eigendecomposition of n x n.
 */
export function fixedSpace(generators: readonly Generator[], n: number): FixedSpace {
  const sum = matrix(n, n);
  const unit = new Float64Array(n);
  for (const { apply } of generators) {
    for (let j = 0; j < n; j++) {
      unit.fill(0);
      unit[j] = 1;
      // (g - I)^T (g - I) = 2 I - g - g^T
      apply(unit).forEach((value, i) => {
        sum.data[i * n + j]! -= value;
        sum.data[j * n + i]! -= value;
      });
      sum.data[j * n + j]! += 2;
    }
  }
  const { values, vectors } = symmetricEigen(sum);
  const fixed = [...values.keys()].filter((k) => values[k]! <= 1e-10);
  const projector = matrix(n, n);
  for (const k of fixed) for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) projector.data[i * n + j]! += vectors.data[i * n + k]! * vectors.data[j * n + k]!;
  const rest = matrix(n, n, projector.data.map((value, at) => (at % (n + 1) === 0 ? 1 : 0) - value));
  return { basis: spanOf(projector, fixed.length), complement: spanOf(rest, n - fixed.length) };
}

/** An orthonormal basis of the range of a projector, by Gram-Schmidt on its columns, the longest first, the first of those as long. */
function spanOf(projector: Matrix, count: number): Matrix {
  const n = projector.rows;
  const left = projector.data.slice();
  const out = matrix(n, count);
  for (let k = 0; k < count; k++) {
    let [best, most] = [0, 0];
    // The diagonal of a projector holds the squared lengths of its columns.
    for (let j = 0; j < n; j++) if (left[j * n + j]! > most + 1e-8) [best, most] = [j, left[j * n + j]!];
    const size = Math.sqrt(most);
    const q = Float64Array.from({ length: n }, (_, i) => {
      const value = left[i * n + best]! / size;
      return Math.abs(value) < 1e-15 ? 0 : value;
    });
    for (let i = 0; i < n; i++) {
      out.data[i * count + k] = q[i]!;
      for (let j = 0; j < n; j++) left[i * n + j]! -= q[i]! * q[j]!;
    }
  }
  return out;
}
