/**
 * GL(r) on the columns of one matrix: only their span counts.
 */
import type { Layout } from '@lowland/core';
import { matrix, type Matrix, multiply, scaleColumns, thinSvd } from '@lowland/linalg';

import { hasRank } from '../factored.ts';
import type { Action } from './action.ts';
import { principalTurn, procrustes } from './columns.ts';
import { columnsFrom, randomInvertible } from './elements.ts';

/**
 * X -> X G for invertible G. Orbits of full rank are told apart by the projection onto the span, and the orthonormal bases stand for them: for eigenvector
 * problems such as the generalized Rayleigh quotient, which is not defined elsewhere. Elements are [G].
 */
export function spanAction(layout: Layout, group: string): Action {
  const [rows = 1, r = 1] = layout.blocks[0]!.shape;
  const wide = (x: Float64Array): Matrix => matrix(rows, r, x.slice());
  /** The polar factor: of all bases of the span the nearest to X. */
  const basis = (x: Float64Array): Matrix => {
    const { u, s, v } = thinSvd(wide(x));
    const kept = matrix(rows, r);
    for (let k = 0; k < r; k++) if (s[k]! > 1e-12 * s[0]!) for (let i = 0; i < rows; i++) kept.data[i * r + k] = u.data[i * u.cols + k]!;
    return multiply(kept, v, { transposeB: true });
  };
  return {
    group,
    by: 'span of the columns',
    degree: 0,
    act: (x, [g]) => multiply(wide(x), g!).data,
    random: (key) => [randomInvertible(r, key)],
    generators: (x) =>
      columnsFrom(x.length, Array.from({ length: r * r }, (_, at) => (out: Float64Array): void => {
        const [a, b] = [Math.floor(at / r), at % r];
        for (let i = 0; i < rows; i++) out[i * r + b] = x[i * r + a]!;
      })),
    invariant(x) {
      const q = basis(x);
      return multiply(q, q, { transposeB: true }).data;
    },
    canonical(x) {
      // Of all orthonormal bases the one whose upper part, weighted by the row's number, has orthogonal columns.
      const q = basis(x);
      const weighted = matrix(rows, r, q.data.map((value, at) => value * (rows - Math.floor(at / r))));
      return multiply(q, principalTurn(weighted)).data;
    },
    align(x, y) {
      const [q, to] = [basis(x), basis(y)];
      return { point: multiply(q, procrustes(q, to).rotation).data, component: 0 };
    },
    balance(x) {
      // X (X^T X)^-1/2, the polar factor
      const { s, v } = thinSvd(wide(x));
      if (!hasRank(s, r, 0)) return undefined;
      return { point: basis(x).data, element: [multiply(scaleColumns(v, s.map((value) => 1 / value)), v, { transposeB: true })] };
    },
    orbit(x, zero) {
      const rank = thinSvd(wide(x)).s.filter((value) => value > zero).length;
      return { components: rank === r ? 2 : 1, twofold: false, euler: null, rank, unused: r - rank };
    },
    fixedSpaces: 0,
    intoFixedSpace: (x) => x.slice(),
  };
}
