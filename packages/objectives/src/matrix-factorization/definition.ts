import { boolean, type DataMap, number, options, type DataGenerator, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { givenRank, lambdaOption, plantedOptions, rankOption, responseOf, responseOption, sharedCapabilities, zeroOrOne } from '../factored/definition.ts';
import { lossOption } from '../factored/loss-option.ts';
import { matrixFactorization } from './asymmetric.ts';
import { generateMatrix } from './generate.ts';
import { symmetricFactorization } from './symmetric.ts';

const schema = options({
  rank: rankOption,
  symmetric: boolean({ default: false, summary: 'X X^T instead of U V^T' }),
  balance: number({ min: 0, default: 1 / 8, summary: 'weight c of |U^T U - V^T V|^2; asymmetric only' }),
  lambda: lambdaOption,
  loss: lossOption,
  gramFarFromOptimum: boolean({ default: false, summary: 'gradients by Gram matrices far from the optimum: fewer flops, some bits fewer' }),
});

const generator = options({
  ...plantedOptions,
  symmetric: zeroOrOne('1: positive semidefinite, cols as many as rows'),
  loss: responseOption,
});

export const factorizationDefinition = {
  apiVersion: 1,
  id: 'matrix-factorization',
  summary: 'A known matrix as a product of factors.',
  whenToUse: 'When the whole matrix is known. For nothing but the best approximation a truncated singular value decomposition is faster; take this for the landscape, for penalties, and to compare methods with a known answer.',
  formula: '1/2 |U V^T - M|^2 + c |U^T U - V^T V|^2 + (lambda/2)(|U|^2 + |V|^2), or 1/4 |X X^T - M|^2 + (lambda/2)|X|^2; or with another loss of the entries',
  reference: 'Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019, arXiv:1612.09296; Ye, Du 2021, arXiv:2106.14289',
  data: 'matrix',
  provides: [...sharedCapabilities, 'target', 'ensemble', 'hessianVectorProducts'],
  options: schema,
  create({ rank, symmetric, balance, ...rest }, target, truth?: DataMap['matrix']) {
    const given = { target, rank: givenRank(rank), ...rest, ...(truth && { truth }) };
    return symmetric ? symmetricFactorization(given) : matrixFactorization({ ...given, balance });
  },
  generate: {
    options: generator,
    create: ({ symmetric, loss, ...rest }, seed) => generateMatrix({ ...rest, response: responseOf(loss), ...(symmetric === 1 && { symmetric: true, cols: rest.rows }) }, seed),
  } satisfies DataGenerator<Infer<typeof generator>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'matrix'>;
