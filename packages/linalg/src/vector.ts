/** Numbers of either width. */
export type Numbers = Float64Array | Float32Array;

/**
 * Sum of `a[i]·b[i]`, in four interleaved partial sums, (s0 + s1) + (s2 + s3): a fixed order, and four chains of additions
 * in flight. Bound by memory beyond the caches: 2 flops for 16 bytes.
 */
export function dot(a: Numbers, b: Numbers): number {
  const n = a.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < n; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** Squares between these limits neither overflow nor lose digits to underflow. */
const safeSmall = 1e-140;
const safeLarge = 1e140;

/** Euclidean norm; neither overflows nor underflows where the result is representable. NaN in, NaN out. */
export function norm(x: Float64Array): number {
  const plain = Math.sqrt(dot(x, x));
  if (plain > safeSmall && plain < safeLarge) return plain;
  let largest = 0;
  for (const v of x) {
    const size = Math.abs(v);
    if (!(size <= largest)) largest = size; // also lets NaN through
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const v of x) sum += (v / largest) * (v / largest);
  return largest * Math.sqrt(sum);
}

/** `y += alpha·x`. Bound by memory. */
export function axpy(alpha: number, x: Numbers, y: Numbers): void {
  const n = x.length;
  for (let i = 0; i < n; i++) y[i]! += alpha * x[i]!;
}

/** `x *= alpha`. Bound by memory. */
export function scale(alpha: number, x: Numbers): void {
  const n = x.length;
  for (let i = 0; i < n; i++) x[i]! *= alpha;
}

/** `out[i] = x[i]·y[i]`. Bound by memory. */
export function multiplyEntries(x: Numbers, y: Numbers, out: Numbers): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = x[i]! * y[i]!;
}

/** The largest `|x[i]|`, 0 when empty, NaN when any entry is NaN. */
export function largestMagnitude(x: Float64Array): number {
  let largest = 0;
  for (const v of x) {
    const size = Math.abs(v);
    if (Number.isNaN(size)) return Number.NaN;
    if (size > largest) largest = size;
  }
  return largest;
}
