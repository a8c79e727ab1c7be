import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Layout, LowlandError } from '@lowland/core';

import { parseNpy } from '../data/index.ts';
import type { ResultDocument } from '../document.ts';

/** The numbers of a point as a run wrote them, and the columns of its first block. */
export function readBlocks(folder: string, { blocks }: Layout): { readonly data: Float64Array; readonly columns: number | undefined } {
  const arrays = blocks.map(({ name }) => {
    const file = join(folder, `${name}.npy`);
    if (!existsSync(file)) throw new LowlandError('LOWLAND_E_RESUME', `${folder} holds no ${name}.npy: the run was ended before it wrote its point. Go on with it first: lowland solve --resume ${folder}`);
    return parseNpy(readFileSync(file), file);
  });
  const data = new Float64Array(arrays.reduce((sum, { values }) => sum + values.length, 0));
  let offset = 0;
  for (const { values } of arrays) {
    data.set(values, offset);
    offset += values.length;
  }
  return { data, columns: arrays[0]?.shape[1] };
}

/** What a run said at its end. @throws LOWLAND_E_RESUME where it said nothing, or not as this version does */
export function readResult(folder: string): ResultDocument {
  const file = join(folder, 'result.json');
  if (!existsSync(file)) throw new LowlandError('LOWLAND_E_RESUME', `${folder} holds no result.json: the run has not ended. Go on with it first: lowland solve --resume ${folder}`);
  try {
    const result = JSON.parse(readFileSync(file, 'utf8')) as ResultDocument;
    if (typeof result.iterations === 'number' && typeof result.lowland === 'string' && typeof result.computing === 'object') return result;
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_RESUME', `${file} is damaged: ${(cause as Error).message}.`, { cause });
  }
  throw new LowlandError('LOWLAND_E_RESUME', `${file} is no result of lowland solve.`);
}
