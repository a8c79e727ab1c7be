/** Numbers of either width. */
export type Numbers = Float64Array | Float32Array;

/** Sum of `a[i]·b[i]`, in the order of `dotAt`. */
export function dot(a: Numbers, b: Numbers): number {
  return dotAt(a.length, a, 0, b, 0);
}

/**
 * Sum of `a[aAt + i]·b[bAt + i]` over i < n: whole strides of eight in eight interleaved partial sums, their sum in a fixed
 * order, then the rest one by one. Eight chains of additions are in flight, and the vector kernels add in the same order.
 * Bound by memory beyond the caches: 2 flops for 16 bytes.
 */
export function dotAt(n: number, a: Numbers, aAt: number, b: Numbers, bAt: number): number {
  const whole = n - (n % 8);
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
  for (let i = 0; i < whole; i += 8) {
    const p = aAt + i;
    const q = bAt + i;
    s0 += a[p]! * b[q]!;
    s1 += a[p + 1]! * b[q + 1]!;
    s2 += a[p + 2]! * b[q + 2]!;
    s3 += a[p + 3]! * b[q + 3]!;
    s4 += a[p + 4]! * b[q + 4]!;
    s5 += a[p + 5]! * b[q + 5]!;
    s6 += a[p + 6]! * b[q + 6]!;
    s7 += a[p + 7]! * b[q + 7]!;
  }
  let sum = s0 + s2 + (s4 + s6) + (s1 + s3 + (s5 + s7));
  for (let i = whole; i < n; i++) sum += a[aAt + i]! * b[bAt + i]!;
  return sum;
}

/** Square roots of sums of squares between these have neither overflowed nor lost digits to underflow, summed in f64 or in f32. */
const safe = { f64: [1e-140, 1e140], f32: [1e-15, 1e15] } as const;

/** Euclidean norm; neither overflows nor underflows where the result is representable. NaN in, NaN out. */
export function norm(x: Numbers): number {
  return normFromSquares(x, dot(x, x));
}

/** The same where the sum of squares is known, formed in the width of x or more: it is formed again, scaled, where it is of no use. */
export function normFromSquares(x: Numbers, squares: number): number {
  const plain = Math.sqrt(squares);
  const [small, large] = x instanceof Float64Array ? safe.f64 : safe.f32;
  if (plain > small && plain < large) return plain;
  const largest = largestMagnitude(x);
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
export function largestMagnitude(x: Numbers): number {
  let largest = 0;
  for (const v of x) {
    const size = Math.abs(v);
    if (Number.isNaN(size)) return Number.NaN;
    if (size > largest) largest = size;
  }
  return largest;
}
