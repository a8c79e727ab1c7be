import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Bench, check, everywhere, Exact, expectSame, factor, key, noise, sample, side, unit } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';

/** A matrix of m x n numbers, complex ones interleaved. */
function rowsOf(bench: Bench, m: number, n: number, complex: boolean, start: number, data = noise(bench.dtype, m * n * (complex ? 2 : 1), start)) {
  const { whole, offset } = bench.place(data);
  return { mat: bench.device.matrix(whole, offset, m, n, complex), data };
}

/** Real and imaginary part of <row k, x>, with the size of the terms of both. */
function products(a: Float64Array, m: number, n: number, complex: boolean, x: Float64Array) {
  return Array.from({ length: m }, (_, k) => {
    const [re, im] = [new Exact(), new Exact()];
    for (let j = 0; j < n; j++) {
      if (!complex) {
        re.add(a[k * n + j]!, x[j]!);
        continue;
      }
      const [ar, ai, xr, xi] = [a[2 * (k * n + j)]!, a[2 * (k * n + j) + 1]!, x[2 * j]!, x[2 * j + 1]!];
      re.add(ar, xr).add(-ai, xi);
      im.add(ar, xi).add(ai, xr);
    }
    return { re: re.value, im: im.value, size: re.size + im.size };
  });
}

/** What the formulas of the kernel give for one row, with bounds of what rounding moves. */
function weighted(y: number, smoothing: number | undefined, z: ReturnType<typeof products>[number], dz: ReturnType<typeof products>[number] | undefined) {
  const squares = z.re ** 2 + z.im ** 2;
  const along = dz === undefined ? 0 : z.re * dz.re + z.im * dz.im;
  if (smoothing === undefined) {
    const rho = squares - y;
    const of = (part: 're' | 'im') => (dz === undefined ? rho * z[part] : rho * dz[part] + 2 * along * z[part]);
    const size = z.size ** 2 + Math.abs(y);
    return { rho, rhoSize: size, re: of('re'), im: of('im'), size: dz === undefined ? size * z.size : (size + 2 * z.size ** 2) * dz.size };
  }
  const root = Math.sqrt(squares + smoothing ** 2);
  const rho = root - y;
  const slope = root === 0 ? 0 : rho / root;
  const bend = root === 0 ? 0 : (y * along) / root ** 3;
  const of = (part: 're' | 'im') => (dz === undefined ? slope * z[part] : slope * dz[part] + bend * z[part]);
  const ratio = root === 0 ? 0 : Math.abs(y) / root;
  const lost = root === 0 ? 0 : z.size / root;
  return { rho, rhoSize: root + z.size + Math.abs(y), re: of('re'), im: of('im'), size: dz === undefined ? 2 * (1 + ratio) * z.size : (1 + 3 * ratio) * (1 + 4 * lost) * dz.size };
}

const smoothing = fc.constantFrom(undefined, 0, 0.5, 1);

