import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCode } from './errors.ts';
import { philox, philox4x32, streamKey, uniforms, words } from './philox.ts';

const hex = (out: Uint32Array) => Array.from(out, (word) => word.toString(16).padStart(8, '0')).join(' ');

describe('Philox4x32-10', () => {
  // Random123 1.14.0, tests/kat_vectors
  it.each([
    [[0, 0, 0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('gives the known answer for %o', ([c0, c1, c2, c3, k0, k1], answer) => {
    const out = new Uint32Array(4);
    philox4x32(c0, c1, c2, c3, k0, k1, out);
    expect(hex(out)).toBe(answer);
  });

  it('equals the definition in big integers', () => {
    const word = fc.bigInt(0n, 0xffffffffn);
    const mask = 0xffffffffn;
    fc.assert(
      fc.property(word, word, word, word, word, word, (...all) => {
        let [c0, c1, c2, c3, k0, k1] = all;
        for (let round = 0; round < 10; round++) {
          const p0 = 0xd2511f53n * c0;
          const p1 = 0xcd9e8d57n * c2;
          [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask];
          k0 = (k0 + 0x9e3779b9n) & mask;
          k1 = (k1 + 0xbb67ae85n) & mask;
        }
        const out = new Uint32Array(4);
        const [a, b, c, d, e, f] = all.map(Number) as [number, number, number, number, number, number];
        philox4x32(a, b, c, d, e, f, out);
        expect(Array.from(out, BigInt)).toEqual([c0, c1, c2, c3]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('streams', () => {
  it('puts the seed into the key and block, index and purpose into the counter', () => {
    const out = new Uint32Array(4);
    const expected = new Uint32Array(4);
    const purpose = 0xe40c292c; // FNV-1a of 'a', from its authors' test suite
    philox(streamKey(5 * 2 ** 32 + 7, 'a', 3 * 2 ** 32 + 2), 9, out);
    philox4x32(9, 2, 3, purpose, 7, 5, expected);
    expect(out).toEqual(expected);
    // Words are whole: of the largest seed and index the upper one has 21 ones.
    philox(streamKey(Number.MAX_SAFE_INTEGER, 'a', Number.MAX_SAFE_INTEGER), 9, out);
    philox4x32(9, 0xffffffff, 0x1fffff, purpose, 0xffffffff, 0x1fffff, expected);
    expect(out).toEqual(expected);
  });

  it('gives every purpose, index, seed and block its own words', () => {
    const keys = [streamKey(0, 'a'), streamKey(0, 'b'), streamKey(0, 'a', 1), streamKey(0, 'a', 2 ** 32), streamKey(1, 'a'), streamKey(2 ** 32, 'a')];
    const seen = keys.flatMap((key) => [0, 1].map((block) => {
      const out = new Uint32Array(4);
      philox(key, block, out);
      return hex(out);
    }));
    expect(new Set(seen).size).toBe(12);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses the seed %d', (seed) => {
    expect(() => streamKey(seed, 'a')).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SEED' }));
    expect(() => streamKey(0, 'a', seed)).toThrow(/index/);
  });

  it('reads words and uniforms off the blocks, from any offset', () => {
    const key = streamKey(42, 'test');
    const all = new Uint32Array(12);
    words(key, all);
    const block = new Uint32Array(4);
    philox(key, 2, block);
    expect(all.subarray(8)).toEqual(block);

    const whole = new Float64Array(9);
    uniforms(key, whole);
    expect(whole[1]).toBe(((all[2]! >>> 5) * 2 ** 26 + (all[3]! >>> 6)) / 2 ** 53);
    for (let offset = 0; offset < 5; offset++) {
      const part = new Float64Array(4);
      uniforms(key, part, offset);
      expect(part).toEqual(whole.subarray(offset, offset + 4));
    }
  });

  it('draws uniforms with the mean and variance of U[0, 1)', () => {
    const count = 100_000;
    const sample = new Float64Array(count);
    uniforms(streamKey(7, 'moments'), sample);
    const mean = sample.reduce((sum, u) => sum + u, 0) / count;
    const variance = sample.reduce((sum, u) => sum + (u - 0.5) ** 2, 0) / count;
    // standard errors sqrt(1/12 N) = 9.1e-4 and sqrt(1/180 N) = 2.4e-4; bands of 5
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * 9.2e-4);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * 2.4e-4);
    expect(Math.min(...sample.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(sample.every((u) => u < 1)).toBe(true);
  });

  it('names its errors by code', () => {
    try {
      streamKey(-1, 'a');
    } catch (error) {
      expect(errorCode(error)).toBe('LOWLAND_E_SEED');
    }
  });
});
