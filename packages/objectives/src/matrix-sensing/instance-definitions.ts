import { integer, number, options, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { sharedCapabilities } from '../factored/definition.ts';
import { weightedTwoByTwo } from '../matrix-factorization/weighted-two-by-two.ts';
import { betaFamily, ring } from './instances.ts';

const squares = [...sharedCapabilities, 'lift'] as const;
const noSquares = squares.filter((name) => name !== 'residual');
const rank = (columns: number, most?: number) => integer({ min: 1, ...(most !== undefined && { max: most }), default: columns, summary: 'columns of X' });

const betaOptions = options({ beta: number({ default: 1.2, summary: 'above 1 there is a spurious minimum' }), rank: rank(1, 2) });
export const betaFamilyDefinition = {
  apiVersion: 1,
  id: 'beta-family',
  summary: 'A 2 x 2 sensing problem with a spurious minimum for beta > 1, the edge of the restricted isometry constant 1/2.',
  whenToUse: 'To see a spurious minimum appear as measurements get worse, and vanish with a column to spare.',
  formula: 'E11^2 + E11 E22 + E22^2 + 3 beta^2 E12^2, E = X X^T - e1 e1^T',
  reference: 'Zhang, Josz, Sojoudi, Lavaei 2018, arXiv:1805.10251',
  data: 'none',
  provides: [...squares, 'ensemble', 'hessianVectorProducts'],
  options: betaOptions,
  create: ({ beta, rank: columns }) => betaFamily(beta, columns),
} as const satisfies ObjectiveDefinition<Infer<typeof betaOptions>, 'none'>;

const ringOptions = options({
  n: integer({ min: 3, default: 6, summary: 'vertices of the cycle' }),
  gamma: number({ above: 0, default: 4, summary: 'weight of the penalty that rows have length 1' }),
  rank: rank(2),
});
export const ringDefinition = {
  apiVersion: 1,
  id: 'ring',
  summary: 'The cycle whose twisted state is a second-order point that is not global, as a penalty; a strict saddle with a column more.',
  whenToUse: 'To see where rank-deficient starts may end, and that a column more leaves no spurious minimum.',
  formula: '<C, X X^T> + (gamma/2) sum over i of (|x_i|^2 - 1)^2, C = -adjacency of the n-cycle',
  reference: 'twisted states: Wiley, Strogatz, Girvan 2006, Chaos 16, 015103',
  data: 'none',
  provides: noSquares,
  options: ringOptions,
  create: ({ n, gamma, rank: columns }) => ring(n, gamma, columns),
} as const satisfies ObjectiveDefinition<Infer<typeof ringOptions>, 'none'>;

const weightedOptions = options({ a: number({ above: 0, max: 1, default: 0.1, summary: 'weight of the entries off the diagonal; below 1/3 there is a spurious minimum' }), rank: rank(1, 2) });
export const weightedTwoByTwoDefinition = {
  apiVersion: 1,
  id: 'weighted-two-by-two',
  summary: 'The least weighted problem with a spurious minimum, for weights a < 1/3 off the diagonal.',
  whenToUse: 'To see the share of starts that a spurious minimum attracts.',
  formula: '1/2 sum of W_ij ((X X^T)_ij - 1)^2, W = [[1, a], [a, 1]]',
  reference: 'Li, Tang 2017, arXiv:1611.03060; Zhu, Li, Tang, Wakin 2018, arXiv:1703.01256',
  data: 'none',
  provides: squares,
  options: weightedOptions,
  create: ({ a, rank: columns }) => weightedTwoByTwo(a, columns),
} as const satisfies ObjectiveDefinition<Infer<typeof weightedOptions>, 'none'>;
