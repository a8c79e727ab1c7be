/** Norms, triangles and factors against their definitions in f64, on the GPU and on the cpu: one kernel is what the other is. */
import { type Backend, type Device, errorCode } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { type Bench, useDevice, useHost } from '../test/devices.ts';

const epsilon = 2 ** -23;

/** Largest |x - y|, x and y alike in length. */
function distance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  expect(x.length).toBe(y.length);
  return Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
}
const largest = (x: ArrayLike<number>): number => Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** a b of row-major matrices with m rows, k inner. */
function times(a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number): Float64Array {
  const n = b.length / k;
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let l = 0; l < k; l++) for (let j = 0; j < n; j++) out[i * n + j]! += a[i * k + l]! * b[l * n + j]!;
  return out;
}
const transposed = (a: ArrayLike<number>, rows: number): Float64Array => {
  const cols = a.length / rows;
  return Float64Array.from({ length: a.length }, (_, at) => a[(at % rows) * cols + Math.floor(at / rows)]!);
};
const eye = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0));
const columns = (x: Float64Array, rows: number): Float64Array => times(transposed(x, rows), x, x.length / rows, rows);

const [gpu, host] = [useDevice(), useHost()];

describe.each<[string, Bench<Backend, Device>]>([['webgpu', gpu], ['cpu in f32', host]])('%s', (_, bench) => {
  const upload = (data: readonly number[]) => {
    const x = bench.memory.vector(data.length);
    bench.device.write(x, Float64Array.from(data));
    return x;
  };
  const make = (rows: number, cols: number) => bench.device.matrix(bench.memory.vector(rows * cols), 0, rows, cols);

  describe('nrm2', () => {
    it.each([[[]], [[0, -0]], [[3, 4]], [[3e37, -4e37]], [[3e-36, 4e-36]], [[3e-20, 4e30]], [[1e38, 1e38, 1e38, 1e38]], [[Infinity, 1]], [[-Infinity]], [[NaN, Infinity]], [[0, NaN]]])('of %j', async (numbers) => {
      const slots = upload([7, 7]);
      bench.device.kernels.nrm2!(upload(numbers), slots, 1);
      const [before, found] = await bench.device.read(slots);
      const expected = numbers.some(Number.isNaN) ? NaN : Math.fround(Math.hypot(...numbers));
      expect(before).toBe(7);
      if (Number.isFinite(expected)) expect(Math.abs(found! - expected)).toBeLessThanOrEqual(2 * epsilon * expected);
      else expect(found).toBe(expected);
    });

    it.each([300, 8193, 100_003])('of %i numbers of all sizes', async (n) => {
      const x = bench.matrix(n, 1, 1);
      const out = bench.memory.vector(1);
      bench.device.kernels.nrm2!(x.mat, out);
      expect(Math.abs((await bench.device.scalar(out)) / Math.sqrt(x.data.reduce((sum, value) => sum + value * value, 0)) - 1)).toBeLessThanOrEqual(2 * epsilon);
    });
  });

  it.each([[1, 1], [3, 5], [70, 33]])('ger of %i x %i', async (m, n) => {
    const [x, y, out] = [bench.matrix(m, 1, 1), bench.matrix(n, 1, 2), bench.matrix(m, n, 3)];
    bench.device.kernels.ger!(-0.5, x.mat, y.mat, out.mat);
    const expected = out.data.map((value, at) => value - 0.5 * x.data[Math.floor(at / n)]! * y.data[at % n]!);
    expect(distance(await bench.device.read(out.mat), expected)).toBeLessThanOrEqual(4 * epsilon * largest(expected));
  });

  it.each([[1, 4, 'T'], [5, 3, 'N'], [33, 70, 'T'], [70, 9, 'N']] as const)('syrk of order %i, %i terms, %s', async (n, k, t) => {
    const a = t === 'N' ? bench.matrix(n, k, 1) : bench.matrix(k, n, 1);
    const out = bench.matrix(n, n, 2);
    bench.device.kernels.syrk!(t, 2, a.mat, -0.5, out.mat);
    const left = t === 'N' ? a.data : transposed(a.data, k);
    const expected = times(left, transposed(left, n), n, k).map((sum, at) => {
      const [i, j] = [Math.max(Math.floor(at / n), at % n), Math.min(Math.floor(at / n), at % n)];
      return 2 * sum - 0.5 * out.data[i * n + j]!;
    });
    const found = await bench.device.read(out.mat);
    expect(distance(found, expected)).toBeLessThanOrEqual((k + 4) * epsilon * largest(expected));
    expect(found).toEqual(transposed(found, n));
  });

  // below, at and beyond the columns of a dispatch
  it.each([1, 3, 32, 33, 100])('potrf of order %i, and solves with the factor', async (n) => {
    const { device, memory, matrix } = bench;
    const half = matrix(n + 10, n, 1);
    const [a, l] = [make(n, n), make(n, n)];
    device.kernels.syrk!('T', 1, half.mat, 0, a);
    device.kernels.fill(l, NaN);
    device.kernels.potrf!(a, 0.5, l);
    const [given, factor] = [await device.read(a), await device.read(l)];
    for (let i = 0; i < n; i++) {
      given[i * n + i]! += 0.5;
      for (let j = i + 1; j < n; j++) expect(factor[i * n + j]).toBe(0);
    }
    expect(distance(times(factor, transposed(factor, n), n, n), given)).toBeLessThanOrEqual((n + 4) * epsilon * largest(given));

    for (const side of ['L', 'R'] as const) {
      for (const t of ['N', 'T'] as const) {
        const b = side === 'L' ? matrix(n, 5, 2) : matrix(5, n, 2);
        // what lies above the diagonal is not used
        const spoilt = device.matrix(upload([...factor].map((value, at) => (at % n > Math.floor(at / n) ? 99 : value))), 0, n, n);
        const out = device.matrix(memory.vector(b.data.length), 0, b.mat.rows, b.mat.cols);
        device.kernels.trsm!(side, t, spoilt, b.mat, out);
        const x = await device.read(out);
        const op = t === 'N' ? factor : transposed(factor, n);
        const [back, sizes] = [(o: ArrayLike<number>, y: ArrayLike<number>) => (side === 'L' ? times(o, y, n, n) : times(y, o, 5, n)), (y: Float64Array) => y.map(Math.abs)];
        const bounds = back(sizes(op), sizes(x));
        back(op, x).forEach((value, i) => { expect(Math.abs(value - b.data[i]!)).toBeLessThanOrEqual((n + 4) * epsilon * (bounds[i]! + Math.abs(b.data[i]!))); });
      }
    }
  });

  it.each([2, 40])('potrf of an indefinite matrix of order %i is NaN, everywhere', async (n) => {
    const a = Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0));
    a[n * n - 1] = -1;
    const out = make(n, n);
    bench.device.kernels.potrf!(bench.device.matrix(upload(a), 0, n, n), 0.5, out);
    expect([...(await bench.device.read(out))].every(Number.isNaN)).toBe(true);
  });

  /** An m x n matrix of this rank. */
  function ofRank(m: number, n: number, rank: number) {
    const a = make(m, n);
    bench.device.kernels.gemm('N', 'T', 1, bench.matrix(m, rank, 1).mat, bench.matrix(n, rank, 2).mat, 0, a);
    return a;
  }

  it.each([[1, 1, 1], [9, 4, 4], [9, 4, 2], [3, 5, 3], [300, 7, 7], [4, 4, 0]])('geqr of %i x %i, rank %i', async (m, n, rank) => {
    const { device } = bench;
    const a = ofRank(m, n, rank);
    const k = Math.min(m, n);
    const [q, r] = [make(m, k), make(k, n)];
    device.kernels.fill(q, NaN);
    device.kernels.fill(r, NaN);
    device.kernels.geqr!(a, q, r);
    const [given, left, right] = [await device.read(a), await device.read(q), await device.read(r)];
    expect(distance(times(left, right, m, k), given)).toBeLessThanOrEqual(20 * epsilon * (1 + largest(given)) * Math.sqrt(m));
    expect(distance(columns(left, m), eye(k))).toBeLessThanOrEqual(20 * epsilon);
    for (let i = 0; i < k; i++) {
      expect(right[i * n + i]).toBeGreaterThanOrEqual(0);
      for (let j = 0; j < i; j++) expect(right[i * n + j]).toBe(0);
    }
  });

  it('geqr keeps numbers near the ends of the range', async () => {
    const { device } = bench;
    for (const scale of [1e-30, 1e35]) {
      const a = device.matrix(upload([3, 0, 4, 5].map((x) => x * scale)), 0, 2, 2);
      const [q, r] = [make(2, 2), make(2, 2)];
      device.kernels.geqr!(a, q, r);
      expect(distance(await device.read(q), [0.6, -0.8, 0.8, 0.6])).toBeLessThanOrEqual(4 * epsilon);
      expect(distance(await device.read(r), [5 * scale, 4 * scale, 0, 3 * scale])).toBeLessThanOrEqual(8 * epsilon * scale * 5);
    }
  });

  it.each([[1, 1, 1, 1], [9, 4, 4, 4], [9, 4, 2, 4], [3, 5, 3, 2], [6, 6, 6, 1], [200, 7, 7, 3], [24, 24, 6, 6], [5, 4, 0, 4]])('gesvd of %i x %i, rank %i: its %i leading triples', async (m, n, rank, count) => {
    const { device, memory } = bench;
    const a = ofRank(m, n, rank);
    const [u, v, s] = [make(m, count), make(n, count), memory.vector(count)];
    device.kernels.gesvd!(a, u, s, v);
    const [given, left, right, values] = [await device.read(a), await device.read(u), await device.read(v), await device.read(s)];
    const size = Math.sqrt(given.reduce((sum, x) => sum + x * x, 0));
    expect([...values].sort((x, y) => y - x)).toEqual([...values]);
    expect(distance(times(given, right, m, n), left.map((x, at) => x * values[at % count]!))).toBeLessThanOrEqual(30 * epsilon * size);
    for (const [vectors, rows] of [[left, m], [right, n]] as const) expect(distance(columns(vectors, rows), eye(count))).toBeLessThanOrEqual((20 + count) * epsilon);
    // the leading ones: nothing longer is left
    const rest = given.map((x, at) => x - Array.from({ length: count }, (_, k) => left[Math.floor(at / n) * count + k]! * values[k]! * right[(at % n) * count + k]!).reduce((sum, y) => sum + y, 0));
    const norm = values.reduce((sum, x) => sum + x * x, 0) + rest.reduce((sum, x) => sum + x * x, 0);
    expect(Math.abs(norm - size * size)).toBeLessThanOrEqual(1e-5 * size * size);
    if (count >= rank) expect(largest(rest)).toBeLessThanOrEqual(30 * epsilon * size);
  });

  // their squares have no number in f32
  it.each([2 ** 80, 2 ** -80])('gesvd of numbers of size %d is that of numbers near 1', async (scale) => {
    const { device, memory } = bench;
    const triples = async (factor: number) => {
      const [u, v, s] = [make(5, 3), make(3, 3), memory.vector(3)];
      device.kernels.gesvd!(device.matrix(upload([4, 1, 0, 1, 3, 1, 0, 1, 2, 1, 1, 1, 2, 0, 1].map((x) => factor * x)), 0, 5, 3), u, s, v);
      return { left: await device.read(u), values: (await device.read(s)).map((x) => x / factor), right: await device.read(v) };
    };
    const [near, far] = [await triples(1), await triples(scale)];
    for (const part of ['left', 'values', 'right'] as const) expect(distance(far[part], near[part])).toBeLessThanOrEqual(40 * epsilon);
    expect(largest(near.values)).toBeGreaterThan(4);
  });

  it('gesvd of what is not finite is NaN', async () => {
    const { device, memory } = bench;
    for (const spoilt of [NaN, Infinity]) {
      const [u, v, s] = [make(3, 2), make(2, 2), memory.vector(2)];
      device.kernels.gesvd!(device.matrix(upload([1, 2, 3, spoilt, 5, 6]), 0, 3, 2), u, s, v);
      for (const out of [u, v, s]) expect([...(await device.read(out))].every(Number.isNaN)).toBe(true);
    }
  });
});

