import { describe, expect, it } from 'vitest';

import { Bench, unit, variants } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';

describe('what is not an ordinary number', () => {
  const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 2 ** -1074, -(2 ** -1060), 1e308, -1e308, 1e-160];

  it('passes as the plain kernels pass it, number by number and in products of one term', () => {
    const results = (['plain', 'wasm'] as const).map((kernels) => {
      const bench = new Bench(cpu({ kernels }));
      const n = special.length;
      const [x, out, column] = [bench.vector(n, Float64Array.from(special)), bench.vector(n, Float64Array.from(special).reverse()), bench.matrix(n, 1, Float64Array.from(special))];
      const table = bench.matrix(n, n);
      bench.kernels.gemm('N', 'T', 1, column.mat, column.mat, 0, table.mat);
      const all = [bench.read(table.mat)];
      bench.kernels.mul(x.vec, bench.vector(n, Float64Array.from(special).reverse()).vec, out.vec);
      all.push(bench.read(out.vec));
      for (const alpha of [1, -2, 0, 0.5]) {
        bench.kernels.axpy(alpha, x.vec, out.vec);
        all.push(bench.read(out.vec));
        bench.kernels.scal(alpha, out.vec);
        all.push(bench.read(out.vec));
      }
      bench.close();
      return all;
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('NaN and infinities reach the results they belong to, and no others', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      for (const n of [1, 5, 16, 33]) {
        const data = new Float64Array(n * n).fill(1);
        data[0] = Infinity;
        data[n * n - 1] = n === 1 ? Infinity : NaN;
        const [a, ones, out] = [bench.matrix(n, n, data), bench.matrix(n, n, new Float64Array(n * n).fill(1)), bench.matrix(n, n)];
        bench.kernels.gemm('N', 'N', 1, a.mat, ones.mat, 0, out.mat);
        const expected = Float64Array.from({ length: n * n }, (_, i) => (i < n ? Infinity : i >= n * (n - 1) ? NaN : n));
        expect(bench.read(out.mat)).toEqual(expected);
      }
      // beta = 0 overwrites what is not finite, alpha = 0 does not hide it.
      const [a, out] = [bench.matrix(2, 2, Float64Array.of(NaN, 1, 1, 1)), bench.matrix(2, 2, new Float64Array(4).fill(NaN))];
      bench.kernels.gemm('N', 'N', 0, a.mat, bench.matrix(2, 2, Float64Array.of(1, 0, 0, 1)).mat, 0, out.mat);
      expect(bench.read(out.mat)).toEqual(Float64Array.of(NaN, NaN, 0, 0));
      bench.close();
    }
  });

  it('nrm2 does not overflow or underflow where the norm is representable', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const [large, tiny] = backend.dtype === 'f64' ? [1e308, 2 ** -1070] : [2 ** 126, 2 ** -145];
      const norm = (data: number[]) => {
        const slot = bench.vector(1);
        bench.kernels.nrm2(bench.vector(data.length, Float64Array.from(data)).vec, slot.vec);
        return bench.read(slot.vec)[0]!;
      };
      for (const scale of [large / 8, 1, tiny]) expect(norm([3 * scale, 0, -4 * scale]) / (5 * scale)).toBeCloseTo(1, 6);
      expect([norm([]), norm([0, 0]), norm([1, -Infinity]), norm([NaN, Infinity])]).toEqual([0, 0, Infinity, NaN]);
      bench.close();
    }
  });

  /** Every kernel that adds up the numbers of `row`, times ones: all should give the one sum. */
  function sums(bench: Bench, row: readonly number[]): Record<string, number> {
    const n = row.length;
    const numbers = Float64Array.from(row);
    const [x, across, down] = [bench.vector(n, numbers).vec, bench.matrix(1, n, numbers).mat, bench.matrix(n, 1, numbers).mat];
    const ones = new Float64Array(n).fill(1);
    const [one, onesAcross, onesDown] = [bench.vector(n, ones).vec, bench.matrix(1, n, ones).mat, bench.matrix(n, 1, ones).mat];
    const [none, all, first] = [new Int32Array(n), Int32Array.from(row.keys()), Int32Array.of(0)].map((index) => bench.memory.integers(index));
    const out = bench.matrix(1, 1).mat;
    const { kernels } = bench;
    const calls: Record<string, () => void> = {
      dot: () => { kernels.dot(x, one, out); },
      gemm: () => { kernels.gemm('N', 'N', 1, across, onesDown, 0, out); },
      'gemm, both transposed': () => { kernels.gemm('T', 'T', 1, onesDown, across, 0, out); },
      gemv: () => { kernels.gemv('N', 1, across, one, 0, out); },
      'gemv, transposed': () => { kernels.gemv('T', 1, down, one, 0, out); },
      sddmm: () => { kernels.sddmm(first!, first!, across, onesAcross, out); },
      spmm: () => { kernels.spmm(none!, all!, x, onesDown, out, false); },
      'spmm, transposed': () => { kernels.spmm(all!, none!, one, down, out, true); },
    };
    return Object.fromEntries(Object.entries(calls).map(([name, call]) => {
      call();
      return [name, bench.read(out)[0]!];
    }));
  }

  it.each([
    ['denormals are added, not flushed', (eta: number) => [eta, 2 * eta, 0, 4 * eta, -eta], (eta: number) => 6 * eta],
    ['an infinity stays one', () => [1, Infinity, 2, 3, 1], () => Infinity],
    ['two infinities of one sign do, too', () => [-Infinity, 1, 1, 1, -Infinity], () => -Infinity],
    ['infinities of both signs give NaN', () => [Infinity, 1, -Infinity, 1, 1], () => NaN],
    ['NaN stays NaN beside an infinity', () => [Infinity, 1, 1, NaN, 1], () => NaN],
  ])('in sums %s', (_, row, sum) => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const [, eta] = unit[backend.dtype];
      for (const zeros of [0, 3, 40].map((count) => new Array<number>(count).fill(0))) {
        for (const numbers of [[...row(eta), ...zeros], [...zeros, ...row(eta)]]) {
          for (const given of Object.entries(sums(bench, numbers))) expect(given).toEqual([given[0], sum(eta)]);
        }
      }
      bench.close();
    }
  });

  it('denormals pass number by number, through solves and factors', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const { kernels } = bench;
      const [, eta] = unit[backend.dtype];
      for (const n of [1, 5, 34]) {
        const small = Float64Array.from({ length: n }, (_, i) => (i + 1) * eta);
        const [x, out, one] = [bench.vector(n, small).vec, bench.vector(n), bench.vector(n, new Float64Array(n).fill(1)).vec];
        const result = (times: number) => { expect(bench.read(out.vec)).toEqual(small.map((y) => times * y)); };
        kernels.mul(x, one, out.vec);
        result(1);
        kernels.axpy(2, x, out.vec);
        result(3);
        kernels.scal(-1, out.vec);
        result(-3);
        const table = bench.matrix(n, n, new Float64Array(n * n));
        kernels.ger(2, x, one, table.mat);
        expect(bench.read(table.mat)).toEqual(Float64Array.from({ length: n * n }, (_, i) => 2 * small[Math.floor(i / n)]!));
        // L = I/2 doubles; the factor of a denormal multiple of I is that of its root.
        const half = bench.matrix(n, n, Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 0.5 : 0))).mat;
        const [given, solved] = [bench.matrix(n, 1, small).mat, bench.matrix(n, 1)];
        kernels.trsm('L', 'T', half, given, solved.mat);
        expect(bench.read(solved.mat)).toEqual(small.map((y) => 2 * y));
        const root = backend.dtype === 'f32' ? 2 ** -74 : 2 ** -537;
        const square = bench.matrix(n, n, Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? root * root : 0))).mat;
        kernels.potrf(square, 0, table.mat);
        expect(bench.read(table.mat)).toEqual(Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? root : 0)));
      }
      bench.close();
    }
  });

  it('infinities and NaN pass through solves; a matrix that has them has no factor', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const { kernels } = bench;
      for (const n of [2, 9, 40]) {
        // Ones in the first column and on the diagonal: -x[0] is infinite, and 0 times that is NaN.
        const l = bench.matrix(n, n, Float64Array.from({ length: n * n }, (_, i) => (i % n === 0 || i % (n + 1) === 0 ? 1 : 0))).mat;
        for (const first of [Infinity, NaN]) {
          const out = bench.matrix(n, 1);
          kernels.trsm('L', 'N', l, bench.matrix(n, 1, Float64Array.from({ length: n }, (_, i) => (i === 0 ? first : 1))).mat, out.mat);
          expect(bench.read(out.mat)).toEqual(Float64Array.from({ length: n }, (_, i) => (i === 0 ? first : i === 1 ? -first : NaN)));
          const square = Float64Array.from({ length: n * n }, (_, i) => (i === n * n - 1 ? first : i % (n + 1) === 0 ? 1 : 0));
          const factor = bench.matrix(n, n);
          kernels.potrf(bench.matrix(n, n, square).mat, 0, factor.mat);
          expect(bench.read(factor.mat).every(Number.isNaN)).toBe(true);
        }
      }
      bench.close();
    }
  });
});
