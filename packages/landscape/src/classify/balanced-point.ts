/** The representative of a GL(r) orbit at which curvature is read (rigour.md B2). */
import type { Oracles, Point } from '@lowland/core';
import { type Matrix, multiply, norm } from '@lowland/linalg';

import { balancedFactors, type Factored, factorsAt, numericalRank, pointOf, productSvd } from '../factored.ts';
import type { Aids } from './hessian.ts';

/** Singular values of a product below this part of the largest are rounding: it then has no balanced factors of full rank. */
export const productCut = 1e-10;

export interface Moved {
  readonly point: Point;
  /** Carries a unit tangent at the balanced point back along the orbit, (A, C) -> (A G, C G^-T), scaled to unit length from `length`. */
  pullBack(direction: Point): { readonly direction: Point; readonly length: number };
}

/** The balanced point of the orbit, for GL(r)-invariant objectives and products of full rank r. */
export function balancedPoint({ factors, symmetry }: Partial<Pick<Oracles<Aids>, 'factors' | 'symmetry'>>, host: Point): Moved | undefined {
  if (factors === undefined || symmetry?.group.startsWith('GL') !== true) return undefined;
  const given = factorsAt(host, factors);
  const rank = given.left.cols;
  const product = productSvd(given);
  if (numericalRank(product.s, productCut) < rank) return undefined;
  const balanced = balancedFactors(product, rank);
  const point = pointOf(host.layout, factors, balanced);
  // U = U_b G gives G = S^-1 U_b^T U, and V = V_b G^-T gives G^-T = S^-1 V_b^T V.
  const scaled = (from: Matrix, to: Matrix): Matrix => {
    const change = multiply(from, to, { transposeA: true });
    for (let i = 0; i < rank; i++) for (let j = 0; j < rank; j++) change.data[i * rank + j]! /= product.s[i]!;
    return change;
  };
  const g = scaled(balanced.left, given.left);
  const h = scaled(balanced.right, given.right);
  return {
    point,
    pullBack(direction) {
      const tangent: Factored = factorsAt(direction, factors);
      const back = pointOf(host.layout, factors, { symmetric: false, left: multiply(tangent.left, g), right: multiply(tangent.right, h) });
      const length = norm(back.data);
      for (let i = 0; i < back.data.length; i++) back.data[i]! /= length;
      return { direction: back, length };
    },
  };
}
