import { latticeNormals, normals, streamKey } from '@lowland/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Bench, check, everywhere, Exact, expectClose, factor, key, noise, side } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';
import { partsOf, partStart } from '../cpu/sensing.ts';

/** Bit for bit, without a list of differences that takes minutes to print. */
function expectSame(given: Float64Array, expected: Float64Array): void {
  const at = expected.findIndex((value, i) => !Object.is(given[i], value));
  if (given.length !== expected.length || at !== -1) throw new Error(`number ${String(at)} of ${String(expected.length)} is ${String(given[at])}, not ${String(expected[at])}`);
}

const exact = (n: number, term: (p: number) => readonly [number, number]): Exact => {
  const sum = new Exact();
  for (let p = 0; p < n; p++) sum.add(...term(p));
  return sum;
};

describe('residualAdjoint', () => {
  check('against sums of twice the digits, with data or none, one side or two', 200, [side, side, factor, fc.boolean(), fc.boolean(), key],
    (m: number, n: number, scale: number, data: boolean, two: boolean, start: number) => {
      everywhere(start, (bench) => {
        const { dtype } = bench;
        const a = bench.matrix(m, n);
        const y = data ? bench.vector(m) : undefined;
        const sides = (two ? [0, 1] : [0]).map(() => ({ x: bench.vector(n), rho: bench.vector(m), out: bench.vector(n, new Float64Array(n).fill(NaN)) }));
        const [first, second] = sides;
        bench.kernels.residualAdjoint(scale, a.mat, first!.x.vec, y?.vec, first!.rho.vec, first!.out.vec, ...(second === undefined ? [] : ([second.x.vec, second.rho.vec, second.out.vec] as const)));
        sides.forEach(({ x, rho, out }, s) => {
          const residuals = bench.read(rho.vec);
          expectClose(dtype, residuals, n, (k) => {
            const sum = exact(n, (p) => [a.data[k * n + p]!, x.data[p]!]);
            return s === 0 && y !== undefined ? sum.add(-1, y.data[k]!) : sum;
          });
          // From the residuals as they were rounded.
          expectClose(dtype, bench.read(out.vec), m, (j) => exact(m, (k) => [scale * residuals[k]!, a.data[k * n + j]!]));
        });
      });
    });

  it('adds up parts in a fixed order: plain TypeScript and WebAssembly agree to the bit in f64', () => {
    const [m, n] = [400, 3000];
    expect(partsOf(m, n)).toBeGreaterThan(4);
    const results = (['plain', 'wasm'] as const).map((kernels) => {
      const bench = new Bench(cpu({ kernels }), 5);
      const [a, y] = [bench.matrix(m, n), bench.vector(m)];
      const [x, dx] = [bench.vector(n), bench.vector(n)];
      const [rho, drho, out, dout] = [bench.vector(m), bench.vector(m), bench.vector(n), bench.vector(n)];
      bench.kernels.residualAdjoint(0.3, a.mat, x.vec, y.vec, rho.vec, out.vec, dx.vec, drho.vec, dout.vec);
      const both = [rho, drho, out, dout].map(({ vec }) => bench.read(vec));
      bench.kernels.residualAdjoint(0.3, a.mat, x.vec, y.vec, rho.vec, out.vec);
      const alone = [rho, out].map(({ vec }) => bench.read(vec));
      bench.close();
      alone.forEach((part, i) => { expectSame(part, both[2 * i]!); });
      return both;
    });
    results[0]!.forEach((part, i) => { expectSame(part, results[1]![i]!); });
  });

  it('cuts rows into ranges that cover them, by the sizes alone', () => {
    for (const [m, n] of [[0, 5], [1, 1e6], [31, 1e6], [64, 1e5], [2000, 10000], [1e5, 1], [1e6, 0]] as const) {
      const parts = partsOf(m, n);
      expect(partStart(m, parts, 0)).toBe(0);
      expect(partStart(m, parts, parts)).toBe(m);
      // Adjoints of the parts are a small share of the rows.
      if (parts > 1) expect(parts * 32).toBeLessThanOrEqual(m);
    }
  });

  it('passes NaN and infinity on', () => {
    everywhere(3, (bench) => {
      const a = bench.matrix(5, 9, Float64Array.from({ length: 45 }, (_, i) => (i === 20 ? Infinity : 1)));
      const [x, rho, out] = [bench.vector(9, new Float64Array(9).fill(1)), bench.vector(5), bench.vector(9)];
      bench.kernels.residualAdjoint(1, a.mat, x.vec, undefined, rho.vec, out.vec);
      expect([...bench.read(rho.vec)]).toEqual([9, 9, Infinity, 9, 9]);
      expect(bench.read(out.vec).every((value) => value === Infinity)).toBe(true);
      bench.device.write(x.vec, new Float64Array(9).fill(NaN));
      bench.kernels.residualAdjoint(1, a.mat, x.vec, undefined, rho.vec, out.vec);
      expect(bench.read(out.vec).every(Number.isNaN)).toBe(true);
    });
  });

  it('refuses sizes that do not fit, and half a second side', () => {
    everywhere(4, (bench) => {
      const a = bench.matrix(4, 3);
      const [three, four] = [bench.vector(3).vec, bench.vector(4).vec];
      const { residualAdjoint, seededResidualAdjoint, latticeResidualAdjoint } = bench.kernels;
      const refused = expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error;
      const calls = [
        () => { residualAdjoint(1, a.mat, four, undefined, four, three); },
        () => { residualAdjoint(1, a.mat, three, three, four, three); },
        () => { residualAdjoint(1, a.mat, three, four, four, four); },
        () => { residualAdjoint(1, a.mat, three, four, four, three, three); },
        () => { seededResidualAdjoint(1, streamKey(1, 'a'), three, three, four); },
        () => { latticeResidualAdjoint(1, streamKey(1, 'a'), three, three, four); },
      ];
      for (const call of calls) expect(call).toThrow(refused);
    });
  });
});

