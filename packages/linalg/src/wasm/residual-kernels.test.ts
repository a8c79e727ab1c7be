import { errorCode, type Mat } from '@lowland/core';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';

import { Bench, check, everywhere, Exact, factor, key, sample, side, unit, variants } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';
import { partStep, rowsOfPart, rowsOfTile, tileRows } from '../cpu/residual.ts';
import { packedBytes, partLayout, residualModule } from './residual-module.ts';

/** Which products are asked for. */
const wanted = fc.constantFrom('both', 'left', 'right', 'neither');
const rank = fc.oneof({ weight: 4, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.nat(70) });
const unset = (length: number) => new Float64Array(length).fill(NaN);

/** r columns in the products, k in the factors. */
function place(bench: Bench, m: number, n: number, r: number, k = r) {
  return {
    target: bench.matrix(m, n), u: bench.matrix(m, k), v: bench.matrix(n, k), b: bench.matrix(n, r), c: bench.matrix(m, r),
    left: bench.matrix(m, r, unset(m * r)), right: bench.matrix(n, r, unset(n * r)), squares: bench.vector(3, unset(3)),
  };
}
type Placed = ReturnType<typeof place>;

function run(bench: Bench, at: Placed, which: string, scale: number): { left: Float64Array; right: Float64Array; squares: Float64Array } {
  const asked = (own: string) => which === 'both' || which === own;
  const [b, left] = asked('left') ? [at.b.mat, at.left.mat] : [];
  const [c, right] = asked('right') ? [at.c.mat, at.right.mat] : [];
  bench.kernels.residualProducts(at.target.mat, at.u.mat, at.v.mat, scale, b, left, c, right, at.squares.vec, 1);
  return { left: bench.read(at.left.mat), right: bench.read(at.right.mat), squares: bench.read(at.squares.vec) };
}

/** To the bit, signs of zeros too. */
function expectSame(a: unknown, b: unknown): void {
  expect(a).toEqual(b);
}

