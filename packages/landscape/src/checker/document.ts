/**
 * A certificate as a JSON document: a problem, evidence, and claims that the data and the evidence must support (rigour.md A11).
 */
import { LowlandError } from '@lowland/core';

import { problem, type CertifiedProblem } from './problem.ts';
import { fields, integer, list, maybe, number, oneOf, text, type Reader } from './reader.ts';

/** Rules whose claims can be recomputed. */
export const rules = ['lower-bound-zero', 'known-target', 'psd-trace', 'nuclear-norm', 'first-order'] as const;
export const verdicts = ['global-minimum', 'not-certified'] as const;

/** A block of the point; `data` is base64 of little-endian doubles, row-major, of complex numbers two columns each. */
export interface FactorBlock {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly data: string;
}

/** The means that were taken off, as stored doubles: global + rows[i] + cols[j]. */
export interface StoredOffsets {
  readonly global: number;
  /** base64 of little-endian doubles */
  readonly rows: string;
  readonly cols: string;
  readonly digest: string;
}

export interface CertificateEvidence {
  /** The point: U and V, X, U of constrained problems, x of phase retrieval. */
  readonly factors: readonly FactorBlock[];
  /** Where the lower bound comes from. */
  readonly rule: (typeof rules)[number];
  /** The dual point is this times the gradient of the fit; null outside the rules that scale it. */
  readonly multiplier: number | null;
  /** base64 of l of an augmented Lagrangian, one a constraint; null for other problems. */
  readonly multipliers: string | null;
  /**
   * base64 of e with sum over k of sqrt(w_k) e_k A_k positive definite: as much of it as needed makes the dual point of `first-order` feasible. null
   * where none is used.
   */
  readonly shift: string | null;
  /** Of every random stream behind the claims and the data. */
  readonly seed: number;
  /** `digest`: SHA-256 of the very numbers that were fitted (`dataDigest`). `settings`: how they came out of a file or a generator. */
  readonly data: { readonly digest: string; readonly settings: Readonly<Record<string, unknown>> };
  readonly offsets: StoredOffsets | null;
}

export interface CertificateClaims {
  /** `global-minimum`: relativeGap <= tolerance. */
  readonly verdict: (typeof verdicts)[number];
  readonly tolerance: number;
  /** f at the point. */
  readonly value: number;
  /** A lower bound of f. */
  readonly lowerBound: number;
  /** An upper bound of value - least value, rounding included. */
  readonly gap: number;
  /** gap / max(|value|, 1e-6 f(0)) */
  readonly relativeGap: number;
  /** Singular values of the product above 1e-6 of the largest; null for phase retrieval, which has no factors. */
  readonly rank: number | null;
  /** An upper bound of |G|_2, or a lower one of lambda_min(G) for X X^T; G the gradient of the loss in the product. null where none is used. */
  readonly normBound: number | null;
  readonly failureProbability: number;
}

export interface CertificateDocument {
  readonly format: 'lowland-certificate';
  readonly version: 1;
  /** What made it, for people; nothing rests on it. */
  readonly generator: string;
  /** In one sentence, which must be what `inWords` says of the rest. */
  readonly words: string;
  readonly problem: CertifiedProblem;
  readonly evidence: CertificateEvidence;
  readonly claims: CertificateClaims;
}

const finite = number({});
const size = integer({ least: 1 });

const document: Reader<CertificateDocument> = fields({
  format: oneOf('lowland-certificate'),
  version: (value, path) => {
    if (value !== 1) throw new LowlandError('LOWLAND_E_CERTIFICATE', `${path} is ${JSON.stringify(value)}: this checker reads version 1.`);
    return 1 as const;
  },
  generator: text,
  words: text,
  problem,
  evidence: fields({
    factors: list(fields({ name: text, rows: size, cols: size, data: text })),
    rule: oneOf(...rules),
    multiplier: maybe(number({ least: 0 })),
    multipliers: maybe(text),
    shift: maybe(text),
    seed: integer({ least: 0 }),
    data: fields({ digest: text, settings: (value, path) => record(value, path) }),
    offsets: maybe(fields({ global: finite, rows: text, cols: text, digest: text })),
  }),
  claims: fields({
    verdict: oneOf(...verdicts),
    tolerance: number({ least: 0, above: true }),
    value: finite,
    lowerBound: finite,
    gap: finite,
    relativeGap: finite,
    rank: maybe(integer({ least: 0 })),
    normBound: maybe(finite),
    failureProbability: finite,
  }),
});

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new LowlandError('LOWLAND_E_CERTIFICATE', `${path}: expected an object.`);
}

/**
 * A certificate from JSON that has been parsed. Every field must be there, none beside them.
 *
 * @throws LOWLAND_E_CERTIFICATE naming the field that is missing, unknown or of the wrong kind.
 */
export const readCertificate = (value: unknown): CertificateDocument => document(value, 'certificate');
