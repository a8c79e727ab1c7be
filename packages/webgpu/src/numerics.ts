/** The self-test of a device: which tricks with rounding errors work there. */
import { normals, streamKey } from '@lowland/core';

import type { Lane } from './runtime/lane.ts';
import { dot } from './shaders/dot.ts';
import { edges, numerics } from './shaders/numerics.ts';

/**
 * How a GPU rounds, found by asking it. WGSL lets compilers contract, reorder and flush; what holds on one driver need not on another.
 */
export interface Numerics {
  /** Whether the error of a sum (Knuth's two-sum) comes out exactly: written plainly, and with each rounding hidden from the compiler. */
  readonly twoSum: 'plain' | 'opaque' | 'no';
  /** The same for Dekker's product. */
  readonly twoProduct: 'plain' | 'opaque' | 'no';
  /** Whether fma rounds once. */
  readonly fusedMultiplyAdd: boolean;
  /** Whether a b + c is contracted: rounded once though two operations were written. */
  readonly contracts: boolean;
  /** Whether quotients and roots are those of IEEE 754. */
  readonly roundsDivision: boolean;
  readonly roundsRoot: boolean;
  /** Whether numbers below 2^-126 survive arithmetic. */
  readonly keepsSubnormals: boolean;
  /** Whether NaN and Infinity go through arithmetic. */
  readonly keepsNonFinite: boolean;
  /** Whether shaders can tell NaN by comparing it with itself; kernels look at its bits. */
  readonly comparesNan: boolean;
}

const count = 512;
const round = Math.fround;

/**
 * Whether compensated sums are what they should be, tried with the kernel itself: of the products a_i b_i and their negatives, rounded to f32,
 * remain the rounding errors, 2^-25 of what was added up. In f32 no digit of that is right.
 */
export async function doubleSumsWork(lane: Lane, kernel = dot.df64): Promise<boolean> {
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  const half = count / 2;
  let expected = 0;
  for (let i = 0; i < half; i++) {
    const [a, b] = [round(Math.sqrt(i + 2)), round(Math.sqrt(7 * i + 3))];
    [x[i], y[i]] = [a, b];
    // Another thread's.
    [x[half + ((i + 1) % half)], y[half + ((i + 1) % half)]] = [-round(a * b), 1];
    expected += a * b - round(a * b);
  }
  const stores = [lane.zeros(4 * count), lane.zeros(4 * count), lane.zeros(4)] as const;
  const [xAt, yAt, out] = stores;
  try {
    lane.write(xAt, 0, x);
    lane.write(yAt, 0, y);
    lane.spread(kernel, { x: xAt, y: yAt, out }, { n: count, xAt: 0, yAt: 0, outAt: 0, share: count }, 1, count);
    const [found] = new Float32Array(await lane.read(out, 0, 4));
    return Math.abs(found! - expected) <= 1e-3 * Math.abs(expected);
  } finally {
    for (const store of stores) lane.pool.give(store);
  }
}

/** Runs the self-test: two dispatches, two reads. */
export async function selfTest(lane: Lane): Promise<Numerics> {
  const pairs = new Float32Array(2 * count);
  normals(streamKey(0, 'numerics'), pairs);
  // Of all sizes: the second of each pair is up to 2^20 larger or smaller.
  for (let i = 0; i < count; i++) pairs[2 * i + 1]! *= 2 ** ((i % 41) - 20);
  const special = new Float32Array(new Uint32Array([1, 0x0040_0000, 0x807f_ffff, 0x7fc0_0000, 0x7f80_0000, 0xff80_0000]).buffer);
  const stores = [8 * count, 32 * count, 4 * special.length, 8 * special.length].map((bytes) => lane.zeros(bytes));
  const [pairsAt, foundAt, specialAt, wordsAt] = stores as [(typeof stores)[0], (typeof stores)[0], (typeof stores)[0], (typeof stores)[0]];
  try {
    lane.write(pairsAt, 0, pairs);
    lane.write(specialAt, 0, special);
    lane.run(numerics, { pairs: pairsAt, out: foundAt }, { n: count, zero: 0 }, count / 64);
    lane.run(edges, { x: specialAt, out: wordsAt }, { n: special.length }, 1);
    const found = new Float32Array(await lane.read(foundAt, 0, 32 * count));
    return { ...judge(pairs, found), ...judgeEdges(new Uint32Array(await lane.read(wordsAt, 0, 8 * special.length))) };
  } finally {
    for (const store of stores) lane.pool.give(store);
  }
}

/** Sums and products of two f32 are exact in f64 here, so their errors are too. */
function judge(pairs: Float32Array, found: Float32Array): Omit<Numerics, 'keepsSubnormals' | 'keepsNonFinite' | 'comparesNan'> {
  const right = (at: number, expected: (a: number, b: number) => number): boolean => {
    for (let i = 0; i < count; i++) {
      const [a, b] = [pairs[2 * i]!, pairs[2 * i + 1]!];
      if (found[8 * i + at] !== expected(a, b)) return false;
    }
    return true;
  };
  const sumError = (a: number, b: number) => a + b - round(a + b);
  const productError = (a: number, b: number) => a * b - round(a * b);
  const which = (plain: boolean, opaque: boolean) => (plain ? 'plain' : opaque ? 'opaque' : 'no');
  return {
    twoSum: which(right(0, sumError), right(1, sumError)),
    twoProduct: which(right(2, productError), right(3, productError)),
    fusedMultiplyAdd: right(4, productError),
    contracts: !right(5, (a, b) => round(round(a * b) + a)),
    roundsDivision: right(6, (a, b) => round(a / b)),
    roundsRoot: right(7, (a) => round(Math.sqrt(Math.abs(a)))),
  };
}

/** Of three subnormal numbers, NaN, Infinity and its negative: the bits of their doubles, and whether they differ from themselves. */
function judgeEdges(words: Uint32Array): Pick<Numerics, 'keepsSubnormals' | 'keepsNonFinite' | 'comparesNan'> {
  const value = (i: number) => words[2 * i]!;
  const isNan = (bits: number) => (bits & 0x7fff_ffff) > 0x7f80_0000;
  return {
    keepsSubnormals: value(0) === 2 && value(1) === 0x0080_0000 && value(2) === 0x80ff_fffe,
    keepsNonFinite: isNan(value(3)) && value(4) === 0x7f80_0000 && value(5) === 0xff80_0000,
    comparesNan: words[7] === 1 && words[9] === 0,
  };
}
