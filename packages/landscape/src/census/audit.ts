/**
 * The Euler audit of a census (rigour.md C2).
 */
import type { Coercivity } from './coercive.ts';

export interface Audit {
  readonly status: 'passed' | 'failed' | 'refused';
  /** Sum of chi(orbit) (-1)^index; null where refused. */
  readonly sum: number | null;
  /** Share of the orbits whose Euler characteristic is 0: the audit does not see whether they are there. */
  readonly blind: number | null;
  /** What this proves, or why the audit was refused. */
  readonly statement: string;
}

export interface Audited {
  readonly index: number | null;
  readonly nullity: number;
  readonly euler: number | null;
}

/**
 * A coercive Morse-Bott function on R^n has sum over its critical orbits of chi(orbit) (-1)^index = chi(R^n) = 1 (Bott 1954). A list for which
 * that fails is not complete; where it holds nothing is proved, as what is missing may cancel, or weigh 0.
 */
export function eulerAudit(orbits: readonly Audited[], coercive: Coercivity): Audit {
  const refused = (reason: string): Audit => ({ status: 'refused', sum: null, blind: null, statement: `No audit: ${reason}.` });
  if (!coercive.holds) return refused(coercive.because);
  if (orbits.some(({ index, nullity }) => index === null || nullity > 0)) return refused('some points are degenerate beyond their orbits, so f is not Morse-Bott');
  let [sum, blind] = [0, 0];
  for (const { index, euler } of orbits) {
    if (euler === null) return refused('some orbits are not compact');
    sum += euler * (index! % 2 === 0 ? 1 : -1);
    if (euler === 0) blind++;
  }
  const share = orbits.length === 0 ? 0 : blind / orbits.length;
  const unseen = blind === 0 ? '' : ` ${blind} of the ${orbits.length} orbits weigh 0 in it.`;
  return sum === 1
    ? { status: 'passed', sum, blind: share, statement: `The sum is 1, as it must be for a complete list; that proves nothing: what is missing may cancel.${unseen}` }
    : { status: 'failed', sum, blind: share, statement: `The sum is ${sum} and not 1: stationary points are missing. That is proved.${unseen}` };
}
