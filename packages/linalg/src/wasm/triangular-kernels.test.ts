import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Bench, bound, check, everywhere, Exact, key, noise, sample, side } from '../../test/kernel-bench.ts';

describe('solves and factors, by componentwise residuals', () => {
  /** A lower triangle with a diagonal away from 0, and what must not be read above it. */
  const triangle = (bench: Bench, n: number) => {
    const data = noise(bench.dtype, n * n, n + 17);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) data[i * n + j] = bench.dtype === 'f32' ? Math.fround(data[i * n + j]! / 8) : data[i * n + j]! / 8;
      data[i * n + i] = 1.5;
      for (let j = i + 1; j < n; j++) data[i * n + j] = NaN;
    }
    return bench.matrix(n, n, data);
  };

  check('trsm', 200, [side, side, fc.constantFrom('L', 'R'), fc.constantFrom('N', 'T'), key], (n: number, count: number, where: 'L' | 'R', t: 'N' | 'T', start: number) => {
    everywhere(start, (bench) => {
      const l = triangle(bench, n);
      const [rows, cols] = where === 'L' ? [n, count] : [count, n];
      const [b, out] = [bench.matrix(rows, cols), bench.matrix(rows, cols)];
      bench.kernels.trsm(where, t, l.mat, b.mat, out.mat);
      const x = bench.read(out.mat);
      for (const j of sample(count, n * n)) {
        const at = (i: number) => (where === 'L' ? i * count + j : j * n + i);
        // op(L) x = b from the left; x op(L) = b is op(L)^T x = b for each row.
        const lower = (where === 'L') === (t === 'N');
        for (let i = 0; i < n; i++) {
          const sum = new Exact().add(1, b.data[at(i)]!);
          let size = 0;
          for (let k = lower ? 0 : i; k < (lower ? i + 1 : n); k++) {
            const coefficient = lower ? l.data[i * n + k]! : l.data[k * n + i]!;
            sum.add(-coefficient, x[at(k)]!);
            size += Math.abs(coefficient * x[at(k)]!);
          }
          if (!(Math.abs(sum.value) <= bound(bench.dtype, n, size))) throw new Error(`residual ${String(sum.value)} for ${String(size)}`);
        }
      }
    });
  });

  check('potrf', 200, [side, fc.constantFrom(0, 0.5, 3), key], (n: number, shift: number, start: number) => {
    everywhere(start, (bench) => {
      const half = bench.matrix(n + 3, n);
      const a = bench.matrix(n, n);
      bench.kernels.syrk('T', 1, half.mat, 0, a.mat);
      bench.kernels.axpy(1, bench.vector(n * n, Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))).vec, a.mat);
      const given = bench.read(a.mat);
      const out = bench.matrix(n, n);
      bench.kernels.potrf(a.mat, shift, out.mat);
      const l = bench.read(out.mat);
      for (let i = 0; i < n; i++) if (l.subarray(i * n + i + 1, (i + 1) * n).some((x) => x !== 0)) throw new Error('not lower triangular');
      for (const at of sample(n * n, n)) {
        const [i, j] = [Math.max(Math.floor(at / n), at % n), Math.min(Math.floor(at / n), at % n)];
        const sum = new Exact().add(1, given[i * n + j]!).add(i === j ? shift : 0, 1);
        let size = sum.size;
        for (let k = 0; k <= j; k++) {
          sum.add(-l[i * n + k]!, l[j * n + k]!);
          size += Math.abs(l[i * n + k]! * l[j * n + k]!);
        }
        if (!(Math.abs(sum.value) <= bound(bench.dtype, n, size))) throw new Error(`residual ${String(sum.value)} for ${String(size)}`);
      }
    });
  });

  it('potrf writes NaN where there is no factor, in a late block too', () => {
    everywhere(1, (bench) => {
      for (const n of [1, 40, 70]) {
        const data = new Float64Array(n * n);
        for (let i = 0; i < n; i++) data[i * n + i] = i === n - 1 ? -1 : 1;
        const out = bench.matrix(n, n);
        bench.kernels.potrf(bench.matrix(n, n, data).mat, 0, out.mat);
        expect(bench.read(out.mat).every(Number.isNaN)).toBe(true);
      }
    });
    expect.hasAssertions();
  });
});
