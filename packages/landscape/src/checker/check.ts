/**
 * The checker: every claim of a certificate, recomputed from the data and the evidence.
 */
import { lowerBoundOf, type LowerBound } from './bounds.ts';
import { dataDigest, offsetsDigest, offsetsOf, type CertifiedData, type OffsetsPair } from './data.ts';
import { readCertificate, type CertificateDocument } from './document.ts';
import { evaluate, rankRange, type Evaluation } from './evaluate.ts';
import { modelOf, type FactoredDocument } from './model.ts';
import { phaseValue } from './phase.ts';
import { inWords } from './words.ts';

/** What became of one claim, or of one piece of evidence that can be recomputed. */
export interface CheckedClaim {
  readonly claim: string;
  readonly stated: number | string | null;
  readonly recomputed: number | string | null;
  /** By how much the stated number may go beyond the recomputed one. */
  readonly tolerance: number;
  readonly ok: boolean;
}

export interface CertificateCheck {
  /** Whether everything holds. */
  readonly ok: boolean;
  readonly claims: readonly CheckedClaim[];
}

/** Of values, gaps and bounds, relative to max(|value|, 1e-6 f(0)); two orders below the usual relative gap of a global minimum. */
export const claimTolerance = 1e-8;

/**
 * Recomputes what a certificate claims. A claim holds where the recomputed number supports it: the value to the tolerance, bounds where they are no stronger
 * than what is proved here, the verdict where it follows. Weaker claims than could be made are true and pass. Shares no code with what makes
 * certificates but linear algebra.
 *
 * @param certificate JSON that has been parsed
 * @param data the very numbers that were fitted; nothing for instances that are their own data
 *
 * @throws LOWLAND_E_CERTIFICATE when a field is missing, unknown or of the wrong kind, or the data and the certificate do not go together at all
 * @throws LOWLAND_E_CERTIFICATE_SIZE above 3000 rows and columns, or 2e7 cells
 */
export function checkCertificate(certificate: unknown, data?: CertifiedData): CertificateCheck {
  const document = readCertificate(certificate);
  const { evidence, claims: stated } = document;
  const offsets = offsetsOf(document, data);
  const { value, zeroValue, found, penalty, symmetric, rank } = recomputed(document, data, offsets);

  const gap = Math.max(0, value - found.lowerBound) + found.slack;
  const unit = Math.max(Math.abs(value), 1e-6 * zeroValue);
  const relativeGap = gap === 0 ? 0 : gap / unit;
  const tolerance = claimTolerance * unit;
  const verdict = relativeGap <= stated.tolerance ? 'global-minimum' : 'not-certified';
  const follows = stated.verdict === (stated.relativeGap <= stated.tolerance ? 'global-minimum' : 'not-certified');
  const normTolerance = claimTolerance * Math.max(penalty, found.size) + found.rounding;

  const claims: CheckedClaim[] = [
    same('words', document.words, inWords(document)),
    same('data', evidence.data.digest, dataDigest(data)),
    ...offsetClaims(document, data, offsets),
    ...(evidence.multiplier === null ? [] : [{ claim: 'multiplier', stated: evidence.multiplier, recomputed: found.feasible ? 'feasible' : 'not feasible', tolerance: 0, ok: found.feasible }]),
    near('value', stated.value, value, tolerance),
    atMost('lower bound', stated.lowerBound, found.lowerBound, tolerance),
    noSmaller('gap', stated.gap, gap, claimTolerance * Math.max(unit, gap)),
    noSmaller('relative gap', stated.relativeGap, relativeGap, claimTolerance * Math.max(1, relativeGap)),
    normClaim(symmetric, stated.normBound, found.normBound, normTolerance),
    rankClaim(stated.rank, rank),
    // Everything here is proved without chance; a probability is at least that.
    { claim: 'failure probability', stated: stated.failureProbability, recomputed: 0, tolerance: 0, ok: stated.failureProbability >= 0 && stated.failureProbability <= 1 },
    { claim: 'verdict', stated: stated.verdict, recomputed: verdict, tolerance: 0, ok: follows && (stated.verdict === verdict || stated.verdict === 'not-certified') },
  ];
  return { ok: claims.every(({ ok }) => ok), claims };
}

