import { type Backend, type Capability, errorCode, type Objective, type Point } from '@lowland/core';
import { verdictAt, verdictSentence } from '@lowland/landscape';

import type { VerdictView } from '../model/types.ts';

/** What is certain about a point. One that no analysis can read has no verdict, and the words why. */
export async function judge(objective: Objective<Capability>, point: Point, backend: Backend, { seed, tolerance }: { readonly seed: number; readonly tolerance: number }): Promise<VerdictView> {
  try {
    const { kind, reason, certificate, classification } = await verdictAt(objective, point, { backend, seed, tolerance });
    const { value, gap, relativeGap, lowerBound, rule, problem, rank, normBound, failureProbability } = certificate;
    const { gradient = null, curvature = null } = classification ?? {};
    return {
      kind,
      sentence: verdictSentence(certificate, classification),
      reason,
      problem,
      rule,
      value,
      gap,
      relativeGap,
      lowerBound,
      tolerance,
      rank,
      normBound,
      failureProbability,
      gradient,
      curvature: curvature && { lower: curvature.smallest.lower, upper: curvature.smallest.upper, threshold: curvature.threshold, morseIndex: curvature.morseIndex },
    };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return noVerdict((error as Error).message, tolerance);
  }
}

function noVerdict(reason: string, tolerance: number): VerdictView {
  return {
    kind: null, sentence: 'No verdict.', reason, problem: null, rule: null, value: NaN, gap: null, relativeGap: null, lowerBound: null, tolerance, rank: null, normBound: null,
    failureProbability: null, gradient: null, curvature: null,
  };
}
