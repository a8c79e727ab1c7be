import { boolean, integer, number, options, type DataGenerator, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { zeroOrOne } from '../factored/definition.ts';
import { brockett } from './brockett.ts';
import { generalizedEigenvalue, principalComponents } from './generalized-eigenvalue.ts';
import { generatePencil, generateVariables } from './generate.ts';

const provides = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'geometry', 'symmetry', 'truth'] as const;
const size = integer({ min: 1, default: 20, summary: 'n' });
const ratio = number({ above: 0, max: 1, default: 0.8, summary: 'of each eigenvalue (standard deviation) to the one before' });

const eigenvalueOptions = options({ rank: integer({ min: 1, default: 1, summary: 'eigenvectors sought together' }) });
const pencilOptions = options({ size, ratio, generalized: zeroOrOne('1: with a B that is not the identity') });
export const generalizedEigenvalueDefinition = {
  apiVersion: 1,
  id: 'generalized-eigenvalue',
  summary: 'Leading eigenvectors of A x = lambda B x, from A or from A above B.',
  whenToUse: 'To study eigenvectors as an optimization problem, saddles included, or where products with A are all there is. For a dense matrix that fits in memory an eigenvalue decomposition is faster.',
  formula: '-1/2 tr((X^T B X)^-1 X^T A X)',
  reference: 'Chen, Yang, Haupt, Zhao 2018, arXiv:1803.10938',
  data: 'matrix',
  provides,
  options: eigenvalueOptions,
  create: (given, data) => generalizedEigenvalue({ data, ...given }),
  generate: { options: pencilOptions, create: generatePencil } satisfies DataGenerator<Infer<typeof pencilOptions>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof eigenvalueOptions>, 'matrix'>;

const componentOptions = options({
  rank: integer({ min: 1, default: 1, summary: 'components sought together' }),
  center: boolean({ default: true, summary: 'take the mean of each column off' }),
});
const variableOptions = options({ samples: integer({ min: 1, default: 100, summary: 'rows' }), size, ratio });
export const principalComponentsDefinition = {
  apiVersion: 1,
  id: 'principal-components',
  summary: 'Principal components of samples, without forming their covariance.',
  whenToUse: 'For the leading components of samples with many variables; the covariance is never formed.',
  formula: '-1/2 tr((X^T X)^-1 X^T A X), A the covariance',
  reference: 'Oja 1982, doi:10.1007/BF00275687',
  data: 'matrix',
  provides,
  options: componentOptions,
  create: (given, data) => principalComponents({ data, ...given }),
  generate: { options: variableOptions, create: generateVariables } satisfies DataGenerator<Infer<typeof variableOptions>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof componentOptions>, 'matrix'>;

const brockettOptions = options({ rank: integer({ min: 1, default: 1, summary: 'eigenvectors sought, one by one' }) });
const symmetricOptions = options({ size, ratio });
export const brockettDefinition = {
  apiVersion: 1,
  id: 'brockett',
  summary: 'Leading eigenvectors one by one, on the Stiefel manifold; one of them on the sphere.',
  whenToUse: 'When the eigenvectors themselves are wanted in order, and to see methods on a manifold; for their span `generalized-eigenvalue` serves every method.',
  formula: '-1/2 tr(X^T A X N) with X^T X = I, N = diag(rank, ..., 1)',
  reference: 'Brockett 1991, doi:10.1016/0024-3795(91)90021-N',
  data: 'matrix',
  provides: ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'geometry', 'truth'],
  options: brockettOptions,
  create: (given, data) => brockett({ data, ...given }),
  generate: { options: symmetricOptions, create: generatePencil } satisfies DataGenerator<Infer<typeof symmetricOptions>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof brockettOptions>, 'matrix'>;
