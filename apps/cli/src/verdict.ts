import type { Certificate, Classification } from '@lowland/landscape';

import type { Verdict } from './document.ts';
import { short } from './terminal/plot.ts';

/** The kinds are tried in order: a certificate first, then what `classify` found. */
export function verdictOf(certificate: Certificate, classification: Classification | undefined): Verdict {
  const { gap, relativeGap, lowerBound, tolerance, rule, problem, normBound, failureProbability } = certificate;
  const proved = { gap, relativeGap, lowerBound, tolerance, rule, problem, normBound, failureProbability };
  if (certificate.kind === 'global-minimum') {
    return { kind: 'global-minimum', sentence: globalSentence(certificate), ...proved, reason: null, gradient: null, curvature: null };
  }
  if (classification === undefined) {
    return { kind: null, sentence: 'No verdict: this objective gives no Hessian.', ...proved, reason: certificate.reason, gradient: null, curvature: null };
  }
  const { kind, gradient, curvature } = classification;
  // That a value is no less than 0 needs no saying.
  const bound = gap === null || rule === 'lower-bound-zero' ? '' : ` The value is proved to be within ${short(gap)} of the least one.`;
  return {
    kind,
    sentence: pointSentence(classification) + bound,
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

function globalSentence({ gap, relativeGap, failureProbability: chance }: Certificate): string {
  const caveat = chance === 0 ? '' : ` (except with probability ${chance.toExponential(0)} over the seed)`;
  return `Global minimum, proved${caveat}: the value is within ${short(gap ?? NaN)} of the least one, relative gap ${(relativeGap ?? NaN).toExponential(1)}.`;
}

function pointSentence({ kind, gradient, curvature, escape }: Classification): string {
  switch (kind) {
    case 'strict-saddle': {
      const along = escape === null ? '' : `, with curvature ${short(escape.curvature)} along a direction that lowers the value`;
      return `Strict saddle, no minimum${along}.`;
    }
    case 'second-order-point':
      return 'Second-order point: stationary, no direction of negative curvature beyond the threshold; not certified to be global.';
    case 'first-order-point': {
      const lower = curvature?.smallest.lower;
      const interval = curvature === null ? '' : `; the least curvature lies between ${lower == null ? 'minus infinity' : short(lower)} and ${short(curvature.smallest.upper)}`;
      return `First-order point: stationary, its curvature is not decided${interval}.`;
    }
    case 'not-stationary':
      return `Not stationary: the gradient is ${gradient.relative.toExponential(1)} of its scale.`;
  }
}
