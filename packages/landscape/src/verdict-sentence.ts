/**
 * A verdict in one sentence that claims no more than was proved.
 */
import type { Certificate } from './certificate.ts';
import type { Classification } from './classify/classification.ts';

/** Of a certified minimum what was proved, else what `classify` found, with the proved gap where there is one. */
export function verdictSentence(certificate: Certificate, classification: Classification | null): string {
  if (certificate.kind === 'global-minimum') return globalSentence(certificate);
  if (classification === null) return 'No verdict: this objective gives no Hessian.';
  const { gap, rule } = certificate;
  // That a value is no less than 0 needs no saying.
  const bound = gap === null || rule === 'lower-bound-zero' ? '' : ` The value is proved to be within ${short(gap)} of the least one.`;
  return pointSentence(classification) + bound;
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

/** In at most about eight characters. */
function short(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}
