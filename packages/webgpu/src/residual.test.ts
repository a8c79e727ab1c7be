/** The residual in one pass, against sums in f64; and the routes that use it, against the cpu. */
import type { AnyObjective } from '@lowland/core';
import { generateMatrix, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';
import { expectFused } from '../test/routes.ts';

const bench = useDevice();

describe('residualProducts', () => {
  it.each([
    // rows, columns, rank, columns of b and c: below and beyond a block, a strip, a chunk, the columns of a dispatch
    [1, 1, 1, 1], [1, 40, 2, 3], [40, 1, 2, 3], [17, 9, 3, 2], [64, 16, 4, 4], [65, 17, 3, 3], [130, 150, 2, 2], [33, 20, 0, 2], [20, 30, 2, 35], [70, 200, 3, 64],
  ])('%i x %i, rank %i, %i columns', async (m, n, k, r) => {
    const { device, memory, matrix } = bench;
    const [target, u, v, b, c] = [matrix(m, n, 1), matrix(m, k, 2), matrix(n, k, 3), matrix(n, r, 4), matrix(m, r, 5)];
    // blocks of one vector, as of a gradient
    const both = memory.vector((m + n) * r);
    const [left, right] = [device.matrix(both, 0, m, r), device.matrix(both, m * r, n, r)];
    const slots = memory.vector(3);
    device.kernels.fill(slots, -1);
    device.kernels.fill(both, NaN);
    device.kernels.residualProducts!(target.mat, u.mat, v.mat, -0.5, b.mat, left, c.mat, right, slots, 1);

    const residual = Float64Array.from({ length: m * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = -target.data[at]!;
      for (let l = 0; l < k; l++) sum += u.data[i * k + l]! * v.data[j * k + l]!;
      return sum;
    });
    const expected = new Float64Array((m + n) * r);
    const sizes = new Float64Array((m + n) * r);
    residual.forEach((entry, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      for (let q = 0; q < r; q++) {
        expected[i * r + q]! -= 0.5 * entry * b.data[j * r + q]!;
        expected[(m + j) * r + q]! -= 0.5 * entry * c.data[i * r + q]!;
        sizes[i * r + q]! += (Math.abs(entry) + 2 * k) * Math.abs(b.data[j * r + q]!);
        sizes[(m + j) * r + q]! += (Math.abs(entry) + 2 * k) * Math.abs(c.data[i * r + q]!);
      }
    });
    const squares = residual.reduce((sum, entry) => sum + entry * entry, 0);
    const [before, found, after] = await device.read(slots);
    expect([before, after]).toEqual([-1, -1]);
    expect(Math.abs(found! - squares)).toBeLessThanOrEqual(1e-5 * squares);
    const products = await device.read(both);
    products.forEach((x, i) => { expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(2e-6 * (sizes[i]! + 1)); });

    // one side, and none: the same numbers
    const alone = device.matrix(memory.vector(n * r), 0, n, r);
    device.kernels.residualProducts!(target.mat, u.mat, v.mat, -0.5, undefined, undefined, c.mat, alone, slots, 0);
    device.kernels.residualProducts!(target.mat, u.mat, v.mat, 1, undefined, undefined, undefined, undefined, slots, 2);
    expect(await device.read(alone)).toEqual(products.subarray(m * r));
    expect(await device.read(slots)).toEqual(Float64Array.of(found!, found!, found!));
  });

  it('adds squares up to the last digits, however many there are', async () => {
    const { device, memory } = bench;
    const [m, n, tenth] = [700, 300, Math.fround(0.1)];
    const [target, u, v, slot] = [device.matrix(memory.vector(m * n), 0, m, n), device.matrix(memory.vector(m), 0, m, 1), device.matrix(memory.vector(n), 0, n, 1), memory.vector(1)];
    device.kernels.fill(target, tenth);
    device.kernels.residualProducts!(target, u, v, 1, undefined, undefined, undefined, undefined, slot);
    // the roundings of a square, of sixteen that are added in f32, and the last one
    expect(Math.abs((await device.scalar(slot)) / (m * n * tenth * tenth) - 1)).toBeLessThanOrEqual(10 * 2 ** -24);
  });

  it('of nothing is nothing', async () => {
    const { device, memory, matrix } = bench;
    const [none, u, v, c] = [matrix(3, 0, 1), matrix(3, 2, 2), matrix(0, 2, 3), matrix(3, 2, 4)];
    const [left, slot] = [device.matrix(memory.vector(6), 0, 3, 2), memory.vector(1)];
    device.kernels.fill(left, 7);
    device.kernels.fill(slot, 7);
    device.kernels.residualProducts!(none.mat, u.mat, v.mat, 1, v.mat, left, c.mat, device.matrix(memory.vector(0), 0, 0, 2), slot);
    expect([...(await device.read(left)), await device.scalar(slot)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('refuses shapes that do not fit, halves of a pair, shared vectors', () => {
    const { device, memory, matrix } = bench;
    const kernel = device.kernels.residualProducts!;
    const [target, u, v, b, left, slot] = [matrix(3, 4, 1).mat, matrix(3, 2, 2).mat, matrix(4, 2, 3).mat, matrix(4, 2, 4).mat, matrix(3, 2, 5).mat, memory.vector(1)];
    const shape = expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error;
    expect(() => { kernel(target, v, u, 1, b, left, undefined, undefined, slot); }).toThrow(shape);
    expect(() => { kernel(target, u, v, 1, b, undefined, undefined, undefined, slot); }).toThrow(shape);
    expect(() => { kernel(target, u, v, 1, b, left, undefined, undefined, slot, 1); }).toThrow(shape);
    const alias = expect.objectContaining({ code: 'LOWLAND_E_ALIAS' }) as Error;
    expect(() => { kernel(target, u, v, 1, b, u, undefined, undefined, slot); }).toThrow(alias);
    expect(() => { kernel(target, u, v, 1, b, left, undefined, undefined, device.view(v, 0, 1)); }).toThrow(alias);
  });
});

describe('the fused routes', () => {
  const [size, rank] = [{ rows: 30, cols: 21, rank: 3 }, 3];
  it.each<[string, AnyObjective]>([
    ['factorization', matrixFactorization({ target: generateMatrix(size, 1).data, rank, lambda: 0.1 })],
    ['symmetric factorization', symmetricFactorization({ target: generateMatrix({ ...size, cols: 30, symmetric: true }, 2).data, rank })],
  ])('of %s give what the cpu gives in f64, to f32', async (_, objective) => {
    await expectFused(bench, objective);
  });
});
