/**
 * Level-1 kernels in plain TypeScript. All are bound by memory: 1 or 2 flops for each number read.
 */
import type { Numbers } from './arrays.ts';

/** out += alpha x */
export function axpy(alpha: number, x: Numbers, out: Numbers): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i]! += alpha * x[i]!;
}

/** out *= alpha */
export function scal(alpha: number, out: Numbers): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i]! *= alpha;
}

/** out[i] = x[i] y[i] */
export function mul(x: Numbers, y: Numbers, out: Numbers): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = x[i]! * y[i]!;
}

/** <x, y> in four interleaved partial sums, (s0 + s1) + (s2 + s3): a fixed order, and four chains of additions in flight. */
export function dot(x: Numbers, y: Numbers): number {
  const n = x.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += x[i]! * y[i]!;
    s1 += x[i + 1]! * y[i + 1]!;
    s2 += x[i + 2]! * y[i + 2]!;
    s3 += x[i + 3]! * y[i + 3]!;
  }
  for (let i = whole; i < n; i++) s0 += x[i]! * y[i]!;
  return s0 + s1 + (s2 + s3);
}
