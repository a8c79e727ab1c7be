import { integer, number, options, type DataGenerator, type Infer, type ObjectiveDefinition, type Option } from '@lowland/core';

import { plantedOptions } from '../factored/definition.ts';
import { generateSamples } from './generate.ts';
import { linearNetwork } from './linear-network.ts';

/** One width for all hidden layers, or one for each. */
const width: Option<number | readonly number[]> & { readonly default: number } = {
  default: 4,
  check(given) {
    const widths = Array.isArray(given) ? (given as unknown[]) : [given];
    if (widths.length > 0 && widths.every((size) => Number.isSafeInteger(size) && (size as number) >= 1)) return { value: given as number | readonly number[] };
    return { expected: 'a positive integer, or a list of them' };
  },
  json: () => ({ type: ['integer', 'array'], minimum: 1, items: { type: 'integer', minimum: 1 }, default: 4, description: 'width of the hidden layers, or a list of them: [3, 2]' }),
};

const schema = options({
  inputs: integer({ min: 0, default: 0, summary: 'leading columns that are inputs, rows being samples; 0: the data is the map itself' }),
  depth: integer({ min: 2, default: 3, summary: 'number of layers' }),
  width,
  balance: number({ min: 0, default: 0, summary: 'weight of 1/4 sum |W_{k+1}^T W_{k+1} - W_k W_k^T|^2' }),
  lambda: number({ min: 0, default: 0, summary: 'weight decay, of 1/2 sum |W_i|^2' }),
});

const generator = options({
  ...plantedOptions,
  samples: integer({ min: 0, default: 0, summary: 'samples of the map, with --inputs as many as cols; 0: the map itself' }),
});

export const linearNetworkDefinition = {
  apiVersion: 1,
  id: 'linear-network',
  summary: 'A linear map as a product of layers, from the map or from samples.',
  whenToUse: 'To study depth: saddles, plateaus and implicit bias of products of several layers, with all stationary values known. Two layers are `matrix-factorization`.',
  formula: '1/2 |W_N ... W_1 X - Y|^2 + (balance/4) sum |W_{k+1}^T W_{k+1} - W_k W_k^T|^2 + (lambda/2) sum |W_i|^2',
  reference: 'Baldi, Hornik 1989, doi:10.1016/0893-6080(89)90014-2; Saxe, McClelland, Ganguli 2013, arXiv:1312.6120; Kawaguchi 2016, arXiv:1605.07110',
  data: 'matrix',
  provides: ['value', 'gradient', 'valueAndGradient', 'hessianVectorProduct', 'blockGradient', 'residual', 'symmetry', 'scale', 'predict', 'truth', 'target'],
  options: schema,
  create: (given, data) => linearNetwork({ data, ...given }),
  generate: { options: generator, create: generateSamples } satisfies DataGenerator<Infer<typeof generator>, 'matrix'>,
} as const satisfies ObjectiveDefinition<Infer<typeof schema>, 'matrix'>;
