/**
 * Standard normals that are the same bits on every engine: Box-Muller over Philox.
 *
 * ECMAScript leaves Math.log, Math.sin and Math.cos to the engine. Here they are made of + - * / and the square
 * root, which IEEE 754 rounds correctly, in a fixed order. Series are short because arguments are reduced exactly:
 * uniforms are integers over 2^53. Relative errors stay below 4 units in the last place (tested).
 */
import { bits53, philox, type StreamKey } from './philox.ts';

const ln2 = 0.6931471805599453;
const quarterPi = 0.7853981633974483;
const halfRoot2 = 0.7071067811865476;

/** 2^-e for e = 0 … 53, by halving: `**` is left to the engine too. */
const inversePower = new Float64Array(54);
for (let e = 0, power = 1; e < 54; e++, power /= 2) inversePower[e] = power;

/** 1/(2n + 1), n = 11 … 0: the atanh series, |s| <= 0.172, remainder below 2^-60. */
const atanhSeries = Float64Array.from({ length: 12 }, (_, i) => 1 / (23 - 2 * i));

/** (-1)^n / (2n + 1)! and (-1)^n / (2n)!, highest first: Taylor on [0, pi/4], remainder below 2^-58. */
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const sineSeries = Float64Array.from({ length: 9 }, (_, i) => ((8 - i) % 2 ? -1 : 1) / factorial(17 - 2 * i));
const cosineSeries = Float64Array.from({ length: 9 }, (_, i) => ((8 - i) % 2 ? -1 : 1) / factorial(16 - 2 * i));

function horner(coefficients: Float64Array, x: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}

/**
 * log(k 2^-53) for an integer 1 <= k <= 2^53.
 *
 * k = 2^e m with sqrt(1/2) <= m < sqrt(2); log m = 2 atanh(s), s = (m - 1)/(m + 1), m - 1 exact.
 */
export function logUnit(k: number): number {
  const high = Math.floor(k / 4294967296);
  let exponent = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(k);
  let m = k * inversePower[exponent]!;
  if (m > 2 * halfRoot2) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  return (exponent - 53) * ln2 + 2 * s * horner(atanhSeries, s * s);
}

/**
 * out = (cos, sin) of 2 pi k 2^-53 for an integer 0 <= k < 2^53.
 *
 * The octant and the fraction f of pi/4 within it are exact; odd octants are reflected.
 */
export function circle(k: number, out: Float64Array): void {
  const eighths = k * inversePower[50]!;
  const octant = Math.floor(eighths);
  const f = octant % 2 === 0 ? eighths - octant : 1 - (eighths - octant);
  const x = quarterPi * f;
  const sine = x * horner(sineSeries, x * x);
  const cosine = horner(cosineSeries, x * x);
  const swap = octant === 1 || octant === 2 || octant === 5 || octant === 6;
  const a = swap ? sine : cosine;
  const b = swap ? cosine : sine;
  out[0] = octant >= 2 && octant < 6 ? -a : a;
  out[1] = octant >= 4 ? -b : b;
}

// Scratch of `normals`, which calls nothing that could call it again.
const block = new Uint32Array(4);
const direction = new Float64Array(2);

/**
 * out[i] = standard normal number offset + i of the stream.
 *
 * One block of four words gives two uniforms u, v and two normals: sqrt(-2 log u) cos 2 pi v and … sin 2 pi v,
 * u in (0, 1], v in [0, 1). Element i depends only on the key and on i. Bounded by arithmetic.
 */
export function normals(key: StreamKey, out: Float64Array | Float32Array, offset = 0): void {
  let radius = 0;
  for (let i = 0; i < out.length; i++) {
    const at = offset + i;
    const half = at % 2;
    if (i === 0 || half === 0) {
      philox(key, (at - half) / 2, block);
      radius = Math.sqrt(-2 * logUnit(bits53(block[0]!, block[1]!) + 1));
      circle(bits53(block[2]!, block[3]!), direction);
    }
    out[i] = radius * direction[half]!;
  }
}
