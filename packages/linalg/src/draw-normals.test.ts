import { normals, streamKey } from '@lowland/core';
import { expect, it } from 'vitest';

import { drawNormals } from './draw-normals.ts';

it.each([0, 1, 63, 64, 65, 1000, 2 ** 14 + 3])('draws %i numbers of core, bit for bit', (length) => {
  const key = streamKey(2 ** 40 + 7, 'ensemble', 5);
  const [given, expected] = [new Float64Array(length), new Float64Array(length)];
  drawNormals(key, given);
  normals(key, expected);
  expect(expected.every((value, i) => Object.is(value, given[i]))).toBe(true);
});
