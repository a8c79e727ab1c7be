/**
 * Numbers of a stream, eight at a time, the very bits of core: `normals` by Philox4x32-10 and Box-Muller, and `latticeNormals`.
 *
 * Bound by arithmetic: some 400 vector operations for eight numbers, half of them integer ones. Every operation that rounds is that of
 * core, in its order: no multiplication and addition may be fused here, whatever the variant.
 */
import { type Assembly, i32, pair, v128, vector, whole, type Body, type Func, type Local, type Vector } from './asm.ts';

const { add, sub, mul, div } = vector('f64');

const bytesOf = (numbers: Float64Array | BigUint64Array): Vector => whole.constant(new Uint8Array(numbers.buffer));
const both = (x: number): Vector => bytesOf(Float64Array.of(x, x));
const bits = (x: bigint): Vector => bytesOf(BigUint64Array.of(x, x));
const words = (x: number): Vector => whole.constant(new Uint8Array(Uint32Array.of(x, x, x, x).buffer));

/** Places of bytes for whole 32-bit words. */
const shuffle32 = (a: Vector, b: Vector, places: readonly number[]): Vector => whole.shuffle(a, b, places.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)));
const upper = (x: Vector): Vector => shuffle32(x, x, [2, 3, 2, 3]);
const even = [0, 2, 4, 6];
const odd = [1, 3, 5, 7];

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** The series of core's normals.ts, highest power first. */
const atanhSeries = Array.from({ length: 12 }, (_, i) => 1 / (23 - 2 * i));
const sineSeries = Array.from({ length: 9 }, (_, i) => ((8 - i) % 2 ? -1 : 1) / factorial(17 - 2 * i));
const cosineSeries = Array.from({ length: 9 }, (_, i) => ((8 - i) % 2 ? -1 : 1) / factorial(16 - 2 * i));

export const normalsSignature = { groups: 'i32', block: 'i32', index0: 'i32', index1: 'i32', purpose: 'i32', seed0: 'i32', seed1: 'i32', out: 'i32' } as const;
export type Normals = Func<typeof normalsSignature>;

/** Eight normals for each of `groups` groups of four blocks, from `block` on, as numbers of 64 bits. Index and seed come as two words each, lower first. */
export function addNormals(asm: Assembly): Normals {
  return asm.func('normals', normalsSignature, (f, p) => {
    const { groups, out } = p;
    const toNormals = boxMuller(f);
    const [[c0, c1, c2, c3], drawBlocks] = philox(f, p);
    const end = f.local('i32', i32.add(out, i32.shl(groups, 6)));
    f.loop(out, end, 64, () => {
      drawBlocks();
      // Two blocks at a time from here on.
      for (const half of [0, 1]) {
        if (half === 1) for (const c of [c0, c1, c2, c3]) f.set(c, upper(c));
        const [cosine, sine] = toNormals(c0, c1, c2, c3);
        f.do(v128.store(out, shuffle32(cosine, sine, [0, 1, 4, 5]), 32 * half), v128.store(out, shuffle32(cosine, sine, [2, 3, 6, 7]), 32 * half + 16));
      }
    });
    return undefined;
  });
}

/** The same by the lattice rule, a block a number: eight for each of `groups` groups of eight blocks. */
export function addLattice(asm: Assembly): Normals {
  return asm.func('lattice', normalsSignature, (f, p) => {
    const { groups, out } = p;
    const scale = f.local('v128', both(Math.fround(1 / Math.sqrt(32))));
    const [blocks, drawBlocks] = philox(f, p);
    const ones = f.local('v128');
    f.loop(out, f.local('i32', i32.add(out, i32.shl(groups, 6))), 32, () => {
      drawBlocks();
      f.set(ones, whole.add(whole.pairsOfHalves(whole.pairsOfBytes(blocks.map(whole.ones).reduce(whole.addBytes))), words(-64)));
      [ones, upper(ones)].forEach((two, half) => { f.do(v128.store(out, pair.promote(pair.demote(mul(pair.fromWords(two), scale))), 16 * half)); });
    });
    return undefined;
  });
}

/** Words c0 to c3 of four blocks from `block` on, which then stands four further. */
function philox(f: Body, { block, index0, index1, purpose, seed0, seed1 }: Record<Exclude<keyof typeof normalsSignature, 'groups' | 'out'>, Local<'i32'>>) {
  const [multiplier0, multiplier1] = [f.local('v128', words(0xd2511f53)), f.local('v128', words(0xcd9e8d57))];
  const lanes = f.local('v128', whole.constant(new Uint8Array(Uint32Array.of(0, 1, 2, 3).buffer)));
  const rounds = Array.from({ length: 10 }, (_, round) => [
    f.local('v128', whole.splat(i32.add(seed0, Math.imul(round, 0x9e3779b9)))),
    f.local('v128', whole.splat(i32.add(seed1, Math.imul(round, 0xbb67ae85)))),
  ] as const);
  const [c0, c1, c2, c3] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
  const [low0, high0, low1, high1] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
  const draw = (): void => {
    f.set(c0, whole.add(whole.splat(block), lanes));
    f.set(c1, whole.splat(index0));
    f.set(c2, whole.splat(index1));
    f.set(c3, whole.splat(purpose));
    for (const [k0, k1] of rounds) {
      f.set(low0, whole.productsLow(multiplier0, c0));
      f.set(high0, whole.productsHigh(multiplier0, c0));
      f.set(low1, whole.productsLow(multiplier1, c2));
      f.set(high1, whole.productsHigh(multiplier1, c2));
      f.set(c0, whole.xor(whole.xor(shuffle32(low1, high1, odd), c1), k0));
      f.set(c1, shuffle32(low1, high1, even));
      f.set(c2, whole.xor(whole.xor(shuffle32(low0, high0, odd), c3), k1));
      f.set(c3, shuffle32(low0, high0, even));
    }
    f.advance(block, 4);
  };
  return [[c0, c1, c2, c3], draw] as const;
}

