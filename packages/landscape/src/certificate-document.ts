/**
 * A certificate written down for the checker (`@lowland/landscape/checker`), which reads it without any of the code that made it.
 */
import { blockOf, encodeNumbers, errorCode, fingerprint, type Capability, type Objective, type Point } from '@lowland/core';

import type { Certificate } from './certificate.ts';
import { dataDigest, offsetsDigest, type CertifiedData } from './checker/data.ts';
import { rules, type CertificateDocument, type CertificateEvidence } from './checker/document.ts';
import type { Means } from './checker/means.ts';
import { type CertifiedProblem, problem as readProblem } from './checker/problem.ts';
import { inWords } from './checker/words.ts';

export interface CertificateSource {
  readonly objective: Objective<Capability>;
  /** At the rank of `objective`. */
  readonly point: Point;
  readonly certificate: Certificate;
  /** What the objective was made of; nothing for instances that are their own data. */
  readonly data?: CertifiedData;
  readonly seed: number;
  /** How the data came out of a file or a generator, to get them again. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly generator?: string;
}

/**
 * The document of a certificate: the problem, factors, multipliers, seed, digests and offsets as evidence, and what is claimed on it. A string says why
 * there is none: nothing was proved, or the problem is not one that the checker recomputes. Objective and point are those that were certified: in factors
 * (`inFactors`), of constrained problems with their multipliers (`atMultipliers`).
 */
export function certificateDocument(source: CertificateSource): CertificateDocument | string {
  const { objective, point, certificate, data, seed, settings = {}, generator = '@lowland/landscape' } = source;
  const { gap, relativeGap, lowerBound, rank, multiplier, shift, kind, tolerance, value, normBound, failureProbability } = certificate;
  if (gap === null || relativeGap === null || lowerBound === null) return certificate.reason ?? 'nothing is proved about this point';
  if (!Number.isFinite(relativeGap)) return 'its gap is no part of anything: value and f(0) are 0';
  const problem = problemOf(objective, data);
  if (problem === undefined) return `certificates of ${objective.id} with these options cannot be checked: the checker has no formula for them`;
  const factors = point.layout.blocks.map(({ name, shape: [rows = 0, cols = 1], complex }) => ({ name, rows, cols: complex === true ? 2 : cols, data: encodeNumbers(blockOf(point, name)) }));
  const evidence: CertificateEvidence = {
    factors,
    rule: rules.find((name) => name === certificate.rule)!,
    multiplier,
    multipliers: storedMultipliers(objective),
    shift,
    seed,
    data: { digest: dataDigest(data), settings },
    offsets: storedOffsets(objective),
  };
  return {
    format: 'lowland-certificate',
    version: 1,
    generator,
    words: inWords({ problem, evidence }),
    problem,
    evidence,
    claims: { verdict: kind, tolerance, value, lowerBound, gap, relativeGap, rank, normBound: normBound?.value ?? null, failureProbability },
  };
}

/**
 * What the objective records of itself, read as the checker will read it. Undefined for problems that the checker has no formulas for: another id, or
 * options that are not those which objectives of that id have.
 */
function problemOf(objective: Objective<Capability>, data: CertifiedData): CertifiedProblem | undefined {
  const recorded = recordOf(objective, data);
  if (recorded === undefined) return undefined;
  try {
    return readProblem(recorded, 'problem');
  } catch (error) {
    if (errorCode(error) !== 'LOWLAND_E_CERTIFICATE') throw error;
    return undefined;
  }
}

function recordOf(objective: Objective<Capability>, data: CertifiedData): Readonly<Record<string, unknown>> | undefined {
  const { id, options } = objective;
  const { symmetric = false, lambda, incoherence = 0, alpha } = options;
  const { rows, cols } = data ?? { rows: 0, cols: 0 };
  const factored = { objective: id, symmetric, rows, cols, lambda, ...lossOf(objective) };
  switch (id) {
    case 'matrix-factorization':
      return unweighted(objective, data) ? { ...factored, balance: symmetric === true ? 0 : options['balance'] } : undefined;
    case 'matrix-completion':
      return { ...factored, center: options['center'], incoherence, alpha: incoherence === 0 ? 0 : alpha };
    case 'matrix-sensing':
      return { ...factored, normalisation: options['normalisation'] };
    case 'quadratic-network':
      return { objective: id, rows: cols - 1, lambda };
    case 'constrained-factorization':
    case 'max-cut':
    case 'orthogonal-cut':
      return { objective: id, rows, merit: options['merit'], weight: options['weight'], size: options['size'] ?? 1 };
    case 'phase-retrieval':
      return { objective: id, rows, loss: options['loss'], smoothing: options['smoothing'], real: options['real'] };
    case 'beta-family':
      return { objective: id, parameter: options['beta'] };
    case 'ring':
      return { objective: id, rows: options['n'], parameter: options['gamma'] };
    case 'weighted-two-by-two':
      return { objective: id, parameter: options['a'] };
    default:
      return undefined;
  }
}

/** Weights of a factorisation are part of its fingerprint alone; symmetric problems cover the symmetric part. */
function unweighted({ data: digest }: Objective<Capability>, data: CertifiedData): boolean {
  if (data === undefined || 'row' in data || 'ensemble' in data) return false;
  const { rows, cols, values } = data;
  const symmetric = (): Float64Array => values.map((value, k) => (value + values[(k % cols) * cols + Math.floor(k / cols)]!) / 2);
  return digest === fingerprint('matrix', [rows, cols], values) || (rows === cols && digest === fingerprint('matrix', [rows, cols], symmetric()));
}

/** The loss as certificates have it: its name, and its one parameter or 0. */
function lossOf({ options: { loss } }: Objective<Capability>): { readonly loss: unknown; readonly parameter: unknown } {
  if (loss === undefined) return { loss: 'least-squares', parameter: 0 };
  const { id, options = {} } = loss as { readonly id?: unknown; readonly options?: Readonly<Record<string, unknown>> };
  return { loss: id, parameter: options['delta'] ?? options['beta'] ?? 0 };
}

function storedMultipliers({ multipliers }: Objective<Capability> & { readonly multipliers?: Float64Array }): string | null {
  return multipliers === undefined ? null : encodeNumbers(multipliers);
}

function storedOffsets({ offsets }: Objective<Capability> & { readonly offsets?: Means }): CertificateEvidence['offsets'] {
  if (offsets === undefined) return null;
  const { global, rows, cols } = offsets;
  return { global, rows: encodeNumbers(rows), cols: encodeNumbers(cols), digest: offsetsDigest({ global, rows, cols }) };
}
