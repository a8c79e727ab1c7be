/** Normals of core's streams, and numbers by its lattice rule, drawn by WebAssembly: the same bits, several times as fast. */
import type { StreamKey } from '@lowland/core';

import type { Numbers } from '../cpu/arrays.ts';
import type { Arena } from './arena.ts';
import type { Library } from './library.ts';

/** Numbers drawn at a time, in whole groups of eight: as many as stay in the second-level cache. */
const chunk = 2 ** 14;
const two32 = 2 ** 32;

type Rule = 'normals' | 'lattice';

/** The first numbers of the stream into memory of this arena; `data` looks the array up, since memory may move. */
export function drawInto(arena: Arena, library: Library, key: StreamKey, length: number, data: () => Numbers, rule: Rule = 'normals'): void {
  const work = arena.work(8 * Math.min(chunk, 8 * Math.ceil(length / 8)));
  const draw = library.sensing[rule];
  for (let from = 0; from < length; from += chunk) {
    const count = Math.min(chunk, length - from);
    const block = rule === 'normals' ? from / 2 : from;
    draw(Math.ceil(count / 8), block, key.index % two32, Math.floor(key.index / two32), key.purpose, key.seed % two32, Math.floor(key.seed / two32), work);
    data().set(arena.f64.subarray(work / 8, work / 8 + count), from);
  }
}