describe.each([['seededResidualAdjoint', normals], ['latticeResidualAdjoint', latticeNormals]] as const)('%s', (kernel, rule) => {
  const seedOf = (start: number) => (start % 3 === 0 ? Number.MAX_SAFE_INTEGER - start : start);
  const rowsOf = (dtype: 'f64' | 'f32', seed: number, index: number, m: number, n: number): Float64Array => {
    const rows = new Float64Array(m * n);
    for (let k = 0; k < m; k++) rule(streamKey(seed, 'ensemble', index + k), rows.subarray(k * n, (k + 1) * n));
    return dtype === 'f64' ? rows : rows.map(Math.fround);
  };

  check('is residualAdjoint over the numbers of core, bit for bit', 120, [fc.nat(70), fc.nat(70), fc.boolean(), fc.boolean(), key], (m: number, n: number, data: boolean, two: boolean, start: number) => {
    everywhere(start, (bench) => {
      const seed = seedOf(start);
      // The lower word of the index wraps around among the rows.
      const index = start % 2 === 0 ? 2 ** 32 - 3 : start;
      const a = bench.matrix(m, n, rowsOf(bench.dtype, seed, index, m, n));
      const y = data ? bench.vector(m).vec : undefined;
      const fresh = (length: number) => bench.vector(length, new Float64Array(length).fill(NaN)).vec;
      const [x, dx] = [bench.vector(n).vec, bench.vector(n).vec];
      const [held, drawn] = [0, 1].map(() => [fresh(m), fresh(n), fresh(m), fresh(n)] as const);
      const image = fresh(m);
      const stream = streamKey(seed, 'ensemble', index);
      const second = (of: typeof held) => (two ? ([dx, of![2], of![3]] as const) : ([] as const));
      bench.kernels.residualAdjoint(0.6, a.mat, x, y, held![0], held![1], ...second(held));
      bench.kernels[kernel](0.6, stream, x, y, drawn![0], drawn![1], ...second(drawn));
      bench.kernels[kernel](0.6, stream, x, y, image);
      drawn!.forEach((vec, i) => { expectSame(bench.read(vec), bench.read(held![i]!)); });
      expectSame(bench.read(image), bench.read(held![0]));
    });
  });

  it('agrees between plain TypeScript and WebAssembly over several parts', () => {
    const [m, n] = [300, 1003];
    expect(partsOf(m, n)).toBeGreaterThan(1);
    const results = (['plain', 'wasm'] as const).map((kernels) => {
      const bench = new Bench(cpu({ kernels }), 5);
      const [x, y, rho, out] = [bench.vector(n).vec, bench.vector(m).vec, bench.vector(m).vec, bench.vector(n).vec];
      bench.kernels[kernel](1, streamKey(8, 'ensemble'), x, y, rho, out);
      const given = [bench.read(rho), bench.read(out)];
      bench.close();
      return given;
    });
    results[0]!.forEach((part, i) => { expectSame(part, results[1]![i]!); });
  });
});

describe.each([['normal', normals], ['latticeNormal', latticeNormals]] as const)('%s', (kernel, rule) => {
  it.each([0, 1, 2, 7, 8, 9, 15, 16, 17, 1000, 70_001])('draws %i numbers of core on every device, rounded to its type', (length) => {
    everywhere(length + 1, (bench) => {
      const out = bench.vector(length, noise(bench.dtype, length, 1));
      const key = streamKey(Number.MAX_SAFE_INTEGER, 'normal', 2 ** 40 + 5);
      bench.kernels[kernel](key, out.vec);
      const expected = new Float64Array(length);
      rule(key, expected);
      expectSame(bench.read(out.vec), bench.dtype === 'f64' ? expected : expected.map(Math.fround));
    });
  });
});
