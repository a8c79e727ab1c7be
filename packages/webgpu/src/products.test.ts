/** Products whose sizes are no multiples of a tile, a workgroup or a slice, against sums in f64. */
import type { Transpose } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';

const bench = useDevice();

describe('gemm', () => {
  it.each([
    // a thread a tile
    [1, 70, 5], [70, 1, 5], [33, 65, 64], [129, 3, 7],
    // a workgroup a tile, one slice and more
    [1, 1, 65], [1, 1, 5000], [5, 7, 1023], [3, 1, 4097], [1, 37, 600], [37, 1, 600], [9, 10, 2000],
  ])('%i x %i, %i terms', async (m, n, k) => {
    const { device, matrix } = bench;
    const out = device.matrix(bench.memory.vector(m * n), 0, m, n);
    for (const [ta, tb] of [['N', 'N'], ['T', 'N'], ['N', 'T'], ['T', 'T']] as const satisfies readonly (readonly [Transpose, Transpose])[]) {
      const a = ta === 'N' ? matrix(m, k, 1) : matrix(k, m, 2);
      const b = tb === 'N' ? matrix(k, n, 3) : matrix(n, k, 4);
      device.kernels.fill(out, 1);
      device.kernels.gemm(ta, tb, -0.5, a.mat, b.mat, 2, out);
      const found = await device.read(out);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let [sum, size] = [0, 0];
          for (let l = 0; l < k; l++) {
            const term = (ta === 'N' ? a.data[i * k + l]! : a.data[l * m + i]!) * (tb === 'N' ? b.data[l * n + j]! : b.data[j * k + l]!);
            sum += term;
            size += Math.abs(term);
          }
          expect(Math.abs(found[i * n + j]! - (2 - 0.5 * sum))).toBeLessThanOrEqual((k + 4) * 2 ** -23 * (2 + 0.5 * size));
        }
      }
    }
  });
});

describe('gemv and dot', () => {
  it.each([[1, 300], [300, 1], [67, 129], [5, 2000]])('gemv of %i x %i, both ways', async (m, n) => {
    const { device, memory, matrix } = bench;
    const a = matrix(m, n, 5);
    for (const t of ['N', 'T'] as const) {
      const [rows, cols] = t === 'N' ? [m, n] : [n, m];
      const x = matrix(cols, 1, 6);
      const out = memory.vector(rows);
      device.kernels.gemv(t, 1, a.mat, x.mat, 0, out);
      const found = await device.read(out);
      for (let i = 0; i < rows; i++) {
        const terms = Array.from({ length: cols }, (_, j) => (t === 'N' ? a.data[i * n + j]! : a.data[j * n + i]!) * x.data[j]!);
        const bound = (cols + 4) * 2 ** -23 * terms.reduce((sum, term) => sum + Math.abs(term), 0);
        expect(Math.abs(found[i]! - terms.reduce((sum, term) => sum + term, 0))).toBeLessThanOrEqual(bound);
      }
    }
  });

  it.each([8192, 8193, 20_000, 100_003])('dot of %i numbers, in shares', async (n) => {
    const { device, memory, matrix } = bench;
    const [x, y, slots] = [matrix(n, 1, 7), matrix(n, 1, 8), memory.vector(3)];
    device.kernels.dot(x.mat, y.mat, slots, 1);
    let [sum, size] = [0, 0];
    x.data.forEach((a, i) => { sum += a * y.data[i]!; size += Math.abs(a * y.data[i]!); });
    const [before, found, after] = await device.read(slots);
    expect([before, after]).toEqual([0, 0]);
    // a share is 32 numbers a thread, then trees: far below n roundings
    expect(Math.abs(found! - sum)).toBeLessThanOrEqual(100 * 2 ** -24 * size);
  });

  it('gives the same bits again', async () => {
    const { device, memory, matrix } = bench;
    const [x, y] = [matrix(50_000, 1, 9), matrix(50_000, 1, 10)];
    const once = async () => {
      const slot = memory.vector(1);
      device.kernels.dot(x.mat, y.mat, slot);
      return await device.scalar(slot);
    };
    expect(await once()).toBe(await once());
  });
});

it('solves with ranks beyond a workgroup', async () => {
  const { device, memory, matrix } = bench;
  const r = 70;
  const half = matrix(r + 20, r, 11);
  const [a, b] = [device.matrix(memory.vector(r * r), 0, r, r), matrix(3, r, 12)];
  device.kernels.gemm('T', 'N', 1, half.mat, half.mat, 0, a);
  const out = device.matrix(memory.vector(3 * r), 0, 3, r);
  device.kernels.posvRight(a, 0.5, b.mat, out);
  const [given, x] = [await device.read(a), await device.read(out)];
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < r; j++) {
      let [residual, size] = [-b.data[i * r + j]!, 0];
      for (let k = 0; k < r; k++) {
        residual += x[i * r + k]! * (given[k * r + j]! + (k === j ? 0.5 : 0));
        size += Math.abs(x[i * r + k]!) * Math.sqrt((given[k * r + k]! + 0.5) * (given[j * r + j]! + 0.5));
      }
      expect(Math.abs(residual)).toBeLessThanOrEqual(8 * (r + 4) * 2 ** -24 * size);
    }
  }
});

it('takes products of sparse matrices with repeated, unsorted and missing rows', async () => {
  const { device, memory, matrix } = bench;
  const [m, n, r, count] = [40, 30, 3, 500];
  const rowData = Int32Array.from({ length: count }, (_, k) => (k * 37) % (m - 5));
  const colData = Int32Array.from({ length: count }, (_, k) => (k * k * 11) % n);
  const [row, col] = [memory.integers(rowData), memory.integers(colData)];
  const [values, b] = [matrix(count, 1, 13), matrix(n, r, 14)];
  const out = device.matrix(memory.vector(m * r), 0, m, r);
  device.kernels.spmm(row, col, values.mat, b.mat, out, false);
  const expected = new Float64Array(m * r);
  rowData.forEach((i, k) => { for (let j = 0; j < r; j++) expected[i * r + j]! += values.data[k]! * b.data[colData[k]! * r + j]!; });
  (await device.read(out)).forEach((x, i) => { expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-4); });
});