describe('phaseProducts', () => {
  check('against sums of twice the digits: real and complex, squares and roots, with a differential or without, the residual alone', 160,
    [side, side, fc.boolean(), smoothing, factor, fc.boolean(), fc.boolean(), key],
    (m: number, n: number, complex: boolean, given: number | undefined, scale: number, two: boolean, residualAlone: boolean, start: number) => {
      everywhere(start, (bench) => {
        const width = complex ? 2 : 1;
        const a = rowsOf(bench, m, n, complex, start);
        const [x, dx] = [bench.vector(n * width), bench.vector(n * width)];
        const y = bench.vector(m, noise(bench.dtype, m, start + 1).map(Math.abs));
        const [rho, out] = [bench.vector(m), bench.vector(n * width, new Float64Array(n * width).fill(NaN))];
        bench.kernels.phaseProducts(scale, a.mat, y.vec, given, x.vec, rho.vec, residualAlone ? undefined : out.vec, ...(two && !residualAlone ? [dx.vec] : []));
        const [z, dz] = [products(a.data, m, n, complex, x.data), products(a.data, m, n, complex, dx.data)];
        const rows = z.map((product, k) => weighted(y.data[k]!, given, product, two ? dz[k] : undefined));
        const steps = m + 3 * n + 20;
        const [epsilon, eta] = unit[bench.dtype];
        const expectNear = (what: string, value: number, exact: number, size: number) => {
          const limit = steps * (epsilon * size + eta);
          if (!(Math.abs(value - exact) <= limit)) throw new Error(`${what}: ${String(value)}, not within ${String(limit)} of ${String(exact)}`);
        };
        bench.read(rho.vec).forEach((value, k) => { expectNear(`rho ${String(k)}`, value, rows[k]!.rho, rows[k]!.rhoSize); });
        const results = bench.read(out.vec);
        if (residualAlone) {
          if (!results.every(Number.isNaN)) throw new Error('an output that is absent was written');
          return;
        }
        for (const i of sample(results.length, m)) {
          let [sum, size] = [0, 0];
          for (let k = 0; k < m; k++) {
            const w = rows[k]!;
            const at = k * n * width + (complex ? 2 * Math.floor(i / 2) : i);
            const [re, im] = [a.data[at]!, complex ? a.data[at + 1]! : 0];
            sum += scale * (i % width === 0 ? re * w.re + im * w.im : re * w.im - im * w.re);
            size += Math.abs(scale) * (Math.abs(re) + Math.abs(im)) * w.size;
          }
          expectNear(`out ${String(i)}`, results[i]!, sum, size);
        }
      });
    });

  it.each([[4000, 70], [700, 400], [3, 5], [33, 1], [5, 1000]])('gives the bits of plain TypeScript in f64: %i vectors of %i numbers', (m, n) => {
    for (const complex of [false, true]) {
      for (const given of [undefined, 0, 0.7]) {
        const [plain, wasm] = (['plain', 'wasm'] as const).map((kernels) => {
          const bench = new Bench(cpu({ kernels }), 7);
          const width = complex ? 2 : 1;
          const { mat } = rowsOf(bench, m, n, complex, 5);
          const [x, dx, y, rho, out, along] = [n * width, n * width, m, m, n * width, n * width].map((length) => bench.vector(length).vec);
          bench.kernels.phaseProducts(0.3, mat, y!, given, x!, rho!, out);
          bench.kernels.phaseProducts(0.3, mat, y!, given, x!, rho!, along, dx);
          const results = [rho!, out!, along!].map((vec) => bench.read(vec));
          bench.close();
          return results;
        });
        expectSame(plain!, wasm!);
      }
    }
  });

  it('passes NaN and infinities on, row by row', () => {
    everywhere(3, (bench) => {
      const { mat } = rowsOf(bench, 3, 2, false, 1, Float64Array.of(1, 0, 0, 1, NaN, 1));
      const [x, y, rho, out] = [bench.vector(2, Float64Array.of(2, 1)).vec, bench.vector(3, Float64Array.of(Infinity, 0, 0)).vec, bench.vector(3).vec, bench.vector(2).vec];
      bench.kernels.phaseProducts(1, mat, y, undefined, x, rho, out);
      expect([...bench.read(rho)]).toEqual([-Infinity, 1, NaN]);
      expect([...bench.read(out)]).toEqual([NaN, NaN]);
    });
  });

  it('takes the direction of a root that vanishes as zero', () => {
    everywhere(3, (bench) => {
      const { mat } = rowsOf(bench, 2, 2, true, 1);
      const [x, y, rho, out, dx] = [bench.vector(4, new Float64Array(4)).vec, bench.vector(2, Float64Array.of(3, 4)).vec, bench.vector(2).vec, bench.vector(4).vec, bench.vector(4).vec];
      for (const along of [undefined, dx]) {
        bench.kernels.phaseProducts(1, mat, y, 0, x, rho, out, along);
        expect([...bench.read(rho)]).toEqual([-3, -4]);
        expect(bench.read(out).every((value) => value === 0)).toBe(true);
      }
    });
  });

  it('refuses sizes that do not fit', () => {
    everywhere(4, (bench) => {
      const { mat } = rowsOf(bench, 4, 3, true, 1);
      const [x, y, rho, short, dx] = [6, 4, 4, 3, 6].map((length) => bench.vector(length).vec);
      const { phaseProducts } = bench.kernels;
      const calls = [
        () => { phaseProducts(1, mat, y!, 0, short!, rho!, x); },
        () => { phaseProducts(1, mat, short!, 0, x!, rho!, dx); },
        () => { phaseProducts(1, mat, y!, 0, x!, short!, dx); },
        () => { phaseProducts(1, mat, y!, 0, x!, rho!, short); },
        () => { phaseProducts(1, mat, y!, 0, x!, rho!, dx, short); },
        () => { phaseProducts(1, mat, y!, 0, x!, rho!, undefined, dx); },
      ];
      for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    });
  });
});
