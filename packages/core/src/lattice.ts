/** The lattice rule: numbers with the first moments of a standard normal and the same bits on every device, GPUs included. */
import { philox, type StreamKey } from './philox.ts';

/** 1 / sqrt(32) in f32. */
const scale = Math.fround(1 / Math.sqrt(32));

const block = new Uint32Array(4);

/** Bits that are 1 in a word. */
function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * out[i] = number offset + i of the stream by the lattice rule, from block offset + i of its words:
 *
 *     (ones among the 128 bits of the block - 64) / sqrt 32,   rounded to f32
 *
 * It is binomial, not exactly normal: mean 0, variance 1 (to 2^-23), third moment 0, kurtosis 3 - 1/64, on the 129 multiples of 1/sqrt 32
 * up to 8 sqrt 2 ~ 11.3 in size, and subgaussian, E exp(t x) <= exp(t^2/2). Element i depends only on the key and on i. Only integers are
 * drawn and one product is rounded, so the numbers are the same on every CPU and GPU, in f64 and in f32; `normals` cannot promise that.
 * Bounded by arithmetic: a block a number, where `normals` takes half a block and a logarithm.
 */
export function latticeNormals(key: StreamKey, out: Float64Array | Float32Array, offset = 0): void {
  for (let i = 0; i < out.length; i++) {
    philox(key, offset + i, block);
    let ones = 0;
    for (let word = 0; word < 4; word++) ones += popcount(block[word]!);
    out[i] = Math.fround((ones - 64) * scale);
  }
}
