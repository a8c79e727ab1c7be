import { choice, integer, LowlandError, number } from '@lowland/core';

import type { Response } from './response.ts';
import type { FactoredCapability } from './routes.ts';

/** Options that the definitions share. The rank has no default: nothing about the data suggests one. */
export const rankOption = integer({ min: 1, summary: 'columns of the factors' });
export const lambdaOption = number({ min: 0, default: 0, summary: 'weight of the nuclear norm (of the trace, for X X^T)' });

/** What a least-squares problem without a penalty on rows provides, whatever its family. */
export const sharedCapabilities = [
  'value',
  'gradient',
  'valueAndGradient',
  'hessianVectorProduct',
  'blockGradient',
  'residual',
  'factors',
  'symmetry',
  'smoothness',
  'scale',
  'grow',
  'predict',
  'truth',
  'stochasticGradient',
  'estimate',
  'planeValues',
  'convexForm',
  'fixedRank',
] as const satisfies readonly FactoredCapability[];

/** @throws LOWLAND_E_RANK when no rank was given */
export function givenRank(rank: number | undefined): number {
  if (rank === undefined) throw new LowlandError('LOWLAND_E_RANK', 'This objective needs a rank: the number of columns of its factors.');
  return rank;
}

/** Options of every planted matrix. */
export const plantedOptions = {
  rows: integer({ min: 1, default: 50, summary: 'rows' }),
  cols: integer({ min: 1, default: 40, summary: 'columns' }),
  rank: integer({ min: 1, default: 3, summary: 'rank of the planted matrix' }),
  condition: number({ min: 0, default: 0, summary: 'ratio of its largest to its least nonzero singular value; 0: none in particular' }),
  noise: number({ min: 0, default: 0, summary: 'standard deviation of the noise, relative to the entries (measurements)' }),
};

/** A switch as 0 or 1, since generator settings are written name=number. */
export const zeroOrOne = (summary: string) => integer({ min: 0, max: 1, default: 0, summary });

/** For which loss data are made, among the settings of a generator: the names of the losses themselves. */
export const responseOption = choice(['least-squares', 'huber', 'logistic', 'poisson', 'poisson-identity'], {
  default: 'least-squares',
  summary: 'the loss that they are for: numbers z themselves, labels that are 1 with the probability 1/(1 + e^-z) (logistic), counts of mean e^z (poisson) or max(0, z) (poisson-identity)',
});

/** What is seen under a loss. */
export function responseOf(loss: (typeof responseOption)['default']): Response {
  return loss === 'logistic' ? 'label' : loss === 'poisson' ? 'count of mean e^z' : loss === 'poisson-identity' ? 'count of mean z' : 'value';
}
