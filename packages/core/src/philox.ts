/**
 * Counter-based random words: Philox4x32-10.
 *
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). A block of four words is a
 * pure function of key and counter, so workers, GPUs and resumed runs draw the same words in any order:
 *
 *     key     = (seed mod 2^32, seed div 2^32)
 *     counter = (block, index mod 2^32, index div 2^32, FNV-1a of the purpose)
 */
import { LowlandError } from './errors.ts';

/** Names a random stream: the key is the seed, the counter holds block, index and purpose. */
export interface StreamKey {
  /** A non-negative safe integer: the 64-bit Philox key. */
  readonly seed: number;
  /** FNV-1a of the purpose's name. */
  readonly purpose: number;
  readonly index: number;
}

const two32 = 4294967296;

/** FNV-1a (32 bits) of the UTF-8 bytes of a name. */
function fnv1a(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * The stream of a purpose, such as `init` or `holdout`; `index` tells streams of one purpose apart.
 *
 * @throws LOWLAND_E_SEED when seed or index is not a non-negative safe integer.
 */
export function streamKey(seed: number, purpose: string, index = 0): StreamKey {
  for (const [name, given] of [['seed', seed], ['index', index]] as const) {
    if (!Number.isSafeInteger(given) || given < 0) {
      throw new LowlandError(
        'LOWLAND_E_SEED',
        `The ${name} of a random stream is an integer from 0 to 2^53 - 1; ${String(given)} was given.`,
        { details: { name, given } },
      );
    }
  }
  return { seed, purpose: fnv1a(purpose), index };
}

/** The high word of the 64-bit product of two 32-bit words, from four 16-bit products; no partial sum reaches 2^32. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16);
  const other = Math.imul(aLow, bHigh) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16)) | 0;
}

/** Ten rounds on counter words c and key words k; writes four words to `out`. */
export function philox4x32(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array): void {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The four words of one block of a stream. `block` counts from 0 to 2^32 - 1. */
export function philox(key: StreamKey, block: number, out: Uint32Array): void {
  const { seed, index } = key;
  philox4x32(block, index % two32, Math.floor(index / two32), key.purpose, seed % two32, Math.floor(seed / two32), out);
}

/** out[i] = word i of the stream. */
export function words(key: StreamKey, out: Uint32Array): void {
  const block = new Uint32Array(4);
  for (let i = 0; i < out.length; i++) {
    if (i % 4 === 0) philox(key, i / 4, block);
    out[i] = block[i % 4]!;
  }
}

/** The integer of 53 bits in two words. */
export function bits53(high: number, low: number): number {
  return (high >>> 5) * 0x4000000 + (low >>> 6);
}

/** out[i] = number offset + i of the stream: uniform on [0, 1), 53 bits, two words each. EPSILON is 2^-52. */
export function uniforms(key: StreamKey, out: Float64Array, offset = 0): void {
  const block = new Uint32Array(4);
  for (let i = 0; i < out.length; i++) {
    const at = offset + i;
    const half = at % 2;
    if (i === 0 || half === 0) philox(key, (at - half) / 2, block);
    out[i] = bits53(block[2 * half]!, block[2 * half + 1]!) * (Number.EPSILON / 2);
  }
}
