import { choice, integer, number, options, type DataGenerator, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { givenRank, rankOption } from '../factored/definition.ts';
import { constrainedFactorization } from './constrained-factorization.ts';
import { generateConstraints, generateGraph, generateOrthogonalCut } from './generate.ts';
import { maxCut } from './max-cut.ts';
import { orthogonalCut } from './orthogonal-cut.ts';

const shared = {
  rank: rankOption,
  merit: choice(['penalty', 'augmented', 'fletcher'], { default: 'penalty', summary: 'merit function; augmented: with multipliers that are zero here' }),
  weight: number({ above: 0, default: 10, summary: 'gamma, the weight of the squared constraints' }),
};
const provides = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'blockGradient', 'constraints', 'factors', 'symmetry', 'grow', 'truth', 'scale', 'lift'] as const;
const formula = 'h = phi + <l, c> + (gamma/2) |c|^2, c = a(U U^T) - b, l = 0, given, or l(U) = argmin |(grad phi + a*(l)) U|';

const factorizationOptions = options(shared);
const constraintOptions = options({
  rows: integer({ min: 1, default: 20, summary: 'n' }),
  rank: integer({ min: 1, default: 2, summary: 'rank of the planted matrix' }),
  constraints: integer({ min: 0, default: 0, summary: 'their number; 0: three for each degree of freedom, too many for the merit fletcher' }),
  trace: number({ above: 0, default: 2, summary: 'trace of the planted matrix' }),
});
export const constrainedFactorizationDefinition = {
  apiVersion: 1,
  id: 'constrained-factorization',
  summary: 'A psd matrix of least cost under linear constraints: a(U U^T) = b (values), <C, U U^T> (linear).',
  whenToUse: 'For semidefinite programs with few constraints, by factors of low rank. Take the merit `augmented` or a method for constraints to meet them exactly; `penalty` meets them in part.',
  formula,
  reference: 'Burer, Monteiro 2003, doi:10.1007/s10107-002-0352-8; Eftekhari 2022, arXiv:2112.13269',
  data: 'measurements',
  provides: [...provides, 'predict'],
  options: factorizationOptions,
  create: ({ rank, ...given }, constraints) => constrainedFactorization({ constraints, rank: givenRank(rank), ...given }),
  generate: { options: constraintOptions, create: generateConstraints } satisfies DataGenerator<Infer<typeof constraintOptions>, 'measurements'>,
} as const satisfies ObjectiveDefinition<Infer<typeof factorizationOptions>, 'measurements'>;

const graphOptions = options({
  kind: choice(['cycle', 'complete', 'bipartite', 'random'], { default: 'random', summary: 'which graph' }),
  size: integer({ min: 1, default: 30, summary: 'nodes' }),
  density: number({ min: 0, max: 1, default: 0.5, summary: 'of random graphs: part of the pairs that are edges' }),
  weight: number({ default: 1, summary: 'weight of every edge' }),
});
export const maxCutDefinition = {
  apiVersion: 1,
  id: 'max-cut',
  summary: 'Max-cut relaxed to unit vectors: min sum of w_ij <u_i, u_j>, |u_i| = 1.',
  whenToUse: 'For bounds on max-cut, and as the standard test of low-rank semidefinite programs: a rank above the root of twice the number of vertices has no spurious minima in general.',
  formula,
  reference: 'Goemans, Williamson 1995, doi:10.1145/227683.227684; Burer, Monteiro 2003, doi:10.1007/s10107-002-0352-8',
  data: 'entries',
  provides,
  options: factorizationOptions,
  create: ({ rank, ...given }, graph) => maxCut({ graph, rank: givenRank(rank), ...given }),
  generate: { options: graphOptions, create: generateGraph } satisfies DataGenerator<Infer<typeof graphOptions>, 'entries'>,
} as const satisfies ObjectiveDefinition<Infer<typeof factorizationOptions>, 'entries'>;

const orthogonalOptions = options({ ...shared, size: integer({ min: 1, default: 2, summary: 'd, rows of a block' }) });
const rotationOptions = options({
  blocks: integer({ min: 1, default: 20, summary: 'their number' }),
  size: integer({ min: 1, default: 2, summary: 'd, rows of a block' }),
  noise: number({ min: 0, default: 0, summary: 'standard deviation on the entries' }),
});
export const orthogonalCutDefinition = {
  apiVersion: 1,
  id: 'orthogonal-cut',
  summary: 'Blocks with orthonormal rows: min <C, U U^T>, U_k U_k^T = I. Synchronisation of rotations.',
  whenToUse: 'For synchronisation of rotations and other problems over Stiefel blocks.',
  formula,
  reference: 'Bandeira, Kennedy, Singer 2016, arXiv:1308.5207; Boumal 2016, arXiv:1506.00575',
  data: 'matrix',
  provides,
  options: orthogonalOptions,
  create: ({ rank, ...given }, cost) => orthogonalCut({ cost, rank: givenRank(rank), ...given }),
  generate: { options: rotationOptions, create: generateOrthogonalCut } satisfies DataGenerator<Infer<typeof rotationOptions>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof orthogonalOptions>, 'matrix'>;
