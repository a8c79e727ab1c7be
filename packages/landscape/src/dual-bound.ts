import type { Lift, Lifted } from '@lowland/core';
import { dot } from '@lowland/linalg';

import { roundingSlack, type Bound } from './certificate.ts';

/** What a certificate of a lifted problem is about (rigour.md A7). */
export function problemOf(lift: Lift): string {
  const size = `${lift.rows} × ${lift.cols}`;
  const over = lift.kind === 'psd' ? `positive semidefinite ${size} matrices X` : `real ${size} matrices X`;
  const penalty = lift.penalty === 0 ? '' : ` + ${lift.penalty} ${lift.kind === 'psd' ? 'tr X' : '|X|_*'}`;
  const loss = `½|a(X) − b|²${lift.hasLinearTerm ? ' + ⟨C, X⟩' : ''}`;
  return `minimise ${loss}${penalty} over all ${over}, with weights and data b exactly as stored (offsets, if any, were subtracted before and are not optimised)`;
}

/**
 * A lower bound of the convex problem min over X of ½|a(X) − b|² + ⟨C, X⟩ + penalty |X|_* (tr X over X psd), from the
 * residual ρ = a(X) − b at any point. For every t >= 0, by Fenchel,
 *
 *     P* >= D(t) − excess(t)·T,   D(t) = −t²|ρ|²/2 − t⟨b, ρ⟩,   excess = max(0, |t a*(ρ) + C|₂ − penalty),
 *
 * (for psd max(0, −λ_min(t a*(ρ) + C) − penalty)), T a bound of |X*|_*. Without C, t is the best one that leaves no excess:
 * clip(−⟨b, ρ⟩/|ρ|², 0, penalty/|G|₂), G = a*(ρ). With C only G = a*(ρ) + C is at hand, so t = 1, and T = (P − φ_low)/penalty.
 * Stationarity is not needed. Founding-papers 14, 15; rigour.md A2, A9.
 *
 * @param extreme A proved upper bound of |G|₂ (nuclear), or lower bound of λ_min(G) (psd). With a Ritz value in its
 *   place the result is an estimate.
 */
export function convexBound(lift: Lift, lifted: Lifted, extreme: number): Bound {
  const { penalty, hasLinearTerm } = lift;
  const { residual, data } = lifted;
  const square = dot(residual, residual);
  const product = dot(data, residual);
  let absoluteProduct = 0;
  for (let i = 0; i < data.length; i++) absoluteProduct += Math.abs(data[i]! * residual[i]!);

  // G comes out of ρ with its own rounding: what its sums lost, and 2⁻⁵² of an entry, at most √side times that in the norm.
  const blur = Math.max(lift.rows, lift.cols) * 2 ** -51;
  const size = Math.max(0, lifted.gradientRounding + (lift.kind === 'psd' ? -extreme : extreme));
  let multiplier = 1;
  let overshoot = 0;
  if (!hasLinearTerm) {
    const largest = size === 0 ? Infinity : (penalty / size) * (1 - blur);
    multiplier = square === 0 ? 0 : Math.min(Math.max(-product / square, 0), largest);
  } else if (size * (1 + blur) > penalty) {
    const reach = (lifted.value - lift.lowerBound) / penalty;
    if (!Number.isFinite(reach)) {
      const missing = penalty === 0 ? 'there is no penalty' : 'no lower bound of the loss is known';
      return { rule: 'first-order', reason: `${missing}, so nothing bounds the norm of a minimiser` };
    }
    overshoot = (size * (1 + blur) - penalty) * reach;
  }
  const quadratic = (multiplier * multiplier * square) / 2;
  return {
    rule: hasLinearTerm ? 'first-order' : lift.kind === 'psd' ? 'psd-trace' : 'nuclear-norm',
    lowerBound: -quadratic - multiplier * product - overshoot,
    slack: roundingSlack(lifted.terms + 2 * data.length, lifted.absoluteSum + quadratic + multiplier * absoluteProduct + overshoot),
    problem: problemOf(lift),
    multiplier,
  };
}
