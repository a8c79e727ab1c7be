import type { Transpose } from '@lowland/core';
import { backendChecks } from '@lowland/core/testing';
import { hostVector } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { backends, epsilon, pairs, scalar, side, transpose } from '../test/pairs.ts';
import { describeNative } from '../test/system.ts';

for (const [name, make] of backends) describeNative(`blas, ${name}`, () => {
  const backend = make();
  const { dtype } = backend;
  const { device, reference, round, matrix, expectClose } = pairs(backend);

  describe('the suite', () => {
    it.each(backendChecks(backend).map((check) => [check.name, check] as const))('%s', async (_name, check) => {
      await check.run();
    });
  });

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
