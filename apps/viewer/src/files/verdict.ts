import type { VerdictView } from '../model/types.ts';
import { type Fields, fieldsIn, numberIn, numberOrNull, textIn } from './json.ts';

const kinds = ['global-minimum', 'strict-saddle', 'second-order-point', 'first-order-point', 'not-stationary'] as const;

/** The verdict in a result document. */
export function readVerdict(verdict: Fields, value: number, rank: number | null): VerdictView {
  const bound = fieldsIn(verdict, 'normBound');
  const gradient = fieldsIn(verdict, 'gradient');
  const curvature = fieldsIn(verdict, 'curvature');
  return {
    kind: kinds.find((kind) => kind === verdict['kind']) ?? null,
    sentence: textIn(verdict, 'sentence') ?? 'The file holds no verdict.',
    reason: textIn(verdict, 'reason'),
    problem: textIn(verdict, 'problem'),
    rule: textIn(verdict, 'rule'),
    value,
    gap: numberOrNull(verdict, 'gap'),
    relativeGap: numberOrNull(verdict, 'relativeGap'),
    lowerBound: numberOrNull(verdict, 'lowerBound'),
    tolerance: numberIn(verdict, 'tolerance'),
    rank,
    normBound: bound && { value: numberIn(bound, 'value'), rule: textIn(bound, 'rule') ?? '', failureProbability: numberIn(bound, 'failureProbability') },
    failureProbability: numberOrNull(verdict, 'failureProbability'),
    gradient: gradient && { norm: numberIn(gradient, 'norm'), scale: numberIn(gradient, 'scale'), relative: numberIn(gradient, 'relative'), tolerance: numberIn(gradient, 'tolerance') },
    curvature: curvature && { lower: numberOrNull(curvature, 'lower'), upper: numberIn(curvature, 'upper'), threshold: numberIn(curvature, 'threshold'), morseIndex: numberOrNull(curvature, 'morseIndex') },
  };
}
