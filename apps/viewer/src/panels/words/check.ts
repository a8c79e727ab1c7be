/** What a checker did, in words: each claim, what it states, what came out when it was computed again. */
import type { CheckView } from '../../model/types.ts';
import { short } from '../draw/scale.ts';

export interface ClaimWords {
  readonly claim: string;
  readonly stated: string;
  readonly recomputed: string;
  readonly ok: boolean;
}

const names: Readonly<Record<string, string>> = {
  words: 'the problem in words',
  data: 'fingerprint of the data (SHA-256)',
  offsets: 'fingerprint of the means taken off',
  'offsets from means': 'means taken off, less those of the data',
  multiplier: 'the point of the dual problem is feasible',
  value: 'value at the point',
  'lower bound': 'no value is below',
  gap: 'at most so far above the least value',
  'relative gap': 'the same, relative',
  'least eigenvalue': 'least eigenvalue of the gradient, at least',
  norm: 'norm of the gradient, at most',
  rank: 'rank of the matrix',
  'failure probability': 'chance that a bound fails, at most',
  verdict: 'verdict',
};

export const claimsOf = ({ claims }: CheckView): ClaimWords[] =>
  claims.map(({ claim, stated, recomputed, ok }) => ({ claim: names[claim] ?? claim, stated: shown(claim, stated, ok), recomputed: ok && isLong(claim, recomputed) ? 'the same' : shown(claim, recomputed, ok), ok }));

/** Fingerprints and sentences. */
const isLong = (claim: string, value: CheckView['claims'][number]['stated']): value is string => typeof value === 'string' && claim !== 'multiplier' && value.length > 20;

/** Numbers that fail have all digits that tell them apart; fingerprints and long words their first ones. */
function shown(claim: string, value: CheckView['claims'][number]['stated'], ok: boolean): string {
  if (value === null) return 'none';
  if (typeof value === 'number') return ok ? short(value) : String(value);
  return isLong(claim, value) ? `${value.slice(0, claim === 'words' ? (ok ? 12 : 60) : 8)}…` : value;
}

/** Whether everything holds, and how that was found out. */
export function checkSentence({ ok, claims, data, seconds, document }: CheckView): string {
  const failed = claims.filter((claim) => !claim.ok).map(({ claim }) => claim);
  const how = `${data} The checker computed ${claims.length} claims again from them and from the point, in ${short(Number(seconds.toPrecision(2)))} s; it shares no code with what made the certificate but linear algebra.`;
  const least = document.claims.verdict === 'global-minimum' ? '' : ' That the point is a global minimum is not among them, nor what else it is.';
  return ok ? `Checked: every claim holds. ${how}${least}` : `Rejected: ${failed.join(', ')}. ${how}`;
}
