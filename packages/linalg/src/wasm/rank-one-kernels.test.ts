import type { Vec } from '@lowland/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Bench, check, everywhere, Exact, factor, key, sample, side, unit } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';
import { rankOneParts } from '../cpu/rank-one.ts';

type Matrix = ReturnType<Bench['matrix']>;

/** Entry (i, c) of x y and the size of its terms. */
function entry(x: Matrix, i: number, y: Matrix, c: number): Exact {
  const sum = new Exact();
  for (let p = 0; p < x.cols; p++) sum.add(x.data[i * x.cols + p]!, y.data[p * y.cols + c]!);
  return sum;
}
/** What a sum of products of sums is, with the size of its terms. */
interface Sized {
  value: number;
  size: number;
}

const rank = fc.oneof({ weight: 4, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.nat(70) });

describe('rankOneProducts', () => {
  check('against sums of twice the digits, with differentials or without, each output or neither', 120,
    [side, side, side, rank, factor, fc.boolean(), fc.boolean(), fc.boolean(), key],
    (m: number, n1: number, n2: number, r: number, scale: number, two: boolean, toLeft: boolean, toRight: boolean, start: number) => {
      everywhere(start, (bench) => {
        const { dtype } = bench;
        const [a, b, u, v, du, dv] = [bench.matrix(m, n1), bench.matrix(m, n2), bench.matrix(n1, r), bench.matrix(n2, r), bench.matrix(n1, r), bench.matrix(n2, r)];
        const [y, rho] = [bench.vector(m), bench.vector(m)];
        const [left, right] = [bench.matrix(n1, r, new Float64Array(n1 * r).fill(NaN)), bench.matrix(n2, r, new Float64Array(n2 * r).fill(NaN))];
        bench.kernels.rankOneProducts(scale, a.mat, b.mat, y.vec, u.mat, v.mat, rho.vec, toLeft ? left.mat : undefined, toRight ? right.mat : undefined, ...(two ? ([du.mat, dv.mat] as const) : []));
        const product = (x: Matrix, z: Matrix) => {
          const out = Array.from({ length: x.rows * z.cols }, (_, i) => entry(x, Math.floor(i / z.cols), z, i % z.cols));
          return (k: number, c: number) => out[k * z.cols + c]!;
        };
        const [p, q, dp, dq] = [product(a, u), product(b, v), product(a, du), product(b, dv)];
        const rows = (...pairs: readonly (readonly [typeof p, typeof p])[]): Sized[] => Array.from({ length: m }, (_, k) => {
          const sum = { value: 0, size: 0 };
          for (const [x, z] of pairs) {
            for (let c = 0; c < r; c++) {
              sum.value += x(k, c).value * z(k, c).value;
              sum.size += x(k, c).size * z(k, c).size;
            }
          }
          return sum;
        });
        const residuals = rows([p, q]);
        const differentials = rows([dp, q], [p, dq]);
        const steps = m + n1 + n2 + 2 * r + 12;
        const expectNear = (what: string, given: number, { value, size }: Sized) => {
          const limit = steps * (unit[dtype][0] * size + unit[dtype][1]);
          if (!(Math.abs(given - value) <= limit)) throw new Error(`${what}: ${String(given)}, not within ${String(limit)} of ${String(value)}`);
        };
        bench.read(rho.vec).forEach((given, k) => {
          residuals[k]!.value -= y.data[k]!;
          residuals[k]!.size += Math.abs(y.data[k]!);
          expectNear(`rho ${String(k)}`, given, residuals[k]!);
        });
        const expectProducts = (what: string, out: Matrix, x: Matrix, here: typeof p, dhere: typeof p) => {
          const given = bench.read(out.mat);
          for (const i of sample(given.length, m)) {
            const [row, c] = [Math.floor(i / r), i % r];
            const sum = { value: 0, size: 0 };
            for (let k = 0; k < m; k++) {
              const terms: readonly (readonly [Sized, Exact])[] = two ? [[differentials[k]!, here(k, c)], [residuals[k]!, dhere(k, c)]] : [[residuals[k]!, here(k, c)]];
              for (const [weight, exact] of terms) {
                sum.value += scale * x.data[k * x.cols + row]! * weight.value * exact.value;
                sum.size += Math.abs(scale * x.data[k * x.cols + row]!) * weight.size * exact.size;
              }
            }
            expectNear(`${what} ${String(i)}`, given[i]!, sum);
          }
        };
        if (toLeft) expectProducts('left', left, a, q, dq);
        else if (!bench.read(left.mat).every(Number.isNaN)) throw new Error('an output that is absent was written');
        if (toRight) expectProducts('right', right, b, p, dp);
      });
    });

  it.each([[700, 60, 45, 5], [700, 60, 45, 8], [2100, 30, 30, 7], [3, 5, 2, 1], [1000, 600, 10, 20]] as const)(
    'gives the bits of plain TypeScript in f64: %i of %i x %i, rank %i', (m, n1, n2, r) => {
      for (const symmetric of [false, true]) {
        const results = (['plain', 'wasm'] as const).map((kernels) => {
          const bench = new Bench(cpu({ kernels }), 7);
          const [a, u, du] = [bench.matrix(m, n1).mat, bench.matrix(n1, r).mat, bench.matrix(n1, r).mat];
          const [b, v, dv] = symmetric ? [a, u, du] : [bench.matrix(m, n2).mat, bench.matrix(n2, r).mat, bench.matrix(n2, r).mat];
          const [y, rho] = [bench.vector(m).vec, bench.vector(m).vec];
          const [left, right, dleft, dright] = [a, b, a, b].map(({ cols }) => bench.matrix(cols, r).mat);
          bench.kernels.rankOneProducts(0.3, a, b, y, u, v, rho, left, right);
          bench.kernels.rankOneProducts(0.3, a, b, y, u, v, rho, dleft, dright, du, dv);
          const out = ([rho, left!, right!, dleft!, dright!] satisfies Vec[]).map((x) => bench.read(x));
          bench.close();
          if (symmetric) expect(out[1]!.every((value, i) => Object.is(value, out[2]![i]))).toBe(true);
          return out;
        });
        results[0]!.forEach((numbers, i) => { expect(numbers.findIndex((value, k) => !Object.is(value, results[1]![i]![k]))).toBe(-1); });
      }
    });

  it('is cut into parts by the sizes alone', () => {
    expect([rankOneParts(5000, 400, 5), rankOneParts(700, 100, 1), rankOneParts(0, 0, 0)]).toEqual([16, 1, 1]);
  });

  it('passes NaN on', () => {
    everywhere(3, (bench) => {
      const ones = (rows: number, cols: number) => bench.matrix(rows, cols, new Float64Array(rows * cols).fill(1)).mat;
      const [a, u, y, rho, left] = [ones(3, 4), ones(4, 3), bench.vector(3, Float64Array.of(0, NaN, Infinity)).vec, bench.vector(3).vec, ones(4, 3)];
      bench.kernels.rankOneProducts(1, a, a, y, u, u, rho, left, undefined);
      expect([...bench.read(rho)]).toEqual([48, NaN, -Infinity]);
      expect(bench.read(left).every(Number.isNaN)).toBe(true);
    });
  });

  it('refuses sizes that do not fit', () => {
    everywhere(4, (bench) => {
      const [a, b, u, v] = [bench.matrix(4, 3).mat, bench.matrix(4, 2).mat, bench.matrix(3, 2).mat, bench.matrix(2, 2).mat];
      const [y, rho] = [bench.vector(4).vec, bench.vector(4).vec];
      const { rankOneProducts } = bench.kernels;
      const calls = [
        () => { rankOneProducts(1, a, b, y, v, u, rho, undefined, undefined); },
        () => { rankOneProducts(1, a, u, y, u, v, rho, undefined, undefined); },
        () => { rankOneProducts(1, a, b, bench.vector(3).vec, u, v, rho, undefined, undefined); },
        () => { rankOneProducts(1, a, b, y, u, v, rho, v, undefined); },
        () => { rankOneProducts(1, a, b, y, u, v, rho, undefined, undefined, u); },
      ];
      for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    });
  });
});
