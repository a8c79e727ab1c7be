import { describe, expect, it } from 'vitest';

import { latticeNormals } from './lattice.ts';
import { streamKey, words } from './philox.ts';

const draw = (seed: number, count: number, index = 0): Float64Array => {
  const out = new Float64Array(count);
  latticeNormals(streamKey(seed, 'lattice', index), out);
  return out;
};

describe('latticeNormals', () => {
  it('counts the ones of a block of four words, one by one', () => {
    const key = streamKey(2 ** 53 - 1, 'lattice', 2 ** 40 + 3);
    const [bits, found] = [new Uint32Array(4 * 500), new Float64Array(500)];
    words(key, bits);
    latticeNormals(key, found);
    found.forEach((number, i) => {
      const ones = [...bits.subarray(4 * i, 4 * i + 4)].reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0);
      expect(number).toBe(Math.fround((ones - 64) * Math.fround(1 / Math.sqrt(32))));
    });
  });

  it('gives the same numbers in f32, and from any number on', () => {
    const [key, whole] = [streamKey(4, 'lattice', 9), new Float32Array(50)];
    latticeNormals(key, whole);
    const wide = new Float64Array(50);
    latticeNormals(key, wide);
    expect(Float64Array.from(whole)).toEqual(wide);
    const part = new Float32Array(20);
    latticeNormals(key, part, 17);
    expect(part).toEqual(whole.subarray(17, 37));
  });

  // A sum of 128 signs over sqrt 128: moments 0, 1, 0, 3 - 2/128; the standard errors are those of normals, a little too large.
  it('has the moments of its law', () => {
    const count = 200_000;
    const sample = draw(1, count);
    const moment = (power: number) => sample.reduce((sum, x) => sum + x ** power, 0) / count;
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / count));
    expect(Math.abs(moment(4) - (3 - 1 / 64))).toBeLessThan(5 * Math.sqrt(96 / count));
  });

  it('draws streams apart', () => {
    const [a, b, c] = [draw(1, 2000), draw(1, 2000, 1), draw(2, 2000)];
    const inner = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0) / Math.sqrt(2000);
    for (const product of [inner(a, b), inner(a, c), inner(b, c), inner(a.subarray(0, 1999), a.subarray(1))]) expect(Math.abs(product)).toBeLessThan(5);
  });
});
