import type { Scale } from '@lowland/core';
import { largestMagnitude, norm } from '@lowland/linalg';

import { normSquaredBound } from '../matrix-sensing/norm-bound.ts';
import { slopeOf, type PhaseProblem } from './problem.ts';
import { signalWidth, squaresOf, widthOf } from './vectors.ts';

/** max over u of |d^3/du^3 sqrt(1 + u^2)| = 3 u (1 + u^2)^(-5/2) at u = 1/2 */
const rootBend = 0.8588;

/**
 * The sizes that tolerances are relative to; only where f has a Hessian everywhere.
 *
 * gradient: the norms of A^*(|z|^2 z) and A^*(y z), or of A^* z and A^*((data / r) z), each with the factor of the gradient. Hessian: the third
 * derivative along a unit direction v is at most 24 weight sum of |z_k| |<a_k, v>|^3 <= 24 weight max(|z_k| |a_k|) |A|^2 for intensities and
 * 2 weight 0.8588 / smoothing^2 max(data_k |a_k|) |A|^2 for smoothed roots.
 */
export function scaleOf(problem: PhaseProblem): Scale {
  const { vectors, smoothing, weight, data, length } = problem;
  const { count, frobeniusSquared } = vectors;
  const width = widthOf(vectors);
  const normSquared = normSquaredBound(
    { rows: count * width, cols: length, apply: vectors.image, applyTransposed: vectors.adjoint },
    signalWidth(vectors) * frobeniusSquared,
  );
  const zero = smoothing ?? 0;
  const at = (x: Float64Array): Float64Array => {
    const z = new Float64Array(count * width);
    vectors.image(x, z);
    return z;
  };
  return {
    zeroValue: weight * data.reduce((sum, value) => sum + (zero - value) ** 2, 0),
    gradient(x) {
      const z = at(x.data);
      const squares = squaresOf(vectors, z);
      const out = new Float64Array(length);
      const size = (factor: (k: number) => number): number => {
        vectors.adjoint(z.map((value, i) => factor(Math.floor(i / width)) * value), out);
        return slopeOf(problem) * norm(out);
      };
      if (smoothing === undefined) return size((k) => squares[k]!) + size((k) => data[k]!);
      return size(() => 1) + size((k) => data[k]! / Math.sqrt(squares[k]! + smoothing ** 2));
    },
    hessianLipschitz(x) {
      const of = smoothing === undefined ? squaresOf(vectors, at(x.data)).map(Math.sqrt) : data;
      const most = largestMagnitude(of.map((value, k) => value * Math.sqrt(vectors.squaredNorm(k))));
      return (smoothing === undefined ? 24 : (2 * rootBend) / smoothing ** 2) * weight * most * normSquared();
    },
  };
}
