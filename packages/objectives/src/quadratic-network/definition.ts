import { integer, number, options, type DataGenerator, type Infer, type ObjectiveDefinition } from '@lowland/core';

import { givenRank, sharedCapabilities } from '../factored/definition.ts';
import { generateTeacher } from './generate.ts';
import { quadraticNetwork } from './quadratic-network.ts';

const schema = options({
  rank: integer({ min: 1, summary: 'hidden units' }),
  lambda: number({ min: 0, default: 0, summary: 'weight decay, of 1/2 |U|^2' }),
});

const generator = options({
  inputs: integer({ min: 1, default: 10, summary: 'numbers in an input' }),
  rank: integer({ min: 1, default: 2, summary: 'hidden units of the teacher' }),
  samples: integer({ min: 0, default: 0, summary: 'samples; 0: four for each input and hidden unit' }),
  condition: number({ min: 0, default: 0, summary: "ratio of the largest to the least nonzero eigenvalue of the teacher's U U^T; 0: none in particular" }),
  noise: number({ min: 0, default: 0, summary: 'standard deviation of the noise, relative to the spread of the outputs' }),
});

export const quadraticNetworkDefinition = {
  apiVersion: 1,
  id: 'quadratic-network',
  summary: 'A hidden layer of quadratic activations, from samples with the output in the last column.',
  whenToUse: 'For samples of a quadratic function, or of a psd matrix by x xᵀ. With decay it has a convex form, hence certificates and `--rank auto`.',
  formula: '1/(4n) sum_i (|U^T x_i|^2 - y_i)^2 + (lambda/2)|U|^2',
  reference: 'Soltanolkotabi, Javanmard, Lee 2017, arXiv:1707.04926; Du, Lee 2018, arXiv:1803.01206',
  data: 'matrix',
  provides: [...sharedCapabilities, 'lift'],
  options: schema,
  create: ({ rank, lambda }, data) => quadraticNetwork({ data, rank: givenRank(rank), lambda }),
  generate: { options: generator, create: generateTeacher } satisfies DataGenerator<Infer<typeof generator>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'matrix'>;
