import { type Backend, type Device, type Dtype, type Mat, normals, streamKey, type Transpose, type Vec } from '@lowland/core';
import { backendChecks } from '@lowland/core/testing';
import { cpu, hostVector, plainDevice } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { describeNative } from '../test/system.ts';
import { blas } from './blas.ts';
import { blasKernels } from './kernels.ts';
import { ready } from './options.ts';

/** Without the plain kernels for small shapes: BLAS does all that it may be asked. */
const nativeOnly = (dtype: Dtype): Backend => ({
  ...blas({ dtype }),
  open: () => plainDevice(dtype, blasKernels(ready(), dtype, { vector: 1, product: 1, solve: 1 })),
});

const backends: readonly (readonly [string, () => Backend])[] = (['f64', 'f32'] as const).flatMap((dtype) => [
  [dtype, () => blas({ dtype })] as const,
  [`${dtype}, native at every size`, () => nativeOnly(dtype)] as const,
  [`${dtype}, one thread`, () => blas({ dtype, threads: 1 })] as const,
]);

const epsilon = { f64: 2 ** -52, f32: 2 ** -23 } as const;

/** Sizes at and beyond the blocks of the library, down to none. */
const side = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 300 }));
const transpose = fc.constantFrom<Transpose>('N', 'T', 'C');
const scalar = fc.constantFrom(0, 1, -1, 0.5, -2.25);

