import { type Device, streamKey } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { matrix, type Matrix } from '../matrix.ts';
import { multiply } from '../multiply.ts';
import { cpu } from './backend.ts';
import { hostKernels } from './plain-kernels.ts';

const largest = (a: ArrayLike<number>): number => Array.from(a).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const difference = (a: Matrix, b: Matrix): number => largest(a.data.map((x, k) => x - b.data[k]!));
const eye = (n: number): Matrix => matrix(n, n, Float64Array.from({ length: n * n }, (_, k) => Number(k % (n + 1) === 0)));

describe.each([cpu({ kernels: 'plain' }), cpu(), cpu({ dtype: 'f32' })])('decompositions on cpu, $variant $dtype', (backend) => {
  const precision = backend.dtype === 'f32' ? 1e-6 : 1e-14;

  /** A device matrix whose columns from `rank` on are combinations of those before. */
  function setting(rows: number, cols: number, rank: number) {
    const device = backend.open() as Device;
    const memory = device.memory();
    const make = (m: number, n: number) => device.matrix(memory.vector(m * n), 0, m, n);
    const read = (a: { rows: number; cols: number }) => matrix(a.rows, a.cols, device.read(a as never) as Float64Array);
    const [left, right, a] = [make(rows, rank), make(cols, rank), make(rows, cols)];
    device.kernels.normal(streamKey(1, 'left'), left);
    device.kernels.normal(streamKey(1, 'right'), right);
    device.kernels.gemm('N', 'T', 1, left, right, 0, a);
    return { device, memory, make, read, a };
  }

  it.each([[9, 4, 4], [9, 4, 2], [3, 5, 3], [4, 4, 1]])('geqr of %i x %i, rank %i', (rows, cols, rank) => {
    const { device, make, read, a } = setting(rows, cols, rank);
    const k = Math.min(rows, cols);
    const [q, r] = [make(rows, k), make(k, cols)];
    device.kernels.geqr!(a, q, r);
    expect(difference(multiply(read(q), read(r)), read(a))).toBeLessThan(20 * precision);
    expect(difference(multiply(read(q), read(q), { transposeA: true }), eye(k))).toBeLessThan(10 * precision);
    for (let i = 0; i < k; i++) expect(read(r).data.subarray(i * cols, i * cols + Math.min(i, cols))).toEqual(new Float64Array(Math.min(i, cols)));
  });

  it.each([[9, 4, 4, 4], [9, 4, 2, 2], [3, 5, 3, 2], [6, 6, 6, 1]])('gesvd of %i x %i, rank %i: its %i leading triples', (rows, cols, rank, count) => {
    const { device, memory, make, read, a } = setting(rows, cols, rank);
    const [u, v, s] = [make(rows, count), make(cols, count), memory.vector(count)];
    device.kernels.gesvd!(a, u, s, v);
    const values = device.read(s) as Float64Array;
    expect([...values].sort((x, y) => y - x)).toEqual([...values]);
    const image = multiply(read(a), read(v));
    expect(largest(image.data.map((x, k) => x - read(u).data[k]! * values[k % count]!))).toBeLessThan(30 * precision);
    expect(difference(multiply(read(u), read(u), { transposeA: true }), eye(count))).toBeLessThan(10 * precision);
    expect(difference(multiply(read(v), read(v), { transposeA: true }), eye(count))).toBeLessThan(10 * precision);
    // the leading ones: what is left is no longer than the last of them
    if (count === rank) expect(difference(multiply(matrix(rows, count, read(u).data.map((x, k) => x * values[k % count]!)), read(v), { transposeB: true }), read(a))).toBeLessThan(30 * precision);
  });

  it('NaN gives NaN, and shapes that do not fit are refused', () => {
    const { device, memory, make, a } = setting(5, 3, 3);
    const [u, v, s] = [make(5, 2), make(3, 2), memory.vector(2)];
    expect(() => { device.kernels.gesvd!(a, v, s, u); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error);
    expect(() => { device.kernels.gesvd!(a, u, memory.vector(3), v); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error);
    expect(() => { device.kernels.geqr!(a, u, make(2, 3)); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error);
    device.write(a, new Float64Array(15).fill(NaN));
    device.kernels.gesvd!(a, u, s, v);
    for (const out of [u, s, v]) expect((device.read(out) as Float64Array).every(Number.isNaN)).toBe(true);
  });
});

it('are lent to devices of others', () => {
  const plain = (rows: number, cols: number, data: number[]) => ({ rows, cols, complex: false, data: Float64Array.from(data) });
  const [a, u, v, s] = [plain(2, 2, [3, 0, 0, 2]), plain(2, 1, [0, 0]), plain(2, 1, [0, 0]), new Float64Array(1)];
  hostKernels.gesvd(a, u, s, v);
  expect([...s, ...u.data, ...v.data]).toEqual([expect.closeTo(3, 14), expect.closeTo(1, 14), expect.closeTo(0, 14), expect.closeTo(1, 14), expect.closeTo(0, 14)]);
  const [q, r] = [plain(2, 2, [0, 0, 0, 0]), plain(2, 2, [0, 0, 0, 0])];
  hostKernels.geqr(a, q, r);
  expect([...r.data]).toEqual([3, 0, 0, 2]);
});
