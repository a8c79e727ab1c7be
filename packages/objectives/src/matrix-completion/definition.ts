import { choice, integer, number, options, type DataGenerator, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { givenRank, lambdaOption, plantedOptions, rankOption, zeroOrOne } from '../factored/definition.ts';
import { matrixCompletion } from './completion.ts';
import { generateEntries } from './generate.ts';
import { generateRatings } from './ratings.ts';

const schema = options({
  rank: rankOption,
  lambda: lambdaOption,
  center: choice(['none', 'global', 'bias'], { default: 'global', summary: 'means taken off first: none, the global one, or global, row and column means' }),
});

const generator = options({
  ...plantedOptions,
  density: number({ above: 0, max: 1, default: 0.3, summary: 'share of the cells that is observed' }),
  observations: integer({ min: 0, default: 0, summary: 'number of observed cells; 0: density decides' }),
  integer: zeroOrOne('1: ratings from 1 to 5 as people give them, some rows and columns far more often than others'),
});

export const completionDefinition = {
  apiVersion: 1,
  id: 'matrix-completion',
  summary: 'A low-rank matrix from some of its entries.',
  whenToUse: 'When some entries are known and the others are sought. With noise give `lambda` and `--rank auto`: the certificate then covers all ranks. Without noise and with a known rank `lambda` 0 is exact.',
  formula: '1/2 sum over observed (i, j) of w_ij ((U V^T)_ij - b_ij)^2 + (lambda/2)(|U|^2 + |V|^2), b = observed - means',
  reference: 'Candès, Recht 2009, arXiv:0805.4471; Hastie, Mazumder, Lee, Zadeh 2015, arXiv:1410.2596',
  data: 'entries',
  provides: [
    'value',
    'gradient',
    'valueAndGradient',
    'hessianVectorProduct',
    'blockGradient',
    'blockSolve',
    'residual',
    'factors',
    'symmetry',
    'lift',
    'scale',
    'grow',
    'predict',
    'truth',
    'stochasticGradient',
    'estimate',
    'fixedRank',
  ],
  options: schema,
  create: ({ rank, lambda, center }, entries) => matrixCompletion({ entries, rank: givenRank(rank), lambda, center }),
  generate: {
    options: generator,
    create({ integer: ratings, density, observations, condition, ...rest }, seed) {
      if (ratings === 0) return generateEntries({ ...rest, density, observations, condition }, seed);
      // Whole numbers hide what was planted: there is no truth to compare with.
      const count = observations === 0 ? Math.round(density * rest.rows * rest.cols) : observations;
      return { data: generateRatings({ ...rest, observations: count, noise: rest.noise === 0 ? 0.8 : rest.noise }, seed) };
    },
  } satisfies DataGenerator<Infer<typeof generator>, 'entries'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'entries'>;
