import { boolean, choice, integer, options, type DataGenerator, type DataMap, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { givenRank, lambdaOption, plantedOptions, rankOption, responseOf, responseOption, sharedCapabilities, zeroOrOne } from '../factored/definition.ts';
import { lossOption } from '../factored/loss-option.ts';
import { generateMeasurements } from './generate.ts';
import { matrixSensing, symmetricSensing } from './sensing.ts';

const schema = options({
  rank: rankOption,
  symmetric: boolean({ default: false, summary: 'X X^T, positive semidefinite, instead of U V^T' }),
  lambda: lambdaOption,
  loss: lossOption,
  normalisation: choice(['sum', 'mean'], { default: 'sum', summary: 'c of (c/2)|a(X) - b|^2: 1, or 1/m' }),
});

const generator = options({
  ...plantedOptions,
  measurements: integer({ min: 0, default: 0, summary: 'number of measurements; 0: three for each degree of freedom' }),
  symmetric: zeroOrOne('1: positive semidefinite, cols as many as rows'),
  rankOne: zeroOrOne('1: measured by matrices a b^T, or a a^T where symmetric, instead of dense ones'),
  nonzeros: integer({ min: 0, default: 0, summary: 'entries of each measurement matrix; 0: dense ones' }),
  symmetricMatrices: zeroOrOne('1: measured by symmetric Gaussian matrices'),
  lattice: zeroOrOne('1: measured by entries of the lattice rule, mean 0 and variance 1, not exactly normal, which GPUs draw as well'),
  loss: responseOption,
});

export const sensingDefinition = {
  apiVersion: 1,
  id: 'matrix-sensing',
  summary: 'A low-rank matrix from linear measurements.',
  whenToUse: 'When what is known are weighted sums of entries: dense, sparse or rank-one measurements. Seeded ensembles are drawn anew at each use and take no memory.',
  formula: 'c sum over k of w_k psi(a(X)_k; b_k), psi(z; b) = 1/2 (z - b)^2 or another loss, + <C, X> + (lambda/2)(|U|^2 + |V|^2), X = U V^T, or + lambda tr X, X = X X^T',
  reference: 'Recht, Fazel, Parrilo 2010, arXiv:0706.4138; Cai, Zhang 2015, arXiv:1305.2055; Bhojanapalli, Neyshabur, Srebro 2016, arXiv:1605.07221',
  data: 'measurements',
  provides: [...sharedCapabilities, 'lift', 'blockSolve', 'ensemble', 'hessianVectorProducts'],
  options: schema,
  create({ rank, symmetric, ...rest }, measurements, truth?: DataMap['matrix']) {
    const given = { measurements, rank: givenRank(rank), ...rest, ...(truth && { truth }) };
    return symmetric ? symmetricSensing(given) : matrixSensing(given);
  },
  generate: {
    options: generator,
    create: ({ symmetric, rankOne, symmetricMatrices, lattice, loss, ...rest }, seed) =>
      generateMeasurements(
        {
          ...rest,
          rankOne: rankOne === 1,
          symmetricMatrices: symmetricMatrices === 1,
          lattice: lattice === 1,
          response: responseOf(loss),
          ...(symmetric === 1 && { symmetric: true, cols: rest.rows }),
        },
        seed,
      ),
  } satisfies DataGenerator<Infer<typeof generator>, 'measurements'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'measurements'>;
