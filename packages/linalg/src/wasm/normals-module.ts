/**
 * Standard normals of a stream, the very bits of core's `normals`: Philox4x32-10 and Box-Muller, eight numbers (four blocks) at a time.
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
const even = [0, 2, 4, 6];
const odd = [1, 3, 5, 7];

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** The series of core's normals.ts, highest power first. */
const atanhSeries = Array.from({ length: 12 }, (_, i) => 1 / (23 - 2 * i));
const sineSeries = Array.from({ length: 9 }, (_, i) => ((8 - i) % 2 ? -1 : 1) / factorial(17 - 2 * i));
const cosineSeries = Array.from({ length: 9 }, (_, i) => ((8 - i) % 2 ? -1 : 1) / factorial(16 - 2 * i));

/** Constants in locals: engines form one anew wherever it stands in a loop. */
function constantsOf(f: Body) {
  const hold = (x: Vector) => f.local('v128', x);
  const series = (coefficients: readonly number[]) => coefficients.map((x) => hold(both(x)));
  return {
    multiplier0: hold(words(0xd2511f53)), multiplier1: hold(words(0xcd9e8d57)), lanes: hold(whole.constant(new Uint8Array(Uint32Array.of(0, 1, 2, 3).buffer))),
    one: hold(both(1)), half: hold(both(0.5)), two: hold(both(2)), minusTwo: hold(both(-2)), root2: hold(both(2 * 0.7071067811865476)),
    ln2: hold(both(0.6931471805599453)), quarterPi: hold(both(0.7853981633974483)), two26: hold(both(2 ** 26)), two52: hold(both(2 ** 52)), eighth: hold(both(2 ** -50)),
    exponentShift: hold(both(2 ** 52 + 1023 + 53)), exponentOf2To52: hold(bits(0x4330000000000000n)), exponentOf1: hold(bits(0x3ff0000000000000n)),
    fraction: hold(bits(0x000fffffffffffffn)), sign: hold(bits(0x8000000000000000n)), bit0: hold(bits(1n)), bit1: hold(bits(2n)),
    atanh: series(atanhSeries), sine: series(sineSeries), cosine: series(cosineSeries),
  };
}
type Constants = ReturnType<typeof constantsOf>;

const horner = (f: Body, coefficients: readonly Vector[], x: Vector): Local<'v128'> => {
  const sum = f.local('v128', coefficients[0]);
  for (const coefficient of coefficients.slice(1)) f.set(sum, add(mul(sum, x), coefficient));
  return sum;
};

export const normalsSignature = { groups: 'i32', block: 'i32', index0: 'i32', index1: 'i32', purpose: 'i32', seed0: 'i32', seed1: 'i32', out: 'i32' } as const;
export type Normals = Func<typeof normalsSignature>;

