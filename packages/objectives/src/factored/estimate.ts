import type { Estimate } from '@lowland/core';

import { once } from './once.ts';
import type { FactoredProblem } from './problem.ts';

/**
 * M = (d / |a|_F^2) a*(data), d the dimension of the space of X: for data a(X) of random maps whose a* a is a multiple of the identity on
 * average its mean is X. So it is for Gaussian sensing, a*(b)/m, and for entries observed at random, P(M)/p with p the share of them;
 * for X itself it is X. The penalty and a linear term are not looked at.
 */
export function estimateOf({ symmetric, map, data }: FactoredProblem): Estimate {
  const { rows, cols } = map;
  const operator = once(() => map.adjoint(data));
  const factor = once(() => {
    if (map.isometry) return 1;
    const dimension = symmetric ? (rows * (rows + 1)) / 2 : rows * cols;
    return map.frobeniusSquared > 0 ? dimension / map.frobeniusSquared : 0;
  });
  return {
    symmetric,
    rows,
    cols,
    apply(v, out, transposed) {
      if (transposed) operator().applyTransposed(v, out);
      else operator().apply(v, out);
      const c = factor();
      for (let i = 0; i < out.length; i++) out[i]! *= c;
    },
  };
}
