import { type Context, normals, streamKey, type Vec } from '@lowland/core';
import { cpu, multiply, matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { Krylov } from './krylov.ts';

/** A basis for diag(spectrum), begun with random vectors, after so many products; its vectors in rows. */
async function krylovOf(spectrum: readonly number[], begin: number, products: number) {
  const size = spectrum.length;
  const device = await cpu().open();
  using memory = device.memory();
  const context = { device, scratch: (length = size) => memory.vector(length) } as unknown as Context<never>;
  const vector = (data: Float64Array): Vec => {
    const out = memory.vector(data.length);
    device.write(out, data);
    return out;
  };
  const draw = (index: number) => {
    const data = new Float64Array(size);
    normals(streamKey(1, 'krylov', index), data);
    return vector(data);
  };
  const diagonal = vector(Float64Array.from(spectrum));
  const krylov = new Krylov(context, size, products);
  for (let index = 0; index < begin; index++) await krylov.add(draw(index));
  while (krylov.products < products && !krylov.complete) await krylov.multiply((v, out) => { device.kernels.mul(diagonal, v, out); });
  const rows = matrix(krylov.products, size);
  const out = memory.vector(size);
  for (let k = 0; k < rows.rows; k++) {
    krylov.combine(Float64Array.from({ length: rows.rows }, (_, j) => (j === k ? 1 : 0)), out);
    rows.data.set(await device.read(out), k * size);
  }
  return { krylov, rows, outside: (y: Float64Array) => krylov.outside(y) };
}

describe('Krylov', () => {
  // Ritz values converge at the ends of this spectrum, where a single orthogonalisation loses everything
  const spread = Array.from({ length: 40 }, (_, i) => 0.5 ** i);

  it.each([1, 2])('keeps its vectors orthonormal and knows V^T H V, begun with %i', async (begin) => {
    const { krylov, rows } = await krylovOf(spread, begin, 25);
    const k = rows.rows;
    multiply(rows, rows, { transposeB: true }).data.forEach((value, at) => expect(Math.abs(value - (at % (k + 1) === 0 ? 1 : 0))).toBeLessThan(1e-13));
    const images = matrix(k, 40, rows.data.map((value, at) => value * spread[at % 40]!));
    const exact = multiply(rows, images, { transposeB: true });
    krylov.projected().data.forEach((value, at) => expect(Math.abs(value - exact.data[at]!)).toBeLessThan(1e-13));
  });

  it('knows what a product leaves outside of it', async () => {
    const spectrum = Array.from({ length: 12 }, (_, i) => i - 4);
    const { krylov, rows } = await krylovOf(spectrum, 2, 5);
    const y = Float64Array.of(1, -2, 0.5, 3, -1);
    const image = new Float64Array(12);
    y.forEach((value, k) => rows.data.subarray(12 * k, 12 * k + 12).forEach((x, i) => (image[i] = image[i]! + value * x * spectrum[i]!)));
    const within = y.map((_, k) => rows.data.subarray(12 * k, 12 * k + 12).reduce((sum, x, i) => sum + x * image[i]!, 0));
    const square = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
    expect(krylov.outside(y)).toBeCloseTo(Math.sqrt(square(image) - square(within)), 10);
  });

  it('is complete where the space is invariant or full', async () => {
    const { krylov } = await krylovOf([3, 3, 3, -1, -1, 2], 1, 6);
    expect(krylov.complete).toBe(true);
    expect(krylov.products).toBe(3);
    expect(krylov.outside(Float64Array.of(1, 1, 1))).toBe(0);
    expect((await krylovOf([1, 2, 3], 2, 10)).krylov.products).toBe(3);
  });
});
