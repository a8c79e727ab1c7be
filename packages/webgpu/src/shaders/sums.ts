/**
 * Sums of many numbers: in f32, or compensated, as if they were computed with twice the digits and rounded once (Ogita, Rump, Oishi, SIAM J.
 * Sci. Comput. 26, 2005: Sum2 and Dot2). Such a sum is a pair, what f32 gives and the rounding errors on the way, which Knuth's two-sum and
 * Dekker's product find exactly. Compilers may delete them, since WGSL allows to reorder: so each rounding is hidden behind a run-time zero,
 * and a device is asked first whether that helps (`doubleSumsWork`).
 *
 * 25 operations a product in place of 2, and about as many on bits: less than a GPU has time for while it reads the 8 bytes of the factors.
 */

export type Sums = 'f32' | 'df64';

/** A shader for each kind of sum. */
export const forSums = <S>(make: (sums: Sums) => S): Readonly<Record<Sums, S>> => ({ f32: make('f32'), df64: make('df64') });

/** Numbers that a sum takes in memory. */
export const sumWidth: Readonly<Record<Sums, number>> = { f32: 1, df64: 2 };

const plain = `
alias Sum = f32;

fn plus(s: Sum, x: f32) -> Sum {
  return s + x;
}

fn plusProduct(s: Sum, a: f32, b: f32) -> Sum {
  return s + a * b;
}

fn together(s: Sum, t: Sum) -> Sum {
  return s + t;
}

fn rounded(s: Sum) -> f32 {
  return s;
}`;

const compensated = (zero: string): string => `
alias Sum = vec2f;

fn opaque(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ (${zero}));
}

fn sumError(a: f32, b: f32, s: f32) -> f32 {
  let bb = opaque(s - a);
  return opaque(opaque(a - opaque(s - bb)) + opaque(b - bb));
}

fn high(a: f32) -> f32 {
  let c = opaque(4097.0 * a);
  return opaque(c - opaque(c - a));
}

fn productError(a: f32, b: f32, product: f32) -> f32 {
  let ah = high(a);
  let al = opaque(a - ah);
  let bh = high(b);
  let bl = opaque(b - bh);
  let e0 = opaque(opaque(ah * bh) - product);
  let e1 = opaque(e0 + opaque(ah * bl));
  let e2 = opaque(e1 + opaque(al * bh));
  return opaque(e2 + opaque(al * bl));
}

fn plus(s: Sum, x: f32) -> Sum {
  let all = opaque(s.x + x);
  return vec2f(all, s.y + sumError(s.x, x, all));
}

fn plusProduct(s: Sum, a: f32, b: f32) -> Sum {
  let product = opaque(a * b);
  let all = opaque(s.x + product);
  return vec2f(all, s.y + (sumError(s.x, product, all) + productError(a, b, product)));
}

fn together(s: Sum, t: Sum) -> Sum {
  let all = opaque(s.x + t.x);
  return vec2f(all, (s.y + t.y) + sumError(s.x, t.x, all));
}

// Where a number is too large for its error to be had, the sum is that of f32.
fn rounded(s: Sum) -> f32 {
  return select(s.x + s.y, s.x, (bitcast<u32>(s.y) & 0x7f800000u) == 0x7f800000u);
}`;

/**
 * The type `Sum`, whose `Sum()` is 0, and its functions.
 *
 * @param zero an expression in the parameters that is 0 whenever the shader runs, and of which the compiler does not know it
 */
export const sumFunctions = (sums: Sums, zero: string): string => (sums === 'f32' ? plain : compensated(zero));

/** A tree over the `threads` of a workgroup: `total(lane, share)` is the sum of all shares, in the first thread. */
export const sumTree = (threads: number): string => `
var<workgroup> shares: array<Sum, ${threads}>;

fn total(lane: u32, share: Sum) -> Sum {
  shares[lane] = share;
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shares[lane] = together(shares[lane], shares[lane + half]);
    }
  }
  return shares[0];
}`;

/** A statement that keeps a sum as number `index` of an array of sums, and an expression that reads it. */
export const keepSum = (sums: Sums, array: string, index: string, sum: string): string =>
  sums === 'f32' ? `${array}[${index}] = ${sum};` : `${array}[2u * (${index})] = ${sum}.x;\n    ${array}[2u * (${index}) + 1u] = ${sum}.y;`;
export const keptSum = (sums: Sums, array: string, index: string): string => (sums === 'f32' ? `${array}[${index}]` : `vec2f(${array}[2u * (${index})], ${array}[2u * (${index}) + 1u])`);
