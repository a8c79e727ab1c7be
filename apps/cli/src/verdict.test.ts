import type { Certificate, Classification } from '@lowland/landscape';
import { expect, test } from 'vitest';

import { jsonText } from './data/write.ts';
import { noVerdict, verdictOf } from './verdict.ts';

const nothingProved: Certificate = {
  kind: 'not-certified',
  rule: null,
  value: 2,
  lowerBound: null,
  gap: null,
  relativeGap: null,
  slack: 0,
  tolerance: 1e-6,
  rank: 2,
  normBound: null,
  multiplier: null,
  shift: null,
  problem: null,
  failureProbability: 0,
  reason: 'no rule applies',
};
const proved: Certificate = {
  ...nothingProved,
  kind: 'global-minimum',
  rule: 'nuclear-norm',
  lowerBound: 2 - 1e-7,
  gap: 1e-7,
  relativeGap: 5e-8,
  normBound: { value: 1, rule: 'deflated-block', failureProbability: 1e-10 },
  failureProbability: 1e-10,
  problem: 'minimise something',
  reason: null,
};
const gradient = { norm: 1e-9, scale: 1, relative: 1e-9, tolerance: 1e-6 };
const saddle: Classification = {
  kind: 'strict-saddle',
  reason: 'negative curvature',
  gradient,
  curvature: {
    smallest: { lower: null, upper: -0.5 },
    largest: 4,
    threshold: 1e-8,
    hessianLipschitz: 1,
    method: 'spectrum',
    failureProbability: 0,
    morseIndex: 1,
    nullity: null,
    spectrum: null,
  },
  symmetry: { group: null, dimension: 0, balanced: false, raw: null },
  escape: null,
};

test('a certificate comes first, and its chance of failure is said', () => {
  const verdict = verdictOf(proved, saddle);
  expect(verdict).toMatchObject({ kind: 'global-minimum', rule: 'nuclear-norm', gap: 1e-7, relativeGap: 5e-8, reason: null, problem: 'minimise something' });
  expect(verdict.sentence).toMatch(/^Global minimum, proved \(except with probability 1e-10 over the seed\).*5\.0e-8\.$/);
});

test('without one, the kind is that of the point, and nothing is called proved', () => {
  const verdict = verdictOf(nothingProved, saddle);
  expect(verdict).toMatchObject({ kind: 'strict-saddle', gap: null, reason: 'no rule applies; negative curvature', curvature: { upper: -0.5, lower: null } });
  expect(verdict.sentence).toBe('Strict saddle, no minimum.');
});

test('a gap that is proved but too wide is said beside the kind', () => {
  const wide: Certificate = { ...proved, kind: 'not-certified', gap: 0.5, relativeGap: 0.25, reason: 'too wide' };
  const { kind, sentence } = verdictOf(wide, { ...saddle, kind: 'second-order-point', reason: null });
  expect(kind).toBe('second-order-point');
  expect(sentence).toMatch(/not certified to be global\. The value is proved to be within 0\.5 of the least one\.$/);
});

test.each(['first-order-point', 'not-stationary'] as const)('%s has a sentence of its own', (kind) => {
  const { sentence } = verdictOf(nothingProved, { ...saddle, kind });
  expect(sentence).toMatch(kind === 'not-stationary' ? /gradient is 1\.0e-9 of its scale/ : /between minus infinity and -0\.5/);
});

test('where there is no verdict there is a reason, and JSON stays JSON', () => {
  const verdict = noVerdict('the run was interrupted', 1e-6);
  expect(verdict).toMatchObject({ kind: null, gap: null, reason: 'the run was interrupted' });
  const text = jsonText({ verdict, value: NaN, gap: Infinity, spectrum: [1, -Infinity] });
  expect(JSON.parse(text)).toEqual({ verdict, value: null, gap: null, spectrum: [1, null] });
});
