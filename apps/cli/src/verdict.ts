import { type Certificate, type Classification, verdictSentence } from '@lowland/landscape';

import type { Verdict } from './document.ts';

/** The kinds are tried in order: a certificate first, then what `classify` found. */
export function verdictOf(certificate: Certificate, classification: Classification | undefined): Verdict {
  const { gap, relativeGap, lowerBound, tolerance, rule, problem, normBound, failureProbability } = certificate;
  const sentence = verdictSentence(certificate, classification ?? null);
  const proved = { gap, relativeGap, lowerBound, tolerance, rule, problem, normBound, failureProbability };
  if (certificate.kind === 'global-minimum') {
    return { kind: 'global-minimum', sentence, ...proved, reason: null, gradient: null, curvature: null };
  }
  if (classification === undefined) {
    return { kind: null, sentence, ...proved, reason: certificate.reason, gradient: null, curvature: null };
  }
  const { kind, gradient, curvature } = classification;
  return {
    kind,
    sentence,
    ...proved,
    reason: [certificate.reason, classification.reason].filter((reason) => reason !== null).join('; '),
    gradient,
    curvature:
      curvature === null
        ? null
        : {
            lower: curvature.smallest.lower,
            upper: curvature.smallest.upper,
            threshold: curvature.threshold,
            morseIndex: curvature.morseIndex,
          },
  };
}

/** For a run that was interrupted, or a point at which nothing could be computed. */
export function noVerdict(reason: string, tolerance: number): Verdict {
  return {
    kind: null,
    sentence: `No verdict: ${reason}.`,
    gap: null,
    relativeGap: null,
    lowerBound: null,
    tolerance,
    rule: null,
    reason,
    problem: null,
    normBound: null,
    failureProbability: 0,
    gradient: null,
    curvature: null,
  };
}
