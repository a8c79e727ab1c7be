import { expect, it } from 'vitest';

import { gaussian } from '../../test/support.ts';
import { fourier } from './fourier.ts';

/** The sum itself. */
function direct(x: Float64Array, sign: 1 | -1): Float64Array {
  const n = x.length / 2;
  const out = new Float64Array(x.length);
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      out[2 * k]! += c * x[2 * j]! - s * x[2 * j + 1]!;
      out[2 * k + 1]! += c * x[2 * j + 1]! + s * x[2 * j]!;
    }
  }
  return out;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 60, 64, 97, 100, 128])('is the transform of length %i, and its adjoint', (n) => {
  const { forward, adjoint } = fourier(n);
  const x = gaussian(2 * n, 'signal', n);
  const given = x.slice();
  const size = Math.hypot(...x);
  for (const [transform, sign] of [[forward, -1], [adjoint, 1]] as const) {
    const out = new Float64Array(2 * n).fill(NaN);
    transform(x, out);
    const expected = direct(x, sign);
    // twice: nothing is left over from a call
    expect(Math.hypot(...out.map((value, k) => value - expected[k]!))).toBeLessThan(2e-15 * Math.sqrt(n) * Math.log2(n + 2) * size);
    const again = new Float64Array(2 * n);
    transform(x, again);
    expect(again).toEqual(out);
  }
  expect(x).toEqual(given);
});

it('of length 1000 and 1009 keeps the length of vectors', () => {
  for (const n of [1000, 1009]) {
    const [x, out, back] = [gaussian(2 * n, 'signal'), new Float64Array(2 * n), new Float64Array(2 * n)];
    const { forward, adjoint } = fourier(n);
    forward(x, out);
    expect(Math.hypot(...out) / Math.sqrt(n) / Math.hypot(...x)).toBeCloseTo(1, 13);
    adjoint(out, back);
    expect(Math.max(...back.map((value, k) => Math.abs(value / n - x[k]!)))).toBeLessThan(1e-13);
  }
});
