/** Normals of core's streams, drawn by WebAssembly: the same bits, several times as fast. */
import type { StreamKey } from '@lowland/core';

import type { Numbers } from '../cpu/arrays.ts';
import type { Arena } from './arena.ts';
import type { Library } from './library.ts';

/** Numbers drawn at a time, in whole groups of eight: as many as stay in the second-level cache. */
const chunk = 2 ** 14;
const two32 = 2 ** 32;

/** Calls `take` with the places of numbers, 64 bits wide, one chunk after another: `count` numbers from number `from` of the stream. */
export function drawChunks(arena: Arena, library: Library, key: StreamKey, length: number, take: (at: number, from: number, count: number) => void): void {
  const work = arena.work(8 * Math.min(chunk, 8 * Math.ceil(length / 8)));
  const { normals } = library.sensing;
  for (let from = 0; from < length; from += chunk) {
    const count = Math.min(chunk, length - from);
    normals(Math.ceil(count / 8), from / 2, key.index % two32, Math.floor(key.index / two32), key.purpose, key.seed % two32, Math.floor(key.seed / two32), work);
    take(work / 8, from, count);
  }
}

/** The first numbers of the stream into memory of this arena; `data` looks the array up, since memory may move. */
export function drawInto(arena: Arena, library: Library, key: StreamKey, length: number, data: () => Numbers): void {
  drawChunks(arena, library, key, length, (at, from, count) => {
    data().set(arena.f64.subarray(at, at + count), from);
  });
}
