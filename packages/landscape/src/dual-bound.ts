import type { Evaluated, Lift, Lifted } from '@lowland/core';
import { dot } from '@lowland/linalg';

import { roundingSlack, type Bound } from './certificate.ts';

/** What a certificate of a lifted problem is about (rigour.md A7). */
export function problemOf(lift: Lift): string {
  const size = `${lift.rows} × ${lift.cols}`;
  const over = lift.kind === 'psd' ? `positive semidefinite ${size} matrices X` : `real ${size} matrices X`;
  const penalty = lift.penalty === 0 ? '' : ` + ${lift.penalty} ${lift.kind === 'psd' ? 'tr X' : '|X|_*'}`;
  const constant = lift.offset === undefined ? '' : ` ${lift.offset < 0 ? '−' : '+'} ${Math.abs(lift.offset)}`;
  const loss = `${lift.leastSquares ? '½|a(X) − b|²' : 'φ(X), the convex loss of this objective,'}${lift.hasLinearTerm ? ' + ⟨C, X⟩' : ''}`;
  return `minimise ${loss}${penalty}${constant} over all ${over}, with weights and data b exactly as stored (offsets, if any, were subtracted before and are not optimised)${lift.about === undefined ? '' : `; ${lift.about}`}`;
}

/**
 * A lower bound of the convex problem behind an objective: by `leastSquaresBound`, or by `tangentBound` where its loss is another.
 *
 * @param extreme A proved upper bound of |G|₂ (nuclear), or lower bound of λ_min(G) (psd). With a Ritz value in its
 *   place the result is an estimate.
 */
export function convexBound(lift: Lift, lifted: Lifted, extreme: number): Bound {
  // G comes out of ρ with its own rounding: what its sums lost, and 2⁻⁵² of an entry, at most √side times that in the norm.
  const blur = Math.max(lift.rows, lift.cols) * 2 ** -51;
  const size = Math.max(0, lifted.gradientRounding + (lift.kind === 'psd' ? -extreme : extreme)) * (1 + blur);
  return lifted.intercept === undefined ? leastSquaresBound(lift, lifted, size) : tangentBound(lift, lifted, lifted.intercept, size);
}

/** |X*|_* is at most T = (P − φ_low)/penalty, as the penalty alone is at most P − φ_low: what a minimiser can gain from the excess of |G|₂. */
function reachOf(lift: Lift, { value, terms, absoluteSum }: Lifted): number | string {
  const most = value - (lift.offset ?? 0) - lift.lowerBound + roundingSlack(terms, absoluteSum + Math.abs(lift.lowerBound));
  const reach = most / lift.penalty;
  if (Number.isFinite(reach)) return reach;
  const missing = lift.penalty === 0 ? 'there is no penalty' : 'no lower bound of the loss is known';
  return `${missing}, so nothing bounds the norm of a minimiser`;
}

/**
 * Any convex differentiable φ: it lies above the plane that touches it at X, so for every X*
 *
 *     P* >= φ(X) − ⟨G, X⟩ − max(0, |G|₂ − penalty) |X*|_*,   |X*|_* <= T = (P − φ_low)/penalty,
 *
 * which is the gap ⟨G, X⟩ + penalty (|U|² + |V|²)/2 + max(0, |G|₂ − penalty) T of rigour.md A9. Stationarity is not needed. Rounding in
 * a(X) does no harm: the plane touches at another point then; that of φ and its derivatives is part of the intercept's.
 */
function tangentBound(lift: Lift, lifted: Lifted, intercept: Evaluated, size: number): Bound {
  const rule = 'first-order';
  let overshoot = 0;
  if (size > lift.penalty) {
    const reach = reachOf(lift, lifted);
    if (typeof reach === 'string') return { rule, reason: reach };
    overshoot = (size - lift.penalty) * reach;
  }
  return {
    rule,
    lowerBound: intercept.value - overshoot,
    slack: roundingSlack(lifted.terms + intercept.terms, lifted.absoluteSum + intercept.absoluteSum + overshoot),
    problem: problemOf(lift),
  };
}

/**
 * A lower bound of the convex problem min over X of ½|a(X) − b|² + ⟨C, X⟩ + penalty |X|_* (tr X over X psd), from the
 * residual ρ = a(X) − b at any point. For every t >= 0, by Fenchel,
 *
 *     P* >= D(t) − excess(t)·T,   D(t) = −t²|ρ|²/2 − t⟨b, ρ⟩,   excess = max(0, |t a*(ρ) + C|₂ − penalty),
 *
 * (for psd max(0, −λ_min(t a*(ρ) + C) − penalty)), T a bound of |X*|_*. Without C, t is the best one that leaves no excess:
 * clip(−⟨b, ρ⟩/|ρ|², 0, penalty/|G|₂), G = a*(ρ). With C only G = a*(ρ) + C is at hand, and without a penalty nothing scales, so t = 1, and T = (P − φ_low)/penalty.
 * Where e with a*(e) ⪰ I is known, nothing is left in excess either: `shiftedBound`.
 * Stationarity is not needed. Founding-papers 14, 15; rigour.md A2, A9.
 *
 * @param size A proved upper bound of |G|₂, or of max(0, −λ_min(G)) for psd, rounding of G included.
 */
