/** The functions of `wasm/eigen-module.ts` in plain TypeScript: the same sums in the same order, so the same bits. */

/** out = A x for a symmetric n x n A, of which the lower triangle is read: four rows at a time, with two interleaved sums for each. Bound by memory. */
export function symv(data: Float64Array, n: number, a: number, aRow: number, x: number, out: number): void {
  for (let i = 0; i < n; i += 4) {
    const count = Math.min(4, n - i);
    for (let r = 0; r < count; r++) {
      const row = a + (i + r) * aRow;
      const factor = data[x + i + r]!;
      let [even, odd] = [0, 0];
      for (let j = 0; j < i; j += 2) {
        const [left, right] = [data[row + j]!, data[row + j + 1]!];
        even += left * data[x + j]!;
        odd += right * data[x + j + 1]!;
        data[out + j]! += left * factor;
        data[out + j + 1]! += right * factor;
      }
      let total = even + odd;
      for (let c = 0; c < r; c++) {
        const entry = data[row + i + c]!;
        total += entry * data[x + i + c]!;
        data[out + i + c]! += entry * factor;
      }
      data[out + i + r] = total + data[row + i + r]! * factor;
    }
  }
}

/** Rotation k turns rows k and k + 1: x = c x + s y, y = c y - s x. */
export function rotateRows(data: Float64Array, count: number, cols: number, z: number, row: number, cs: number): void {
  for (let k = 0; k < count; k++) {
    const [c, s] = [data[cs + 2 * k]!, data[cs + 2 * k + 1]!];
    const first = z + k * row;
    const second = first + row;
    for (let j = 0; j < cols; j++) {
      const x = data[first + j]!;
      const y = data[second + j]!;
      data[first + j] = c * x + s * y;
      data[second + j] = c * y - s * x;
    }
  }
}

/** Sums of z²/g and (z/g)², g = (d − origin) − tau, over the first `split` of n poles and over the others: two interleaved sums each. */
export function secular(data: Float64Array, n: number, split: number, d: number, z: number, origin: number, tau: number, out: number): void {
  secularPart(data, split, d, z, origin, tau, out);
  secularPart(data, n - split, d + split, z + split, origin, tau, out + 2);
}

function secularPart(data: Float64Array, n: number, d: number, z: number, origin: number, tau: number, out: number): void {
  const whole = n - (n % 2);
  let s0 = 0, s1 = 0, t0 = 0, t1 = 0;
  for (let i = 0; i < whole; i += 2) {
    const r0 = data[z + i]! / (data[d + i]! - origin - tau);
    const r1 = data[z + i + 1]! / (data[d + i + 1]! - origin - tau);
    s0 += data[z + i]! * r0;
    s1 += data[z + i + 1]! * r1;
    t0 += r0 * r0;
    t1 += r1 * r1;
  }
  let sum = s0 + s1;
  let slope = t0 + t1;
  if (whole < n) {
    const r = data[z + whole]! / (data[d + whole]! - origin - tau);
    sum += data[z + whole]! * r;
    slope += r * r;
  }
  data[out] = sum;
  data[out + 1] = slope;
}

export function gaps(data: Float64Array, n: number, d: number, origin: number, tau: number, out: number): void {
  for (let i = 0; i < n; i++) data[out + i] = data[d + i]! - origin - tau;
}

/** w[i] *= gaps[i] / (d[i] - pole) */
export function weigh(data: Float64Array, n: number, gapsAt: number, d: number, pole: number, w: number): void {
  for (let i = 0; i < n; i++) data[w + i]! *= data[gapsAt + i]! / (data[d + i]! - pole);
}

/** out[i] = z[i] / gaps[i]; the sum of their squares, two interleaved sums. */
export function direction(data: Float64Array, n: number, z: number, gapsAt: number, out: number): number {
  let s0 = 0, s1 = 0;
  const whole = n - (n % 2);
  for (let i = 0; i < n; i++) data[out + i] = data[z + i]! / data[gapsAt + i]!;
  for (let i = 0; i < whole; i += 2) {
    s0 += data[out + i]! * data[out + i]!;
    s1 += data[out + i + 1]! * data[out + i + 1]!;
  }
  return whole < n ? s0 + s1 + data[out + whole]! * data[out + whole]! : s0 + s1;
}
