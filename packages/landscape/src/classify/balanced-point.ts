/** The representative of a GL(r) orbit at which curvature is read (rigour.md B2). */
import { createPoint, type Oracles, type Point } from '@lowland/core';
import { type Matrix, multiply, norm } from '@lowland/linalg';

import { balancedFactors, type Factored, factorsAt, hasRank, pointOf, productSvd } from '../factored.ts';
import { type Action, findAction } from '../groups/action.ts';
import { inverse } from '../groups/elements.ts';
import type { Aids } from './hessian.ts';

export interface Moved {
  readonly point: Point;
  /** Carries a unit tangent at the balanced point back along the orbit, (A, C) -> (A G, C G^-T), scaled to unit length from `length`. */
  pullBack(direction: Point): { readonly direction: Point; readonly length: number };
}

/** The balanced point of the orbit, for objectives that GL leaves as they are: of factors and layers whose product has the rank of their columns, and of bases. */
export function balancedPoint({ factors, symmetry }: Partial<Pick<Oracles<Aids>, 'factors' | 'symmetry'>>, host: Point): Moved | undefined {
  if (symmetry?.group.startsWith('GL') !== true) return undefined;
  if (factors === undefined) return byAction(findAction(host.layout, symmetry, undefined), host);
  const given = factorsAt(host, factors);
  const rank = given.left.cols;
  const product = productSvd(given);
  if (!hasRank(product.s, rank, norm(given.left.data) * norm(given.right.data))) return undefined;
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
      return ofUnitLength(back);
    },
  };
}

function byAction(action: Action | undefined, { layout, data }: Point): Moved | undefined {
  const moved = action?.balance?.(data);
  if (moved === undefined) return undefined;
  const back = moved.element.map(inverse);
  return {
    point: createPoint(layout, moved.point),
    pullBack: (direction) => ofUnitLength(createPoint(layout, action!.act(direction.data, back))),
  };
}

function ofUnitLength({ layout, data }: Point): { readonly direction: Point; readonly length: number } {
  const length = norm(data);
  return { direction: createPoint(layout, data.map((entry) => entry / length)), length };
}
