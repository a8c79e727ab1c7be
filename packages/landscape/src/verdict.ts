/**
 * The one word for a point: `certify` and `classify` together, the kinds tried in the order
 * global-minimum, strict-saddle, second-order-point, first-order-point, not-stationary.
 */
import { analyse, type Backend, type Capability, type Objective, type Point } from '@lowland/core';

import { certify } from './certify.ts';
import type { Certificate } from './certificate.ts';
import type { Classification, PointKind } from './classify/classification.ts';
import { classify, type ClassifyOptions } from './classify/classify.ts';
import { atMultipliers } from './at-multipliers.ts';
import { inFactors } from './in-factors.ts';

export interface Verdict {
  readonly kind: 'global-minimum' | PointKind;
  readonly gap: number | null;
  readonly relativeGap: number | null;
  /** The rule that proved `gap`; null where none did. */
  readonly rule: string | null;
  /** Why not more is claimed; null for a certified global minimum. */
  readonly reason: string | null;
  readonly certificate: Certificate;
  /** null for certified global minima, which need no second-order test. */
  readonly classification: Classification | null;
}

export interface VerdictOptions {
  readonly backend: Backend;
  readonly seed?: number;
  /** Relative gap of a global minimum; default 1e-6. */
  readonly tolerance?: number;
  readonly classify?: ClassifyOptions;
  /** A certificate made before, such as that of `solveToCertificate`. */
  readonly certificate?: Certificate;
}

/**
 * Certifies the point; where that fails, classifies it. A point of a problem in X itself, or in singular triples, is judged at the balanced
 * factors of X (`inFactors`), a solution of a constrained problem on its augmented Lagrangian (`atMultipliers`).
 *
 * @throws LOWLAND_E_NOT_FINITE when the point is not finite.
 */
export async function verdictAt(where: Objective<Capability>, at: Point, options: VerdictOptions): Promise<Verdict> {
  const { backend, seed = 0 } = options;
  const { objective, point } = await atMultipliers(await inFactors({ objective: where, point: at }, backend), backend);
  const certificate =
    options.certificate ??
    (await analyse(objective, certify(options.tolerance === undefined ? {} : { tolerance: options.tolerance }), point, backend, { seed }));
  const { gap, relativeGap, rule, reason } = certificate;
  if (certificate.kind === 'global-minimum') {
    return { kind: 'global-minimum', gap, relativeGap, rule, reason: null, certificate, classification: null };
  }
  const classification = await analyse(objective as Objective<'value' | 'gradient' | 'hessianVectorProduct'>, classify(options.classify), point, backend, { seed });
  return {
    kind: classification.kind,
    gap,
    relativeGap,
    rule,
    reason: [reason, classification.reason].filter((text) => text !== null).join('. '),
    certificate,
    classification,
  };
}
