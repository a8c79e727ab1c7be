/**
 * What a certificate says, and the arithmetic that all rules share (rigour.md A2 to A4).
 */
import { encodeNumbers } from '@lowland/core';
import type { ProofRule } from '@lowland/linalg';

/** The rules, in the order in which they are tried. */
export type CertificateRule = 'lower-bound-zero' | 'known-target' | 'psd-trace' | 'nuclear-norm' | 'first-order';

/** A proved bound: of |G|₂ from above for nuclear norms, of λ_min(G) from below for psd problems. */
export interface NormBound {
  readonly value: number;
  /** How it was proved: rules (i), (ii) and (iii) of rigour.md A1. */
  readonly rule: ProofRule;
  /** Over the choice of the seed; 0 when nothing is left to chance. */
  readonly failureProbability: number;
}

/** Plain JSON. `gap`, `relativeGap` and `lowerBound` are null where no rule proved one; `reason` then says why. */
export interface Certificate {
  /** `global-minimum`: relativeGap <= tolerance is proved, for the problem that `problem` states. */
  readonly kind: 'global-minimum' | 'not-certified';
  /** The rule that gave the gap. */
  readonly rule: CertificateRule | null;
  /** f(x), the value of the factored objective. */
  readonly value: number;
  /** A proved lower bound of the problem's least value. */
  readonly lowerBound: number | null;
  /** max(0, value − lowerBound) + slack >= value − least value. */
  readonly gap: number | null;
  /** gap / max(|value|, 1e-6·f(0)); 0 when gap is 0. */
  readonly relativeGap: number | null;
  /** What rounding may have hidden in value and lower bound; part of `gap`. */
  readonly slack: number;
  readonly tolerance: number;
  /** Singular values of X above 1e-6 of the largest; null where the point has no factors. */
  readonly rank: number | null;
  readonly normBound: NormBound | null;
  /** Of all probabilistic bounds together, over the choice of the seed; 0 when nothing is left to chance. */
  readonly failureProbability: number;
  /** The dual point is `multiplier` times the residual; null outside the dual rules. */
  readonly multiplier: number | null;
  /** Of `first-order`: e with a*(e) at least I, base64 of doubles in the scale of the residual, where the dual point was shifted along it; else null. */
  readonly shift: string | null;
  /** The problem that the certificate is about, in one sentence. */
  readonly problem: string | null;
  /** Why there is no certificate. */
  readonly reason: string | null;
}

/** What one rule proved, or why it proved nothing. */
export type Bound =
  | {
      readonly rule: CertificateRule;
      readonly lowerBound: number;
      readonly slack: number;
      readonly problem: string;
      readonly normBound?: NormBound;
      readonly failureProbability?: number;
      readonly multiplier?: number;
      readonly shift?: Float64Array;
    }
  | { readonly rule: CertificateRule; readonly reason: string };

export type Proved = Extract<Bound, { lowerBound: number }>;

export const isProved = (bound: Bound): bound is Proved => 'lowerBound' in bound;

/** Rounding of a difference of two sums of `terms` numbers in all, whose absolute values add up to `absoluteSum` (rigour.md A2). */
export function roundingSlack(terms: number, absoluteSum: number): number {
  return 4 * (terms + 10) * 2 ** -53 * absoluteSum;
}

/** gap / max(|value|, 1e-6·zeroValue), 0 when all are 0 (rigour.md A3). */
export function relativeGapOf(gap: number, value: number, zeroValue: number): number {
  if (gap === 0) return 0;
  return gap / Math.max(Math.abs(value), 1e-6 * zeroValue);
}

export interface CertifiedPoint {
  readonly value: number;
  /** f(0). */
  readonly zeroValue: number;
  readonly rank: number | null;
  readonly tolerance: number;
}

/** The certificate that the tightest of the proved bounds gives; without any, the reasons of the rules. */
export function conclude({ value, zeroValue, rank, tolerance }: CertifiedPoint, bounds: readonly Bound[]): Certificate {
  const none = {
    kind: 'not-certified',
    rule: null,
    value,
    lowerBound: null,
    gap: null,
    relativeGap: null,
    slack: 0,
    tolerance,
    rank,
    normBound: null,
    failureProbability: 0,
    multiplier: null,
    shift: null,
    problem: null,
  } as const;
  let best: Certificate | undefined;
  for (const bound of bounds) {
    if (!isProved(bound)) continue;
    const gap = Math.max(0, value - bound.lowerBound) + bound.slack;
    if (!Number.isFinite(gap) || (best?.gap ?? Infinity) <= gap) continue;
    const relativeGap = relativeGapOf(gap, value, zeroValue);
    const certified = relativeGap <= tolerance;
    best = {
      ...none,
      kind: certified ? 'global-minimum' : 'not-certified',
      rule: bound.rule,
      lowerBound: bound.lowerBound,
      gap,
      relativeGap,
      slack: bound.slack,
      normBound: bound.normBound ?? null,
      failureProbability: bound.failureProbability ?? bound.normBound?.failureProbability ?? 0,
      multiplier: bound.multiplier ?? null,
      shift: bound.shift === undefined ? null : encodeNumbers(bound.shift),
      problem: bound.problem,
      reason: certified ? null : `the proved relative gap ${relativeGap.toExponential(2)} is above the tolerance ${tolerance.toExponential(0)}`,
    };
  }
  return best ?? { ...none, reason: bounds.map((bound) => (isProved(bound) ? `${bound.rule}: its gap is not finite` : `${bound.rule}: ${bound.reason}`)).join('; ') };
}