interface Recomputed extends Pick<Evaluation, 'value' | 'zeroValue'> {
  readonly found: LowerBound;
  readonly penalty: number;
  readonly symmetric: boolean;
  readonly rank: { readonly least: number; readonly most: number } | undefined;
}

function recomputed(document: CertificateDocument, data: CertifiedData, offsets: OffsetsPair | undefined): Recomputed {
  if (document.problem.objective === 'phase-retrieval') return { ...phaseValue(document, data), penalty: 0, symmetric: false, rank: undefined };
  const model = modelOf(document as FactoredDocument, data, offsets?.stored);
  const at = evaluate(model);
  return { value: at.value, zeroValue: at.zeroValue, found: lowerBoundOf(model, document.evidence, at), penalty: model.penalty, symmetric: model.symmetric, rank: rankRange(model.pair) };
}

/** The stored offsets are the means of the data, to rounding, and what their digest says. */
function offsetClaims({ evidence }: CertificateDocument, data: CertifiedData, offsets: OffsetsPair | undefined): CheckedClaim[] {
  if (offsets === undefined || data === undefined) return [];
  const { values } = data;
  const { stored, recomputed: expected } = offsets;
  const flat = ({ global, rows, cols }: OffsetsPair['stored']): number[] => [global, ...rows, ...cols];
  const means = flat(expected);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = flat(stored).reduce((most, mean, k) => Math.max(most, Math.abs(mean - means[k]!)), 0);
  // three sums, one after the other, in any order, here and there
  const tolerance = 8 * (values.length + 10) * 2 ** -53 * largest;
  return [
    same('offsets', evidence.offsets!.digest, offsetsDigest(stored)),
    { claim: 'offsets from means', stated: 0, recomputed: apart, tolerance, ok: apart <= tolerance },
  ];
}

const same = (claim: string, stated: string, recomputed: string): CheckedClaim => ({ claim, stated, recomputed, tolerance: 0, ok: stated === recomputed });

const near = (claim: string, stated: number, recomputed: number, tolerance: number): CheckedClaim => ({ claim, stated, recomputed, tolerance, ok: Math.abs(stated - recomputed) <= tolerance });

/** A larger number claims more. */
const atMost = (claim: string, stated: number, recomputed: number, tolerance: number): CheckedClaim => ({ claim, stated, recomputed, tolerance, ok: stated <= recomputed + tolerance });

/** A smaller number claims more. */
const atLeast = (claim: string, stated: number, recomputed: number, tolerance: number): CheckedClaim => ({ claim, stated, recomputed, tolerance, ok: stated >= recomputed - tolerance });

/** Of what cannot be negative. */
const noSmaller = (claim: string, stated: number, recomputed: number, tolerance: number): CheckedClaim => ({ ...atLeast(claim, stated, recomputed, tolerance), ok: stated >= Math.max(0, recomputed - tolerance) });

function normClaim(symmetric: boolean, stated: number | null, recomputed: number | null, tolerance: number): CheckedClaim {
  const claim = symmetric ? 'least eigenvalue' : 'norm';
  if (stated === null || recomputed === null) return { claim, stated, recomputed, tolerance, ok: stated === recomputed };
  return symmetric ? atMost(claim, stated, recomputed, tolerance) : atLeast(claim, stated, recomputed, tolerance);
}

function rankClaim(stated: number | null, range: Recomputed['rank']): CheckedClaim {
  if (range === undefined) return { claim: 'rank', stated, recomputed: null, tolerance: 0, ok: stated === null };
  const { least, most } = range;
  return { claim: 'rank', stated, recomputed: least, tolerance: most - least, ok: stated !== null && stated >= least && stated <= most };
}