it('refuse shapes that do not fit, complex matrices and shared vectors', () => {
  const { device, memory } = gpu;
  const make = (rows: number, cols: number) => device.matrix(memory.vector(rows * cols), 0, rows, cols);
  const { nrm2, ger, syrk, potrf, trsm, geqr, gesvd } = device.kernels;
  const [a, b, wide, x] = [make(2, 2), make(2, 2), make(2, 3), memory.vector(2)];
  const complex = device.matrix(memory.vector(8), 0, 2, 2, true);
  const code = (call: () => void) => {
    try {
      call();
    } catch (error) {
      return errorCode(error);
    }
    return undefined;
  };
  for (const call of [() => { nrm2!(x, memory.vector(1), 1); }, () => { ger!(1, x, x, wide); }, () => { syrk!('N', 1, a, 0, wide); }, () => { potrf!(wide, 0, wide); }, () => { trsm!('L', 'N', a, wide, b); }, () => { trsm!('L', 'N', wide, a, b); }, () => { geqr!(wide, a, a); }, () => { gesvd!(wide, a, x, b); }]) expect(code(call)).toBe('LOWLAND_E_SHAPE');
  for (const call of [() => { nrm2!(x, x); }, () => { potrf!(a, 0, a); }, () => { trsm!('L', 'N', a, b, b); }, () => { syrk!('N', 1, a, 0, a); }, () => { geqr!(a, b, b); }, () => { gesvd!(a, b, x, b); }]) expect(code(call)).toBe('LOWLAND_E_ALIAS');
  for (const call of [() => { ger!(1, x, x, complex); }, () => { potrf!(complex, 0, a); }, () => { syrk!('T', 1, complex, 0, a); }]) expect(code(call)).toBe('LOWLAND_E_COMPLEX');
});
