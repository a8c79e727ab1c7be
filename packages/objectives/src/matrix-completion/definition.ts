import { boolean, choice, integer, number, options, type DataGenerator, type DataMap, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { givenRank, lambdaOption, plantedOptions, rankOption, responseOf, responseOption, sharedCapabilities, zeroOrOne } from '../factored/definition.ts';
import { lossOption } from '../factored/loss-option.ts';
import { matrixCompletion, symmetricCompletion } from './completion.ts';
import { generateEntries } from './generate.ts';
import { generateRatings } from './ratings.ts';

const schema = options({
  rank: rankOption,
  symmetric: boolean({ default: false, summary: 'X X^T, positive semidefinite, instead of U V^T' }),
  lambda: lambdaOption,
  loss: lossOption,
  center: choice(['none', 'global', 'bias'], { summary: 'means taken off first: none, the global one, or global, row and column means; default global, for X X^T, labels and counts none' }),
  incoherence: number({ min: 0, default: 0, summary: 'weight of the penalty on large rows, sum of (|u_i| - alpha)_+^4' }),
  alpha: number({ min: 0, summary: 'row norm up to which that penalty is 0; default three times the largest one of the spectral start' }),
});

const generator = options({
  ...plantedOptions,
  density: number({ above: 0, max: 1, default: 0.3, summary: 'share of the cells that is observed' }),
  observations: integer({ min: 0, default: 0, summary: 'number of observed cells; 0: density decides' }),
  symmetric: zeroOrOne('1: of a positive semidefinite matrix, cols as many as rows'),
  loss: responseOption,
  integer: zeroOrOne('1: ratings from 1 to 5 as people give them, some rows and columns far more often than others'),
});

export const completionDefinition = {
  apiVersion: 1,
  id: 'matrix-completion',
  summary: 'A low-rank matrix from some of its entries.',
  whenToUse: 'When some entries are known and the others are sought. With noise give `lambda` and `--rank auto`: the certificate then covers all ranks. Without noise and with a known rank `lambda` 0 and `center` none are exact; a mean taken off adds to the rank.',
  formula: 'sum over observed (i, j) of w_ij psi((U V^T)_ij; b_ij) + (lambda/2)(|U|^2 + |V|^2), psi(z; b) = 1/2 (z - b)^2 or another loss, b = observed - means; or of X X^T + lambda |X|^2',
  reference: 'Candès, Recht 2009, arXiv:0805.4471; Hastie, Mazumder, Lee, Zadeh 2015, arXiv:1410.2596',
  data: 'entries',
  provides: [...sharedCapabilities, 'lift', 'blockSolve'],
  options: schema,
  create({ symmetric, rank, center, alpha, ...rest }, entries, truth?: DataMap['matrix']) {
    const given = { entries, rank: givenRank(rank), ...rest, ...(center !== undefined && { center }), ...(alpha !== undefined && { alpha }), ...(truth && { truth }) };
    return symmetric ? symmetricCompletion(given) : matrixCompletion(given);
  },
  generate: {
    options: generator,
    create({ integer: ratings, density, observations, condition, symmetric, loss, ...rest }, seed) {
      const response = responseOf(loss);
      if (ratings === 0) {
        return generateEntries({ ...rest, density, observations, condition, response, ...(symmetric === 1 && { symmetric: true, cols: rest.rows }) }, seed);
      }
      // Whole numbers hide what was planted: there is no truth to compare with.
      const count = observations === 0 ? Math.round(density * rest.rows * rest.cols) : observations;
      return { data: generateRatings({ ...rest, observations: count, noise: rest.noise === 0 ? 0.8 : rest.noise }, seed) };
    },
  } satisfies DataGenerator<Infer<typeof generator>, 'entries'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'entries'>;