/** Eight normals for each of `groups` groups of four blocks, from `block` on, as numbers of 64 bits. Index and seed come as two words each, lower first. */
export function addNormals(asm: Assembly): Normals {
  return asm.func('normals', normalsSignature, (f, { groups, block, index0, index1, purpose, seed0, seed1, out }) => {
    const k = constantsOf(f);
    const rounds = Array.from({ length: 10 }, (_, round) => [
      f.local('v128', whole.splat(i32.add(seed0, Math.imul(round, 0x9e3779b9)))),
      f.local('v128', whole.splat(i32.add(seed1, Math.imul(round, 0xbb67ae85)))),
    ] as const);
    const [c0, c1, c2, c3] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
    const [low0, high0, low1, high1] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
    const end = f.local('i32', i32.add(out, i32.shl(groups, 6)));
    f.loop(out, end, 64, () => {
      f.set(c0, whole.add(whole.splat(block), k.lanes));
      f.set(c1, whole.splat(index0));
      f.set(c2, whole.splat(index1));
      f.set(c3, whole.splat(purpose));
      for (const [k0, k1] of rounds) {
        f.set(low0, whole.productsLow(k.multiplier0, c0));
        f.set(high0, whole.productsHigh(k.multiplier0, c0));
        f.set(low1, whole.productsLow(k.multiplier1, c2));
        f.set(high1, whole.productsHigh(k.multiplier1, c2));
        f.set(c0, whole.xor(whole.xor(shuffle32(low1, high1, odd), c1), k0));
        f.set(c1, shuffle32(low1, high1, even));
        f.set(c2, whole.xor(whole.xor(shuffle32(low0, high0, odd), c3), k1));
        f.set(c3, shuffle32(low0, high0, even));
      }
      // Two blocks at a time from here on.
      const upper = (x: Local<'v128'>) => shuffle32(x, x, [2, 3, 2, 3]);
      for (const half of [0, 1]) {
        if (half === 1) for (const c of [c0, c1, c2, c3]) f.set(c, upper(c));
        const integer = (high: Local<'v128'>, low: Local<'v128'>): Vector =>
          add(mul(pair.fromWords(whole.shiftRight(high, 5)), k.two26), pair.fromWords(whole.shiftRight(low, 6)));
        const radius = radiusOf(f, k, add(integer(c0, c1), k.one));
        const [cosine, sine] = circle(f, k, integer(c2, c3));
        f.set(cosine, mul(radius, cosine));
        f.set(sine, mul(radius, sine));
        f.do(v128.store(out, shuffle32(cosine, sine, [0, 1, 4, 5]), 32 * half), v128.store(out, shuffle32(cosine, sine, [2, 3, 6, 7]), 32 * half + 16));
      }
      f.advance(block, 4);
    });
    return undefined;
  });
}

/** sqrt(-2 log(n 2^-53)) as in core's `logUnit`: exponent and fraction of n are taken from its bits. */
function radiusOf(f: Body, k: Constants, n: Vector): Local<'v128'> {
  const m = f.local('v128', n);
  // The exponent stands in the lowest bits of 2^52 + exponent.
  const exponent = f.local('v128', sub(whole.or(whole.shiftRight64(m, 52), k.exponentOf2To52), k.exponentShift));
  f.set(m, whole.or(whole.and(m, k.fraction), k.exponentOf1));
  const large = f.local('v128', pair.greater(m, k.root2));
  f.set(exponent, add(exponent, whole.and(large, k.one)));
  f.set(m, whole.select(mul(m, k.half), m, large));
  const s = f.local('v128', div(sub(m, k.one), add(m, k.one)));
  const series = horner(f, k.atanh, f.local('v128', mul(s, s)));
  return f.local('v128', pair.sqrt(mul(k.minusTwo, add(mul(exponent, k.ln2), mul(mul(k.two, s), series)))));
}

/** cos and sin of 2 pi n 2^-53 as in core's `circle`. */
function circle(f: Body, k: Constants, n: Vector): readonly [cosine: Local<'v128'>, sine: Local<'v128'>] {
  const fraction = f.local('v128', mul(n, k.eighth));
  const octant = f.local('v128', pair.floor(fraction));
  f.set(fraction, sub(fraction, octant));
  // The octant as a whole number in the lowest bits.
  f.set(octant, add(octant, k.two52));
  const isOdd = whole.equal64(whole.and(octant, k.bit0), k.bit0);
  const x = f.local('v128', mul(k.quarterPi, whole.select(sub(k.one, fraction), fraction, isOdd)));
  const square = f.local('v128', mul(x, x));
  const sine = f.local('v128', mul(x, horner(f, k.sine, square)));
  const cosine = horner(f, k.cosine, square);
  // Octants 1, 2, 5 and 6 exchange the two; the cosine is negative from 2 to 5, the sine from 4 on.
  const exchange = f.local('v128', whole.equal64(whole.and(whole.add64(octant, k.bit0), k.bit1), k.bit1));
  const sign = (x0: Vector): Vector => whole.and(whole.shiftLeft64(x0, 61), k.sign);
  const a = f.local('v128', whole.xor(whole.select(sine, cosine, exchange), sign(whole.add64(octant, k.bit1))));
  const b = f.local('v128', whole.xor(whole.select(cosine, sine, exchange), sign(octant)));
  return [a, b];
}
