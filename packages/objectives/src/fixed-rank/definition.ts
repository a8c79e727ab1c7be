import { options, type Capability, type Infer, type ObjectiveDefinition, choice } from '@lowland/core';

import { givenRank, rankOption } from '../factored/definition.ts';
import { matrixCompletion } from '../matrix-completion/completion.ts';
import { completionDefinition } from '../matrix-completion/definition.ts';
import { matrixFactorization } from '../matrix-factorization/asymmetric.ts';
import { factorizationDefinition } from '../matrix-factorization/definition.ts';
import { sensingDefinition } from '../matrix-sensing/definition.ts';
import { matrixSensing } from '../matrix-sensing/sensing.ts';
import { fixedRank } from './fixed-rank.ts';

const provides = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'geometry', 'residual', 'factored', 'truth', 'grow'] as const satisfies readonly Capability[];
const reference = 'Vandereycken 2013, arXiv:1209.3834';

const factorizationOptions = options({ rank: rankOption });
export const fixedRankFactorizationDefinition = {
  apiVersion: 1,
  id: 'fixed-rank-matrix-factorization',
  summary: 'The nearest matrix of fixed rank, on the manifold of these.',
  whenToUse: 'To compare methods on the manifold with those on factors: its stationary points are the same where the rank is full, and it knows no scaling of factors.',
  formula: '1/2 |X - M|^2 over X = U S V^T of rank r, U^T U = V^T V = I',
  reference,
  data: 'matrix',
  provides,
  options: factorizationOptions,
  create: ({ rank }, target) => fixedRank(matrixFactorization({ target, rank: givenRank(rank) })),
  generate: factorizationDefinition.generate,
} as const satisfies ObjectiveDefinition<Infer<typeof factorizationOptions>, 'matrix'>;

const completionOptions = options({
  rank: rankOption,
  center: choice(['none', 'global', 'bias'], { default: 'global', summary: 'means taken off first: none, the global one, or global, row and column means' }),
});
export const fixedRankCompletionDefinition = {
  apiVersion: 1,
  id: 'fixed-rank-matrix-completion',
  summary: 'A matrix of fixed rank from some of its entries, on the manifold of these.',
  whenToUse: 'When the rank is known and there is no noise to penalise: with `riemannian-conjugate-gradient` few iterations at any condition number. Certificates and `--rank auto` are for `matrix-completion`.',
  formula: '1/2 sum over observed (i, j) of w_ij (X_ij - b_ij)^2 over X = U S V^T of rank r, U^T U = V^T V = I',
  reference,
  data: 'entries',
  provides,
  options: completionOptions,
  create: ({ rank, center }, entries) => fixedRank(matrixCompletion({ entries, rank: givenRank(rank), center })),
  generate: completionDefinition.generate,
} as const satisfies ObjectiveDefinition<Infer<typeof completionOptions>, 'entries'>;

const sensingOptions = options({
  rank: rankOption,
  normalisation: choice(['sum', 'mean'], { default: 'sum', summary: 'c of (c/2)|a(X) - b|^2: 1, or 1/m' }),
});
export const fixedRankSensingDefinition = {
  apiVersion: 1,
  id: 'fixed-rank-matrix-sensing',
  summary: 'A matrix of fixed rank from linear measurements, on the manifold of these.',
  whenToUse: 'When the rank is known and there is no noise to penalise.',
  formula: '(c/2) |a(X) - b|^2 over X = U S V^T of rank r, U^T U = V^T V = I',
  reference,
  data: 'measurements',
  provides,
  options: sensingOptions,
  create: ({ rank, normalisation }, measurements) => fixedRank(matrixSensing({ measurements, rank: givenRank(rank), normalisation })),
  generate: sensingDefinition.generate,
} as const satisfies ObjectiveDefinition<Infer<typeof sensingOptions>, 'measurements'>;