for (const [name, make] of backends) describeNative(`blas, ${name}`, () => {
  const backend = make();
  const { dtype } = backend;
  const device = backend.open() as Device;
  const reference = cpu().open() as Device;
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;

  describe('the suite', () => {
    it.each(backendChecks(backend).map((check) => [check.name, check] as const))('%s', async (_name, check) => {
      await check.run();
    });
  });

  /** The same numbers on both devices, at an odd offset in a longer vector, and the size of each: |x|, or |re| + |im| of a complex one. */
  function matrix(rows: number, cols: number, complex: boolean, seed: number): { ours: Mat; exact: Mat; size: Mat } {
    const width = complex ? 2 : 1;
    const data = new Float64Array(width * rows * cols + 3);
    normals(streamKey(seed, 'blas', data.length), data);
    const on = (place: Device, numbers: Float64Array, isComplex: boolean): Mat => {
      const x = place.memory().vector(numbers.length);
      place.write(x, numbers);
      return place.matrix(x, 3, rows, cols, isComplex);
    };
    const rounded = data.map(round);
    const sizes = Float64Array.from({ length: rows * cols + 3 }, (_, k) => {
      const at = 3 + width * (k - 3);
      return k < 3 ? 0 : Math.abs(rounded[at]!) + (complex ? Math.abs(rounded[at + 1]!) : 0);
    });
    return { ours: on(device, rounded, complex), exact: on(reference, rounded, complex), size: on(reference, sizes, false) };
  }

  /** Entries differ by at most the rounding of both sums: 2 (n + 4) ε (|α| Σ |a||b| + |β||c|), and their underflow. */
  function expectClose(ours: Vec, exact: Vec, size: Vec, terms: number): void {
    const [x, y, s] = [hostVector(ours), hostVector(exact), hostVector(size)];
    const width = x.length / s.length;
    for (let i = 0; i < x.length; i++) {
      const bound = 2 * (terms + 4) * (epsilon[dtype] * s[Math.floor(i / width)]! + 2 ** -149);
      if (!(Math.abs(x[i]! - y[i]!) <= bound)) expect.fail(`entry ${i} is ${x[i]!}, expected ${y[i]!} within ${bound}`);
    }
  }

  it('gemm is the plain one up to rounding', () => {
    const check = (m: number, n: number, k: number, ta: Transpose, tb: Transpose, alpha: number, beta: number, complex: boolean, seed: number) => {
      const a = ta === 'N' ? matrix(m, k, complex, seed) : matrix(k, m, complex, seed);
      const b = tb === 'N' ? matrix(k, n, complex, seed + 1) : matrix(n, k, complex, seed + 1);
      const c = matrix(m, n, complex, seed + 2);
      device.kernels.gemm(ta, tb, alpha, a.ours, b.ours, beta, c.ours);
      reference.kernels.gemm(ta, tb, alpha, a.exact, b.exact, beta, c.exact);
      reference.kernels.gemm(ta, tb, Math.abs(alpha), a.size, b.size, Math.abs(beta), c.size);
      expectClose(c.ours, c.exact, c.size, complex ? 2 * k : k);
    };
    fc.assert(fc.property(side, side, side, transpose, transpose, scalar, scalar, fc.boolean(), fc.nat(1e6), check), { numRuns: runs(200), seed: 1 });
  });

  it('gemv, dot, axpy and scal are the plain ones up to rounding', () => {
    const check = (m: number, n: number, t: 'N' | 'T', alpha: number, beta: number, seed: number) => {
      const a = t === 'N' ? matrix(m, n, false, seed) : matrix(n, m, false, seed);
      const [x, y] = [matrix(n, 1, false, seed + 1), matrix(m, 1, false, seed + 2)];
      device.kernels.gemv(t, alpha, a.ours, x.ours, beta, y.ours);
      reference.kernels.gemv(t, alpha, a.exact, x.exact, beta, y.exact);
      reference.kernels.gemv(t, Math.abs(alpha), a.size, x.size, Math.abs(beta), y.size);
      expectClose(y.ours, y.exact, y.size, n);

      const [p, q] = [matrix(m * n, 1, false, seed + 3), matrix(m * n, 1, false, seed + 4)];
      const slots = [device, reference, reference].map((place) => place.memory().vector(1));
      device.kernels.dot(p.ours, q.ours, slots[0]!);
      reference.kernels.dot(p.exact, q.exact, slots[1]!);
      reference.kernels.dot(p.size, q.size, slots[2]!);
      expectClose(slots[0]!, slots[1]!, slots[2]!, m * n);

      for (const place of ['ours', 'exact', 'size'] as const) {
        const { kernels } = place === 'ours' ? device : reference;
        const factor = place === 'size' ? Math.abs(alpha) : alpha;
        kernels.axpy(factor, p[place], q[place]);
        kernels.scal(factor, p[place]);
      }
      expectClose(q.ours, q.exact, q.size, 1);
      expectClose(p.ours, p.exact, p.size, 1);
    };
    fc.assert(fc.property(side, side, fc.constantFrom('N' as const, 'T' as const), scalar, scalar, fc.nat(1e6), check), { numRuns: runs(200), seed: 2 });
  });

  it('posvRight solves up to its componentwise residual at larger ranks', () => {
    const check = (r: number, rows: number, shift: number, seed: number) => {
      const half = matrix(r + 5, r, false, seed);
      const b = matrix(rows, r, false, seed + 1);
      const memory = reference.memory();
      const a = memory.vector(r * r);
      reference.kernels.gemm('T', 'N', 1, half.exact, half.exact, 0, reference.matrix(a, 0, r, r));
      const numbers = hostVector(a).map(round) as Float64Array;
      const ours = device.memory().vector(r * r);
      device.write(ours, numbers);
      const x = device.memory().vector(rows * r);
      device.kernels.posvRight(device.matrix(ours, 0, r, r), shift, b.ours, device.matrix(x, 0, rows, r));
      const solved = hostVector(x);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < r; j++) {
          let residual = -hostVector(b.exact)[i * r + j]!;
          let size = 0;
          for (let k = 0; k < r; k++) {
            const entry = numbers[k * r + j]! + (k === j ? shift : 0);
            residual += solved[i * r + k]! * entry;
            size += Math.abs(solved[i * r + k]!) * Math.sqrt((numbers[k * r + k]! + shift) * (numbers[j * r + j]! + shift));
          }
          expect(Math.abs(residual)).toBeLessThanOrEqual(4 * (r + 4) * epsilon[dtype] * size);
        }
      }
    };
    fc.assert(fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 0.5), fc.nat(1e6), check), { numRuns: runs(60), seed: 3 });
  });

  it('passes on what is not finite', () => {
    const n = 600;
    const memory = device.memory();
    const [x, y] = [memory.vector(n), memory.vector(n)];
    const numbers = new Float64Array(n).fill(1);
    numbers.set([NaN, Infinity, -Infinity], 300);
    for (const alpha of [0, 1]) {
      device.write(x, numbers);
      device.kernels.fill(y, 1);
      device.kernels.axpy(alpha, x, y);
      expect([...hostVector(y).subarray(299, 304)]).toEqual([1 + alpha, NaN, alpha === 0 ? NaN : Infinity, alpha === 0 ? NaN : -Infinity, 1 + alpha]);
      device.kernels.scal(alpha, x);
      expect([...hostVector(x).subarray(299, 304)]).toEqual([alpha, NaN, alpha === 0 ? NaN : Infinity, alpha === 0 ? NaN : -Infinity, alpha]);
    }
    device.write(x, numbers);
    device.kernels.dot(x, x, y);
    expect(device.scalar(y)).toBeNaN();
    const square = device.matrix(x, 0, 24, 25);
    const out = device.matrix(memory.vector(24 * 24), 0, 24, 24);
    device.kernels.gemm('N', 'T', 1, square, square, 0, out);
    expect(hostVector(out)[12 * 24 + 12]).toBeNaN();
    expect(hostVector(out)[0]).toBe(25);
  });
});
