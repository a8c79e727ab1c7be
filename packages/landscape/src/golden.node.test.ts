import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

/** Items of founding-papers.md, section 19, in front of its tests: from the folder of packages, a part of their titles. */
const goldenNumbers: readonly (readonly [item: string, file: string, ...titles: string[]])[] = [
  ['1', 'landscape/src/golden.test.ts', 'keeping %j: least curvature %d', 'f(0) = 10.375, f* = .875; at {5, 3, 2} three null directions, then 1'],
  ['1', 'landscape/src/census/census.test.ts', 'all 15 orbits and no other'],
  ['1', 'landscape/src/classify/classify.test.ts', 'tells 15 orbits apart'],
  ['1', 'landscape/src/certify.test.ts', 'symmetric, golden 1 with %i columns: the least value is %d (rigour.md A6)'],
  ['1', 'objectives/src/matrix-factorization/symmetric.test.ts', 'has 15 orbits of stationary points, each with the spectrum of 3.3', 'keeps %j: least curvature %d', 'has f* = 0.625 at rank %d'],
  ['2', 'landscape/src/golden.test.ts', '2: M = diag(5, 3, 2, 0, 0, 0)'],
  ['2', 'landscape/src/groups/nullity-report.test.ts', 'M = diag(5, 3, 2, 0, 0, 0) with %d columns: %d zeros'],
  ['2', 'objectives/src/matrix-factorization/symmetric.test.ts', 'has the spectrum {0 x3, 2 x3, 3 x3, 4, 5 x4, 6, 7, 8, 10} at its minimum', 'has nine null directions with a fourth column'],
  ['3', 'objectives/src/matrix-factorization/symmetric.test.ts', 'curves along the orbit by q(X Omega) = -<grad f(X), X Omega^2>'],
  ['4', 'landscape/src/golden.test.ts', 'c = %d: %d null directions, then 1.5, up to %d'],
  ['4', 'landscape/src/groups/nullity-report.test.ts', 'balance %d: %d zeros, all of the orbit, also far out on it'],
  ['4', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'has the spectrum of 4.4 at every balanced stationary point'],
  ['5', 'landscape/src/golden.test.ts', '5: scaled by t = 3, from .166667 to 36.4444'],
  ['5', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'scaled by t = %d: curvature from 1.5/t^2 to 4 (t^2 + t^-2)'],
  ['6', 'landscape/src/golden.test.ts', '6: the unbalanced saddle U = 0, V = %d w has the least curvature %d'],
  ['6', 'landscape/src/classify/classify.test.ts', 'finds the curvature of unbalanced saddles without a balanced representative'],
  ['7', 'landscape/src/golden.test.ts', 'R1 is tight at -1/4', 'is tight at 3/4 sigma_1^3', 'rank one: -1/4 and 49/64 are reached, .1227 is the infimum between them'],
  ['7', 'landscape/src/regions/regions.test.ts', 'what is said holds at random points'],
  ['7', 'objectives/src/matrix-factorization/regions.test.ts', 'horizontal curvature of at least sigma_r^2 / 2', 'sampled gradients above 1/9 sigma_r^4 / sigma_1'],
  ['8', 'landscape/src/golden.test.ts', '8: lambda = (3, 1): curvatures 1 and 6'],
  ['8', 'optimizers/src/gradient-descent/gradient-descent.test.ts', 'has the local rate of the spectrum: step %f, rate %f', 'diverges just above 1/3, and settles just below'],
  ['8b', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'F = 1/8 |W W^T - K|^2 - 1/2 |M|^2'],
  ['9', 'landscape/src/dynamics/trackers.test.ts', 'is exact along gradient descent, whatever the step rule', 'recursions are exact and the bounds of both stages hold'],
  ['9', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'moves U^T U - V^T V by exactly eta^2', 'follows the recursions of the symmetrised blocks for a diagonal target'],
  ['10', 'objectives/src/matrix-sensing/sensing.test.ts', 'holds at every point, noise %d'],
  ['11', 'landscape/src/golden.test.ts', '11: beta = %d: f = 3/4, Hessian diag(3 beta^2 - 3, 4), -3 with a column more'],
  ['11', 'objectives/src/matrix-sensing/sensing.test.ts', 'the RIP constant over all symmetric matrices is (1.5 beta^2 - .5)/(1.5 beta^2 + .5) = %d'],
  ['12', 'landscape/src/golden.test.ts', 'n = %i: the twisted state has the value %d', 'the dual bound is the optimum -2n'],
  ['12', 'landscape/src/shifted-bound.test.ts', 'the bound is the optimum although the point is spurious'],
  ['12', 'objectives/src/constrained/facts.test.ts', 'its dual bound is the optimum'],
  ['13', 'landscape/src/golden.test.ts', 'real, n = 5: 12, 4 … at u', 'complex, n = 3: 0, 8, 2 … at u'],
  ['14', 'landscape/src/golden.test.ts', '(L - 1) d^2 null directions at an exact fit', 'the Hessian at 0 vanishes for %i layers'],
  ['15', 'landscape/src/golden.test.ts', 'keeping %j: %d'],
  ['15', 'landscape/src/certify.test.ts', 'certifies the minimum 6.745, where |G| equals the penalty with multiplicity 3'],
  ['15', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'has the spectrum of 4.8 at {4, 2.5} with an empty column'],
  ['16', 'landscape/src/golden.test.ts', '16: the dual gap is above the true one at every point'],
  ['16', 'landscape/src/certificate.property.test.ts', 'penalised problems', 'known targets and exact fits'],
];

