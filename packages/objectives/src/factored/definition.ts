import { integer, LowlandError, number } from '@lowland/core';

import type { Response } from './response.ts';

/** Options that the definitions share. The rank has no default: nothing about the data suggests one. */
export const rankOption = integer({ min: 1, summary: 'columns of the factors' });
export const lambdaOption = number({ min: 0, default: 0, summary: 'weight of the nuclear norm (of the trace, for X X^T)' });

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

/** @throws LOWLAND_E_OPTIONS when both are asked for */
export function responseOf({ oneBit, counts }: { readonly oneBit: number; readonly counts: number }): Response {
  if (oneBit === 1 && counts === 1) throw new LowlandError('LOWLAND_E_OPTIONS', 'Data are labels (oneBit) or counts, not both.');
  return oneBit === 1 ? 'label' : counts === 1 ? 'count' : 'value';
}