describe('residualProducts', () => {
  /**
   * With A = |u| |v|^T + |target| and eps of rigour.md E1, the computed R is off by (k + 4) eps A at most, hence left by
   * (n + k + 8) eps |scale| A |b| and the sum of squares, whose longest chain of additions has m ceil(n / 8) + 24 links, by
   * (m ceil(n / 8) + 2 k + 32) eps |A|^2.
   */
  check('against sums of twice the digits', 150, [side, side, rank, rank, factor, wanted, key], (m: number, n: number, r: number, k: number, scale: number, which: string, start: number) => {
    everywhere(start, (bench) => {
      const at = place(bench, m, n, r, k);
      const given = run(bench, at, which, scale);
      const [epsilon, eta] = unit[bench.dtype];
      const high = new Float64Array(m * n);
      const low = new Float64Array(m * n);
      const size = new Float64Array(m * n);
      const total = new Exact();
      let sizes = 0;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          const sum = new Exact().add(-1, at.target.data[i * n + j]!);
          for (let l = 0; l < k; l++) sum.add(at.u.data[i * k + l]!, at.v.data[j * k + l]!);
          const e = i * n + j;
          [high[e], low[e], size[e]] = [sum.value, sum.high - sum.value + sum.low, sum.size];
          total.add(high[e], high[e]).add(2 * high[e], low[e]);
          sizes += sum.size ** 2;
        }
      }
      const near = (what: string, x: number, y: number, limit: number) => {
        if (!(Math.abs(x - y) <= limit)) throw new Error(`${what}: ${String(x)}, not within ${String(limit)} of ${String(y)}`);
      };
      if (!Number.isNaN(given.squares[0]) || !Number.isNaN(given.squares[2])) throw new Error('a slot was written that is not its own');
      near('squares', given.squares[1]!, total.value, (m * Math.ceil(n / 8) + 2 * k + 32) * (epsilon * sizes + eta));
      const product = (name: 'left' | 'right', rows: number, inner: number, factors: Float64Array, entry: (own: number, other: number) => number) => {
        if (which !== 'both' && which !== name) {
          expect(given[name].every(Number.isNaN)).toBe(true);
          return;
        }
        for (const e of sample(rows * r, inner)) {
          const [i, col] = [Math.floor(e / r), e % r];
          const sum = new Exact();
          let bound = 0;
          for (let j = 0; j < inner; j++) {
            const x = factors[j * r + col]!;
            const place = entry(i, j);
            sum.add(high[place]!, x).add(low[place]!, x);
            bound += size[place]! * Math.abs(x);
          }
          near(`${name} ${String(e)}`, given[name][e]!, scale * sum.value, Math.abs(scale) * (inner + k + 8) * (epsilon * bound + eta));
        }
      };
      product('left', m, n, at.b.data, (i, j) => i * n + j);
      product('right', n, m, at.c.data, (j, i) => i * n + j);
    });
  });

  check('in f64 the vector kernel has the bits of the plain one', 200, [side, side, rank, rank, factor, wanted, key], (m: number, n: number, r: number, k: number, scale: number, which: string, start: number) => {
    const [plain, simd] = (['plain', 'wasm'] as const).map((kernels) => {
      const bench = new Bench(cpu({ kernels }), start);
      const result = run(bench, place(bench, m, n, r, k), which, scale);
      bench.close();
      return result;
    });
    expectSame(simd, plain);
  });

  it.each([[700, 401, 13], [3000, 19, 60], [100, 3000, 20]])('%d x %d, rank %d, in several parts: the bits of the plain kernel, and of each half alone', (m, n, r) => {
    expect(rowsOfPart(m, n, r)).toBeLessThan(m);
    const results = (['plain', 'wasm'] as const).map((kernels) => {
      const bench = new Bench(cpu({ kernels }), 3);
      const at = place(bench, m, n, r);
      const both = run(bench, at, 'both', -0.5);
      expect(run(bench, { ...at, left: bench.matrix(m, r, unset(m * r)) }, 'right', -0.5)).toEqual({ ...both, left: unset(m * r) });
      expect(run(bench, { ...at, right: bench.matrix(n, r, unset(n * r)) }, 'left', -0.5)).toEqual({ ...both, right: unset(n * r) });
      expect(run(bench, at, 'neither', 1).squares).toEqual(both.squares);
      bench.close();
      return both;
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('cuts rows into at most 16 parts, by the sizes alone', () => {
    fc.assert(fc.property(fc.nat(100_000), fc.nat(100_000), fc.nat(200), (m, n, r) => {
      const height = rowsOfPart(m, n, r);
      expect(height > 0 && height % partStep === 0 && height * 16 >= m).toBe(true);
    }));
    expect(rowsOfPart(100, 100, 10)).toBeGreaterThanOrEqual(100);
  });

  it('cuts the rows of a part into the fewest tiles, as even as pairs of rows allow', () => {
    for (let rows = 1; rows <= 500; rows++) {
      const tall = rowsOfTile(rows);
      const tiles = Math.ceil(rows / tall);
      expect([tall <= tileRows && tall % 2 === 0, tiles]).toEqual([true, Math.ceil(rows / tileRows)]);
    }
  });

  it('NaN and infinities reach the results they belong to, and no others', () => {
    for (const backend of variants) {
      for (const [m, n, r] of [[2, 2, 1], [5, 3, 2], [33, 65, 3], [40, 71, 10]] as const) {
        const bench = new Bench(backend);
        const ones = (rows: number, cols: number) => new Float64Array(rows * cols).fill(1);
        const u = ones(m, r);
        u[0] = Infinity;
        const target = ones(m, n);
        target[m * n - 1] = NaN;
        const at = {
          ...place(bench, m, n, r), target: bench.matrix(m, n, target), u: bench.matrix(m, r, u), v: bench.matrix(n, r, ones(n, r)),
          b: bench.matrix(n, r, ones(n, r)), c: bench.matrix(m, r, Float64Array.from({ length: m * r }, (_, i) => (i < r ? 0 : 1))),
        };
        // Row 0 of R is infinite, its last entry is NaN, all others are r - 1; c is 0 in row 0, which makes NaN of the infinity.
        const result = run(bench, at, 'both', 1);
        expect(result.squares[1]).toBeNaN();
        expect(result.left).toEqual(Float64Array.from({ length: m * r }, (_, e) => (e < r ? Infinity : e >= (m - 1) * r ? NaN : n * (r - 1))));
        expect(result.right.every(Number.isNaN)).toBe(true);
        at.c = bench.matrix(m, r, ones(m, r));
        expect(run(bench, at, 'right', 1).right).toEqual(Float64Array.from({ length: n * r }, (_, e) => (e >= (n - 1) * r ? NaN : Infinity)));
        at.target = bench.matrix(m, n, ones(m, n));
        expect(run(bench, at, 'neither', 1).squares[1]).toBe(Infinity);
        bench.close();
      }
    }
  });

  it('what lies around the operands, or lay in its scratch, has no part in the results', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const [m, n, r] = [37, 69, 3];
      const surrounded = (rows: number, cols: number, fill: number): { mat: Mat; data: Float64Array; rows: number; cols: number } => {
        const whole = bench.memory.vector(rows * cols + 64);
        bench.device.write(whole, Float64Array.from({ length: whole.length }, (_, i) => (i < 31 || i >= 31 + rows * cols ? NaN : fill)));
        return { mat: bench.device.matrix(whole, 31, rows, cols), data: new Float64Array(0), rows, cols };
      };
      const at = place(bench, m, n, r);
      run(bench, { ...at, target: bench.matrix(m, n, unset(m * n)) }, 'both', 1);
      const clean = { ...at, target: surrounded(m, n, 1), u: surrounded(m, r, 1), v: surrounded(n, r, 1), b: surrounded(n, r, 1), c: surrounded(m, r, 1) };
      const result = run(bench, clean, 'both', 1);
      expect(result.squares[1]).toBe(4 * m * n);
      expect(result.left).toEqual(new Float64Array(m * r).fill(2 * n));
      expect(result.right).toEqual(new Float64Array(n * r).fill(2 * m));
      bench.close();
    }
  });

  it('subnormal numbers count', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const tiny = unit[backend.dtype][1];
      const at = { ...place(bench, 3, 9, 1), target: bench.matrix(3, 9, new Float64Array(27)), u: bench.matrix(3, 1, new Float64Array(3).fill(tiny)), v: bench.matrix(9, 1, new Float64Array(9).fill(1)), b: bench.matrix(9, 1, new Float64Array(9).fill(1)) };
      expect(run(bench, at, 'left', 1).left).toEqual(new Float64Array(3).fill(9 * tiny));
      bench.close();
    }
  });

  it('without rows or columns the products are zero', () => {
    for (const backend of variants) {
      for (const [m, n] of [[0, 3], [4, 0], [0, 0]] as const) {
        const bench = new Bench(backend);
        const result = run(bench, place(bench, m, n, 2), 'both', -2);
        expect(result.squares[1]).toBe(0);
        expect(result.left).toEqual(new Float64Array(2 * m));
        expect(result.right).toEqual(new Float64Array(2 * n));
        bench.close();
      }
    }
  });

  it('refuses what does not fit', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const { target, u, v, b, c, left, right, squares } = place(bench, 4, 6, 2);
      const refused = (call: () => void) => {
        let code: unknown;
        try {
          call();
        } catch (error) {
          code = errorCode(error);
        }
        expect(code).toBe('LOWLAND_E_SHAPE');
      };
      const { kernels, device, memory } = bench;
      refused(() => { kernels.residualProducts(target.mat, v.mat, u.mat, 1, b.mat, left.mat, c.mat, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, c.mat, left.mat, c.mat, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, b.mat, right.mat, c.mat, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, b.mat, left.mat, b.mat, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, b.mat, left.mat, c.mat, left.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, b.mat, undefined, c.mat, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, b.mat, left.mat, undefined, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, v.mat, 1, b.mat, left.mat, c.mat, right.mat, squares.vec, 3); });
      refused(() => { kernels.residualProducts(target.mat, u.mat, bench.matrix(6, 3).mat, 1, b.mat, left.mat, c.mat, right.mat, squares.vec); });
      refused(() => { kernels.residualProducts(device.matrix(memory.vector(48), 0, 4, 6, true), u.mat, v.mat, 1, b.mat, left.mat, c.mat, right.mat, squares.vec); });
      bench.close();
    }
  });

  it.each([[1, 1, 1], [7, 50, 5], [49, 97, 10], [50, 13, 16]])('%d x %d, rank %d: all codes of a module have the same bits', (m, n, k) => {
    const codes = [{ rank: k, paced: true, inOrder: true }, { rank: 0, paced: true, inOrder: true }, { rank: 0, paced: false, inOrder: true }, { rank: 0, paced: true, inOrder: false }];
    const results = codes.map((code) => {
      const memory = new WebAssembly.Memory({ initial: 8 });
      const numbers = new Float64Array(memory.buffer);
      for (let i = 0; i < numbers.length; i++) numbers[i] = ((i * 37) % 101) / 101 - 0.5;
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(residualModule('f64', false, code).assemble()), { env: { memory, scratch: 64 } });
      const { pack, part } = exports as Record<'pack' | 'part', (...args: number[]) => void>;
      const [target, u, v] = [1024, 65536, 2 * 65536];
      const packed = 3 * 65536;
      const left = packed + packedBytes(n, k, 8);
      const own = 5 * 65536;
      pack(n, k, v, packed);
      part(m, rowsOfTile(m), n, k, k, target, u, packed, 1.5, v, left, u, own);
      const layout = partLayout(n, k, 8);
      // Lanes behind the last column are of no account.
      const right = Array.from({ length: n * k }, (_, e) => numbers[(own + layout.right) / 8 + (Math.floor(e / k) >> 3) * 8 * k + (e % k) * 8 + (Math.floor(e / k) & 7)]);
      return [...numbers.subarray(left / 8, left / 8 + m * k), numbers[(own + layout.squares) / 8], ...right];
    });
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });
});