/** Fixtures of catalogue.md, Part 8, that concern analyses, with the bands of rigour.md G. */
const fixtures: typeof goldenNumbers = [
  ['F01', 'landscape/src/dynamics/trackers.test.ts', 'is exact along gradient descent, whatever the step rule'],
  ['F02', 'landscape/src/trackers/trackers.test.ts', 'balancedness drifts half as far with half the step'],
  ['F03', 'landscape/src/golden.test.ts', 'rank %i, keeping %j'],
  ['F03', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'rank %d, keeping %j: index %d, least curvature %d', 'has 9, 24, 37, 37 and 48 null directions at the rank-3 points of a 12 x 10 target'],
  ['F04', 'objectives/src/matrix-factorization/asymmetric.test.ts', 'scaled by %d, sigma = (3, 1): curvature up to %d and from %d, F04'],
  ['F06', 'objectives/src/matrix-factorization/weighted-two-by-two.test.ts', 'has a spurious minimum exactly for a < 1/3 (F06)'],
  ['F08', 'objectives/src/linear-network/linear-network.test.ts', 'has no curvature at the origin from three layers on'],
  ['F11', 'objectives/src/phase-retrieval/phase-retrieval.test.ts', 'real: its stationary points have the spectra'],
  ['F12', 'objectives/src/phase-retrieval/phase-retrieval.test.ts', 'complex: {-4, -4, -2 …}, {-2, -2, 0 …, 4}, {0, 2 …, 8} (F12)'],
  ['F26', 'landscape/src/dynamics/exits.test.ts', 'E tau at beta = %d is %d, %d times the law of Eyring and Kramers'],
  ['F27', 'landscape/src/dynamics/rates.test.ts', 'mu* in closed form, a = %d, k = %d'],
  ['F28', 'landscape/src/dynamics/exits.test.ts', 'strength %d: %d', 'F28: within 10 % of the backward equation for strengths 0 to 3'],
  ['F29', 'landscape/src/dynamics/rates.test.ts', 'with inertia the best rate is sqrt m, at gamma = 2 sqrt m'],
  ['F34', 'landscape/src/trackers/trackers.test.ts', 'sharpness of a deep linear network at rest is at most 2.05/eta (F34)'],
  ['F40', 'landscape/src/convex-lifting.test.ts', 'certifies the optimum from rank 1 after at most three lifts (F40), seed %i'],
  ['F41', 'optimizers/src/proximal/proximal.test.ts', 'ends where its certificate holds: |P(M - Z)|_2 = lambda'],
  ['F43', 'landscape/src/spectrum/spectrum.test.ts', 'estimates trace and count within their errors (F43)', 'F43: the mean of quadratic forms by signs lies within five of its standard deviations'],
  ['F44', 'optimizers/src/riemannian/dictionary.test.ts', 'gradient descent on the sphere comes to a column of the dictionary (F44)'],
  ['F54', 'landscape/src/connections/connections.test.ts', 'straight to -X it is f(0); aligned, or by a rotation, nothing', 'with one column more the reflection is a rotation'],
  ['F56', 'landscape/src/trackers/trackers.test.ts', 'effective rank rests at 1, 1.89 and 2.29 while components are learnt (F56)'],
];

const packages = new URL('../../', import.meta.url);

it.each([...goldenNumbers, ...fixtures])('%s is a test in %s', (_item, file, ...titles) => {
  const source = readFileSync(new URL(file, packages), 'utf8');
  for (const title of titles) expect(source).toContain(title);
});

it('no golden number is left out', () => {
  const items = ['1', '2', '3', '4', '5', '6', '7', '8', '8b', '9', '10', '11', '12', '13', '14', '15', '16'];
  expect([...new Set(goldenNumbers.map(([item]) => item))]).toEqual(items);
});
