/**
 * A certificate written down for the checker (`@lowland/landscape/checker`), which reads it without any of the code that made it.
 */
import { blockOf, encodeNumbers, type Capability, type Objective, type Point } from '@lowland/core';

import type { Certificate } from './certificate.ts';
import { dataDigest, offsetsDigest, type CertifiedData } from './checker/data.ts';
import { rules, type CertificateDocument, type CertificateEvidence, type CertifiedProblem } from './checker/document.ts';
import type { Means } from './checker/means.ts';
import { inWords } from './checker/words.ts';

export interface CertificateSource {
  readonly objective: Objective<Capability>;
  /** At the rank of `objective`. */
  readonly point: Point;
  readonly certificate: Certificate;
  /** What the objective was made of. */
  readonly data: CertifiedData;
  readonly seed: number;
  /** How the data came out of a file or a generator, to get them again. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly generator?: string;
}

/**
 * The document of a certificate: the problem, factors, multiplier, seed, digests and offsets as evidence, and what is claimed on it. A string says why
 * there is none: nothing was proved, or the problem is not one that the checker recomputes (factorisation and completion by least squares).
 */
export function certificateDocument(source: CertificateSource): CertificateDocument | string {
  const { objective, point, certificate, data, seed, settings = {}, generator = '@lowland/landscape' } = source;
  const { gap, relativeGap, lowerBound, rank, multiplier, kind, tolerance, value, normBound, failureProbability } = certificate;
  if (gap === null || relativeGap === null || lowerBound === null || rank === null) return certificate.reason ?? 'nothing is proved about this point';
  const rule = rules.find((name) => name === certificate.rule);
  const problem = problemOf(objective, data);
  if (rule === undefined || problem === undefined) {
    return `certificates of ${objective.id}${rule === undefined ? ` by the rule ${certificate.rule ?? 'none'}` : ' with these options'} cannot be checked: only factorisation and completion by least squares can`;
  }
  const factors = point.layout.blocks.map(({ name, shape: [rows = 0, cols = 1] }) => ({ name, rows, cols, data: encodeNumbers(blockOf(point, name)) }));
  return {
    format: 'lowland-certificate',
    version: 1,
    generator,
    words: inWords(problem, rule, factors[0]!.cols),
    problem,
    evidence: { factors, rule, multiplier, seed, data: { digest: dataDigest(data), settings }, offsets: storedOffsets(objective) },
    claims: { verdict: kind, tolerance, value, lowerBound, gap, relativeGap, rank, normBound: normBound?.value ?? null, failureProbability },
  };
}

/** Undefined for problems that the checker has no formulas for. */
function problemOf({ id, options }: Objective<Capability>, { rows, cols }: CertifiedData): CertifiedProblem | undefined {
  if (id !== 'matrix-factorization' && id !== 'matrix-completion') return undefined;
  const { symmetric = false, lambda, balance = 0, center = 'none', loss, incoherence } = options as Partial<Omit<CertifiedProblem, 'loss'>> & Record<'loss' | 'incoherence', unknown>;
  if (lambda === undefined || loss !== undefined || incoherence !== undefined) return undefined;
  return { objective: id, loss: 'least-squares', symmetric, rows, cols, lambda, balance: symmetric ? 0 : balance, center };
}

function storedOffsets(objective: Objective<Capability> & { readonly offsets?: Means }): CertificateEvidence['offsets'] {
  if (objective.offsets === undefined) return null;
  const { global, rows, cols } = objective.offsets;
  return { global, rows: encodeNumbers(rows), cols: encodeNumbers(cols), digest: offsetsDigest({ global, rows, cols }) };
}