function leastSquaresBound(lift: Lift, lifted: Lifted, size: number): Bound {
  const { penalty, hasLinearTerm } = lift;
  const { residual, data } = lifted;
  const square = dot(residual, residual);
  const product = dot(data, residual);
  let absoluteProduct = 0;
  for (let i = 0; i < data.length; i++) absoluteProduct += Math.abs(data[i]! * residual[i]!);

  const scales = !hasLinearTerm && penalty > 0;
  let multiplier = 1;
  let overshoot = 0;
  if (scales) {
    const largest = size === 0 ? Infinity : penalty / size;
    multiplier = square === 0 ? 0 : Math.min(Math.max(-product / square, 0), largest);
  } else if (size > penalty) {
    if (lift.identity !== undefined) return shiftedBound(lift, lifted, lift.identity, size);
    if (lift.linearSize !== undefined && lift.linearSize < penalty) return betweenBound(lift, lifted, lift.linearSize, size);
    const reach = reachOf(lift, lifted);
    if (typeof reach === 'string') return { rule: 'first-order', reason: reach };
    overshoot = (size - penalty) * reach;
  }
  const quadratic = (multiplier * multiplier * square) / 2;
  return {
    rule: !scales ? 'first-order' : lift.kind === 'psd' ? 'psd-trace' : 'nuclear-norm',
    lowerBound: -quadratic - multiplier * product - overshoot + (lift.offset ?? 0),
    slack: roundingSlack(lifted.terms + 2 * data.length, lifted.absoluteSum + quadratic + multiplier * absoluteProduct + overshoot),
    problem: problemOf(lift),
    ...(scales && { multiplier }),
  };
}

/**
 * As above at the dual point y = ρ + s e, a*(e) ⪰ I, with s the excess: a*(y) + C + penalty I is positive semidefinite, so that
 *
 *     P* >= −|y|²/2 − ⟨b, y⟩
 *
 * without any bound of X*. For constraints X_ii = 1 in a quadratic penalty this is what n λ_min of founding-papers 16 becomes.
 */
function shiftedBound(lift: Lift, { residual, data, terms, absoluteSum }: Lifted, identity: Float64Array, size: number): Bound {
  // e itself is rounded
  const shift = (size - lift.penalty) * (1 + 2 ** -50);
  let lowerBound = lift.offset ?? 0;
  let absolute = 0;
  for (let i = 0; i < data.length; i++) {
    const y = residual[i]! + shift * identity[i]!;
    const magnitude = Math.abs(residual[i]!) + Math.abs(shift * identity[i]!);
    lowerBound -= y * (y / 2 + data[i]!);
    absolute += magnitude * (magnitude + 2 * Math.abs(data[i]!));
  }
  return { rule: 'first-order', lowerBound, slack: roundingSlack(terms + 2 * data.length, absoluteSum + absolute), problem: problemOf(lift), shift: identity };
}

/**
 * As above at t ρ: t a*(ρ) + C = t G + (1 − t) C is at most t |G|₂ + (1 − t) |C|₂ in norm (likewise −λ_min for psd), so where |C|₂ < penalty a part of ρ is feasible:
 *
 *     P* >= D(t),   t = clip(−⟨b, ρ⟩/|ρ|², 0, (penalty − |C|₂)/(|G|₂ − |C|₂)).
 */
function betweenBound(lift: Lift, { residual, data, terms, absoluteSum }: Lifted, linearSize: number, size: number): Bound {
  const square = dot(residual, residual);
  const product = dot(data, residual);
  // a little less, so that who proves the norm at t again finds it feasible
  const most = ((lift.penalty - linearSize) / (size - linearSize)) * (1 - 2 ** -40);
  const multiplier = square === 0 ? 0 : Math.min(Math.max(-product / square, 0), most);
  let absolute = (multiplier * multiplier * square) / 2;
  for (let i = 0; i < data.length; i++) absolute += multiplier * Math.abs(data[i]! * residual[i]!);
  return {
    rule: 'first-order',
    lowerBound: (-multiplier * multiplier * square) / 2 - multiplier * product + (lift.offset ?? 0),
    slack: roundingSlack(terms + 2 * data.length, absoluteSum + absolute),
    problem: problemOf(lift),
    multiplier,
  };
}
