/**
 * The checker: every claim of a certificate, recomputed from the data and the evidence.
 */
import { lowerBoundOf } from './bounds.ts';
import { cellsOf, dataDigest, offsetsDigest, offsetsOf, pairOf, wrong, type CertifiedData, type OffsetsPair } from './data.ts';
import { readCertificate, type CertificateDocument } from './document.ts';
import { evaluate, rankRange } from './evaluate.ts';
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
 * @param data the very numbers that were fitted
 *
 * @throws LOWLAND_E_CERTIFICATE when a field is missing, unknown or of the wrong kind, or the data and the certificate do not go together at all
 * @throws LOWLAND_E_CERTIFICATE_SIZE above 3000 rows and columns, or 2e7 cells
 */
export function checkCertificate(certificate: unknown, data: CertifiedData): CertificateCheck {
  const document = readCertificate(certificate);
  const { problem, evidence, claims: stated } = document;
  if (problem.balance > 0 && (problem.symmetric || problem.objective !== 'matrix-factorization')) throw wrong('only U V^T of a full matrix is balanced');
  const pair = pairOf(document);
  const offsets = offsetsOf(document, data);
  const cells = cellsOf(document, data, offsets?.stored);
  const columns = pair.left.cols;
  const at = evaluate(cells, pair, problem.balance);
  const found = lowerBoundOf(document, cells, at, columns);

  const gap = Math.max(0, at.value - found.lowerBound) + found.slack;
  const unit = Math.max(Math.abs(at.value), 1e-6 * at.zeroValue);
  const relativeGap = gap === 0 ? 0 : gap / unit;
  const tolerance = claimTolerance * unit;
  const rank = rankRange(pair);
  const verdict = relativeGap <= stated.tolerance ? 'global-minimum' : 'not-certified';
  const follows = stated.verdict === (stated.relativeGap <= stated.tolerance ? 'global-minimum' : 'not-certified');
  const normTolerance = claimTolerance * Math.max(cells.penalty, Math.abs(found.normBound ?? 0));

  const claims: CheckedClaim[] = [
    same('words', document.words, inWords(problem, evidence.rule, columns)),
    same('data', evidence.data.digest, dataDigest(data)),
    ...offsetClaims(document, data, offsets),
    ...(evidence.multiplier === null ? [] : [{ claim: 'multiplier', stated: evidence.multiplier, recomputed: found.feasible ? 'feasible' : 'not feasible', tolerance: 0, ok: found.feasible }]),
    near('value', stated.value, at.value, tolerance),
    atMost('lower bound', stated.lowerBound, found.lowerBound, tolerance),
    atLeast('gap', stated.gap, gap, claimTolerance * Math.max(unit, gap)),
    atLeast('relative gap', stated.relativeGap, relativeGap, claimTolerance * Math.max(1, relativeGap)),
    normClaim(problem.symmetric, stated.normBound, found.normBound, normTolerance),
    { claim: 'rank', stated: stated.rank, recomputed: rank.least, tolerance: rank.most - rank.least, ok: stated.rank >= rank.least && stated.rank <= rank.most },
    // Everything here is proved without chance; a probability is at least that.
    { claim: 'failure probability', stated: stated.failureProbability, recomputed: 0, tolerance: 0, ok: stated.failureProbability >= 0 && stated.failureProbability <= 1 },
    { claim: 'verdict', stated: stated.verdict, recomputed: verdict, tolerance: 0, ok: follows && (stated.verdict === verdict || stated.verdict === 'not-certified') },
  ];
  return { ok: claims.every(({ ok }) => ok), claims };
}

/** The stored offsets are the means of the data, to rounding, and what their digest says. */
function offsetClaims({ evidence }: CertificateDocument, { values }: CertifiedData, offsets: OffsetsPair | undefined): CheckedClaim[] {
  if (offsets === undefined) return [];
  const { stored, recomputed } = offsets;
  const flat = ({ global, rows, cols }: OffsetsPair['stored']): number[] => [global, ...rows, ...cols];
  const means = flat(recomputed);
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

function normClaim(symmetric: boolean, stated: number | null, recomputed: number | null, tolerance: number): CheckedClaim {
  const claim = symmetric ? 'least eigenvalue' : 'norm';
  if (stated === null || recomputed === null) return { claim, stated, recomputed, tolerance, ok: stated === recomputed };
  return symmetric ? atMost(claim, stated, recomputed, tolerance) : atLeast(claim, stated, recomputed, tolerance);
}
