import type { CertificateDocument } from '@lowland/landscape/checker';
import { describe, expect, it } from 'vitest';

import type { CheckView, VerdictView } from '../../model/types.ts';
import { checkSentence, claimsOf } from './check.ts';
import { heading, sentencesOf } from './verdict.ts';

const verdict = (kind: VerdictView['kind']): VerdictView => ({ kind, sentence: 'So it is.', reason: null, problem: null, rule: null, value: 1, gap: 0.5, relativeGap: 0.5, lowerBound: 0.5, tolerance: 1e-6, rank: 1, normBound: null, failureProbability: 0, gradient: null, curvature: null });
const check = (verdict: CertificateDocument['claims']['verdict'], ok = true): CheckView => ({
  ok,
  document: { claims: { verdict } } as CertificateDocument,
  data: 'The data are those of the run.',
  seconds: 0.1234,
  claims: [
    { claim: 'words', stated: 'minimise 1/4 |X X^T - M|^2 over all real 5 x 2 matrices X, M as given', recomputed: 'minimise 1/4 |X X^T - M|^2 over all real 5 x 2 matrices X, M as given', tolerance: 0, ok: true },
    { claim: 'value', stated: 1.00000000001, recomputed: 1, tolerance: 1e-8, ok },
    { claim: 'norm', stated: null, recomputed: null, tolerance: 0, ok: true },
  ],
});

describe('a verdict that was checked', () => {
  it('is called so where the checker vouches for it: of a global minimum', () => {
    expect(heading(verdict('global-minimum'), 'checked')).toBe('A global minimum, checked');
    expect(heading(verdict('second-order-point'), 'checked')).toBe('A second-order point');
    expect(heading(verdict('second-order-point'), 'rejected')).toBe('A second-order point: rejected by the checker');
    expect(checkSentence(check('not-certified'))).toMatch(/That the point is a global minimum is not among them, nor what else it is\.$/);
    expect(checkSentence(check('global-minimum'))).toBe('Checked: every claim holds. The data are those of the run. The checker computed 3 claims again from them and from the point, in 0.12 s; it shares no code with what made the certificate but linear algebra.');
  });

  it('from a file asks to be checked until it is', () => {
    expect(sentencesOf(verdict('global-minimum'), 'claimed').join(' ')).toMatch(/not checked yet/);
    for (const standing of ['own', 'checked', 'rejected'] as const) expect(sentencesOf(verdict('global-minimum'), standing).join(' ')).not.toMatch(/not checked yet/);
  });

  it('shows short numbers where claims hold, all digits where not, and nothing as none', () => {
    expect(claimsOf(check('global-minimum')).map(({ stated, recomputed }) => [stated, recomputed])).toEqual([['minimise 1/4…', 'the same'], ['1', '1'], ['none', 'none']]);
    expect(claimsOf(check('global-minimum', false))[1]).toMatchObject({ stated: '1.00000000001', recomputed: '1', ok: false });
    expect(checkSentence(check('global-minimum', false))).toMatch(/^Rejected: value\. /);
  });
});