/** Of two blocks, their words in the lower halves, the two normals each. */
function boxMuller(f: Body) {
  const local = (x: Vector): Local<'v128'> => f.local('v128', x);
  // Constants in locals: engines form one anew wherever it stands in a loop.
  const number = (x: number) => local(both(x));
  const mask = (x: bigint) => local(bits(x));
  const series = (coefficients: readonly number[]) => coefficients.map(number);
  const [one, half, two, minusTwo, root2] = [number(1), number(0.5), number(2), number(-2), number(2 * 0.7071067811865476)];
  const [ln2, quarterPi, two26, two52, eighth] = [number(0.6931471805599453), number(0.7853981633974483), number(2 ** 26), number(2 ** 52), number(2 ** -50)];
  const [exponentShift, exponentOf2To52, exponentOf1] = [number(2 ** 52 + 1023 + 53), mask(0x4330000000000000n), mask(0x3ff0000000000000n)];
  const [fractionBits, signBit, bit0, bit1] = [mask(0x000fffffffffffffn), mask(0x8000000000000000n), mask(1n), mask(2n)];
  const [atanhs, sines, cosines] = [series(atanhSeries), series(sineSeries), series(cosineSeries)];
  const horner = ([first, ...others]: readonly Vector[], x: Vector): Local<'v128'> => {
    const sum = local(first!);
    for (const coefficient of others) f.set(sum, add(mul(sum, x), coefficient));
    return sum;
  };

  /** sqrt(-2 log(n 2^-53)) as in core's `logUnit`: exponent and fraction of n are taken from its bits. */
  const radius = (n: Vector): Local<'v128'> => {
    const m = local(n);
    // The exponent stands in the lowest bits of 2^52 + exponent.
    const exponent = local(sub(whole.or(whole.shiftRight64(m, 52), exponentOf2To52), exponentShift));
    f.set(m, whole.or(whole.and(m, fractionBits), exponentOf1));
    const large = local(pair.greater(m, root2));
    f.set(exponent, add(exponent, whole.and(large, one)));
    f.set(m, whole.select(mul(m, half), m, large));
    const s = local(div(sub(m, one), add(m, one)));
    return local(pair.sqrt(mul(minusTwo, add(mul(exponent, ln2), mul(mul(two, s), horner(atanhs, local(mul(s, s))))))));
  };

  /** cos and sin of 2 pi n 2^-53 as in core's `circle`. */
  const circle = (n: Vector): readonly [cosine: Local<'v128'>, sine: Local<'v128'>] => {
    const fraction = local(mul(n, eighth));
    const octant = local(pair.floor(fraction));
    f.set(fraction, sub(fraction, octant));
    // The octant as a whole number in the lowest bits.
    f.set(octant, add(octant, two52));
    const isOdd = whole.equal64(whole.and(octant, bit0), bit0);
    const x = local(mul(quarterPi, whole.select(sub(one, fraction), fraction, isOdd)));
    const square = local(mul(x, x));
    const sine = local(mul(x, horner(sines, square)));
    const cosine = horner(cosines, square);
    // Octants 1, 2, 5 and 6 exchange the two; the cosine is negative from 2 to 5, the sine from 4 on.
    const exchange = local(whole.equal64(whole.and(whole.add64(octant, bit0), bit1), bit1));
    const sign = (x0: Vector): Vector => whole.and(whole.shiftLeft64(x0, 61), signBit);
    return [
      local(whole.xor(whole.select(sine, cosine, exchange), sign(whole.add64(octant, bit1)))),
      local(whole.xor(whole.select(cosine, sine, exchange), sign(octant))),
    ];
  };

  const integer = (high: Vector, low: Vector): Vector => add(mul(pair.fromWords(whole.shiftRight(high, 5)), two26), pair.fromWords(whole.shiftRight(low, 6)));
  return (c0: Vector, c1: Vector, c2: Vector, c3: Vector): readonly [cosine: Vector, sine: Vector] => {
    const length = radius(add(integer(c0, c1), one));
    const [cosine, sine] = circle(integer(c2, c3));
    f.set(cosine, mul(length, cosine));
    f.set(sine, mul(length, sine));
    return [cosine, sine];
  };
}
