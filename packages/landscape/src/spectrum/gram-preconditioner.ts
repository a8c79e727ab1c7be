import type { Context, Point } from '@lowland/core';
import { type Matrix, matrix, multiply, symmetricEigen } from '@lowland/linalg';

import { factorsAt, pointOf } from '../factored.ts';

/** Columns shorter than this part of the longest are taken as so long: the metric stays one where factors lose rank. */
const least = 1e-4;

/**
 * (A, C) -> (A (V^T V)^-1, C (U^T U)^-1), or A (X^T X)^-1: near minima of problems in U V^T the inverse of the Hessian but for what the measurements do
 * to it. This is the metric of scaled gradient descent (Tong, Ma and Chi 2021, arXiv 2005.08898). Undefined for objectives that are not factored.
 */
export function gramPreconditioner({ problem }: Context<never, 'factors'>, host: Point): ((v: Float64Array) => Float64Array) | undefined {
  const { factors } = problem as { readonly factors?: Parameters<typeof factorsAt>[1] };
  if (factors?.pairs.length !== 1) return undefined;
  const { symmetric, left, right } = factorsAt(host, factors);
  const forLeft = inverseOfGram(right);
  const forRight = symmetric ? forLeft : inverseOfGram(left);
  if (forLeft === undefined || forRight === undefined) return undefined;
  return (v) => {
    const along = factorsAt({ layout: host.layout, data: v }, factors);
    const moved = multiply(along.left, forLeft);
    return pointOf(host.layout, factors, { symmetric, left: moved, right: symmetric ? moved : multiply(along.right, forRight) }).data;
  };
}

/** (W^T W)^-1; undefined for W = 0. */
function inverseOfGram(w: Matrix): Matrix | undefined {
  const { values, vectors } = symmetricEigen(multiply(w, w, { transposeA: true }));
  const r = w.cols;
  if (!(values[0]! > 0)) return undefined;
  const scaled = matrix(r, r, vectors.data.map((value, k) => value / Math.max(values[k % r]!, least ** 2 * values[0]!)));
  return multiply(scaled, vectors, { transposeB: true });
}
