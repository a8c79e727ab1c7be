import type { Evaluated, StreamKey, Target } from '@lowland/core';
import { largeTargetBound, matrix, symmetricTargetBound, targetBound } from '@lowland/linalg';

import { roundingSlack, type Bound } from './certificate.ts';

/** Up to this smaller side the whole spectrum is computed (seconds). */
const spectrumSide = 600;

/**
 * The least value of an unpenalised factorisation of a known matrix M, from its spectrum (Eckart and Young 1936;
 * founding-papers 13, rigour.md A5, A6): ½ Σ_{i>r} σᵢ², or ¼(Σ λᵢ² − the squares of the min(r, k₊) largest positive ones).
 * A factored point needs no stationarity for that: the gap is the difference to its own value.
 *
 * @param evaluated f(x) as the target sees it, for the rounding slack.
 * @param rank Columns of the factors.
 */
export function knownTarget(target: Target, evaluated: Evaluated, rank: number, key: StreamKey): Bound {
  const rule = 'known-target';
  const m = matrix(target.rows, target.cols, target.data);
  const side = Math.min(target.rows, target.cols);
  const proved = target.symmetric
    ? symmetricTargetBound(m, rank)
    : side <= spectrumSide
      ? targetBound(m, rank)
      : largeTargetBound(m, Math.min(rank, side), { key });
  if (proved === undefined) return { rule, reason: `the singular values ${rank} and ${rank + 1} of the target could not be told apart` };
  const { rows, cols } = target;
  return {
    rule,
    lowerBound: proved.bound,
    slack: roundingSlack(evaluated.terms, evaluated.absoluteSum + proved.bound),
    failureProbability: proved.failureProbability,
    problem: target.symmetric
      ? `minimise ¼|XXᵀ − M|² over all real ${rows} × ${rank} matrices X, M as given`
      : `minimise ½|UVᵀ − M|² over all real U (${rows} × ${rank}) and V (${cols} × ${rank}), M as given`,
  };
}
