import { expect, test } from 'vitest';

import { didYouMean, editDistance } from './suggest.ts';

test.each([
  ['', '', 0],
  ['rank', 'rank', 0],
  ['rank', 'ranks', 1],
  ['lbfgs', 'lbgfs', 1],
  ['kitten', 'sitting', 3],
])('%j and %j are %i edits apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

const names = ['matrix-completion', 'matrix-factorization', 'matrix-sensing'];

test.each([
  ['matrix-completon', 'matrix-completion'],
  ['Matrix-Sensing', 'matrix-sensing'],
  ['matrix-fact', 'matrix-factorization'],
])('%s suggests %s', (given, expected) => {
  expect(didYouMean(given, names)).toContain(`"${expected}"`);
});

test('what is like nothing suggests nothing', () => {
  expect(didYouMean('phase', names)).toBe('');
});
