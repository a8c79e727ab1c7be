import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { type Block, blockOf, createPoint, type Definition, type Initializer, LowlandError, options, string } from '@lowland/core';

import { parseNpy } from '../data/index.ts';

const schema = options({ path: string({ summary: 'An NPY file of the one block, or a folder with <block>.npy for each, such as the --out folder of a run. Required.' }) });

/**
 * The start that NPY files hold: a folder with a file for each block, named for it, as runs write into --out; or one file where there is one
 * block. Complex entries are a last dimension of two.
 *
 * @throws LOWLAND_E_OPTIONS without a path; LOWLAND_E_INIT_FILE when a file is not there; what `parseNpy` throws
 * @throws LOWLAND_E_SHAPE, at the start, when a block has another shape
 */
export function fromFile({ path }: { readonly path?: string }): Initializer {
  if (path === undefined || path === '') throw new LowlandError('LOWLAND_E_OPTIONS', 'The start from-file needs a path: a folder with <block>.npy for each block, or one NPY file (--init.path).');
  const place = resolve(path);
  return {
    id: 'from-file',
    requires: [],
    options: { path: place },
    point({ problem: { layout } }) {
      const folder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (!folder && layout.blocks.length > 1) {
        const names = layout.blocks.map(({ name }) => `${name}.npy`).join(', ');
        throw new LowlandError('LOWLAND_E_INIT_FILE', `${place} is no folder; this problem has ${layout.blocks.length} blocks. Give a folder that holds ${names}.`);
      }
      const point = createPoint(layout);
      for (const block of layout.blocks) blockOf(point, block.name).set(read(folder ? join(place, `${block.name}.npy`) : place, block));
      return point;
    },
  };
}

function read(file: string, { name, shape, complex }: Block): Float64Array {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_INIT_FILE', `The start of block "${name}" cannot be read from ${file}: ${(cause as Error).message}.`, { cause });
  }
  const array = parseNpy(bytes, file);
  const expected = complex ? [...shape, 2] : shape;
  // a vector may be written as a column
  const same = (a: readonly number[]) => a.filter((side) => side !== 1).join() === expected.filter((side) => side !== 1).join();
  if (array.texts !== undefined || !same(array.shape)) {
    const found = array.texts === undefined ? `an array of shape (${array.shape.join(', ')})` : 'text';
    throw new LowlandError('LOWLAND_E_SHAPE', `${file} holds ${found}; block "${name}" has the shape (${expected.join(', ')}).`);
  }
  return array.values;
}

export const fromFileDefinition = {
  apiVersion: 1,
  id: 'from-file',
  summary: 'The factors of an earlier run, or any point, from NPY files.',
  whenToUse: 'To go on from the result of another run, by another method or under other options.',
  requires: [],
  options: schema,
  create: fromFile,
} as const satisfies Definition<{ readonly path?: string }, Initializer>;
