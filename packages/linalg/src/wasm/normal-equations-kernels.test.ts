import { errorCode } from '@lowland/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Bench, check, everywhere, Exact, key, noise, unit, variants } from '../../test/kernel-bench.ts';
import { cpu, type CpuBackend } from '../cpu/backend.ts';

/** Rows with from none to `most` entries each. */
function lists(rows: number, cols: number, most: number, start: number): { readonly pointers: Int32Array; readonly index: Int32Array } {
  const whole = (x: number, below: number) => Math.min(below - 1, Math.floor(((x + 1) / 2) * below));
  const pointers = new Int32Array(rows + 1);
  noise('f64', rows, start).forEach((x, i) => { pointers[i + 1] = pointers[i]! + (cols === 0 ? 0 : whole(x, most + 1)); });
  return { pointers, index: Int32Array.from(noise('f64', pointers[rows]!, start + 1), (x) => whole(x, cols)) };
}

function run(bench: Bench, rows: number, cols: number, r: number, most: number, weighted: boolean, shift: number, start: number) {
  const { pointers, index } = lists(rows, cols, most, start);
  const count = index.length;
  const [values, v, out] = [bench.vector(count), bench.matrix(cols, r), bench.matrix(rows, r, new Float64Array(rows * r).fill(NaN))];
  const weights = weighted ? bench.vector(count, noise(bench.dtype, count, start + 2).map((x) => Math.max(0, x))) : undefined;
  bench.kernels.normalEquations(bench.memory.integers(pointers), bench.memory.integers(index), values.vec, weights?.vec, v.mat, shift, out.mat);
  return { pointers, index, values: values.data, weights: weights?.data, v: v.data, x: bench.read(out.mat) };
}

const size = fc.integer({ min: 1, max: 12 });
const rank = fc.oneof({ weight: 4, arbitrary: fc.nat(14) }, { weight: 1, arbitrary: fc.nat(40) });

describe('normal equations', () => {
  check('leave a residual of rounding where the matrix is not singular', 200, [size, fc.integer({ min: 1, max: 60 }), rank, fc.boolean(), fc.constantFrom(0.25, 3), key],
    (rows: number, cols: number, r: number, weighted: boolean, shift: number, start: number) => {
      everywhere(start, (bench) => {
        const { pointers, index, values, weights, v, x } = run(bench, rows, cols, r, 40, weighted, shift, start);
        for (let i = 0; i < rows; i++) {
          for (let c = 0; c < r; c++) {
            const sum = new Exact().add(shift, x[i * r + c]!);
            for (let e = pointers[i]!; e < pointers[i + 1]!; e++) {
              const w = weights?.[e] ?? 1;
              sum.add(-w * values[e]!, v[index[e]! * r + c]!);
              for (let d = 0; d < r; d++) sum.add(w * v[index[e]! * r + c]! * v[index[e]! * r + d]!, x[i * r + d]!);
            }
            // In f32 the solution alone is rounded. A factor's error is r of those of its matrix.
            const [epsilon, eta] = unit[bench.dtype];
            const entries = pointers[i + 1]! - pointers[i]!;
            const limit = (bench.dtype === 'f64' ? (entries + 4 * r + 8) * (r + 1) : 2) * epsilon * sum.size + eta;
            if (!(Math.abs(sum.value) <= limit)) throw new Error(`row ${String(i)}, ${String(c)}: ${String(sum.value)} beyond ${String(limit)}`);
          }
        }
      });
    });

  const bits = (backend: CpuBackend, ...instance: [number, number, number, number, boolean, number, number]) => {
    const bench = new Bench(backend, 3);
    const { x } = run(bench, ...instance);
    bench.close();
    return x;
  };
  check('have the bits of the plain ones, with singular matrices and empty rows among them', 200, [size, fc.integer({ min: 1, max: 60 }), rank, fc.nat(30), fc.boolean(), fc.constantFrom(0, 0, 1e-3), key],
    (rows: number, cols: number, r: number, most: number, weighted: boolean, shift: number, start: number) => {
      for (const dtype of ['f64', 'f32'] as const) {
        const [a, b] = (['plain', 'wasm'] as const).map((kernels) => bits(cpu({ kernels, dtype }), rows, cols, r, most, weighted, shift, start));
        a!.forEach((value, k) => { if (!Object.is(value, b![k])) throw new Error(`${dtype}, ${String(k)}: ${String(value)} and ${String(b![k])}`); });
      }
    });
  it('so they have in many parts', () => {
    const [a, b] = (['plain', 'wasm'] as const).map((kernels) => bits(cpu({ kernels }), 700, 90, 21, 25, true, 0.5, 4));
    expect(b).toEqual(a);
    expect(a!.every(Number.isFinite)).toBe(true);
  });

  it('no row, no entry, rank 0: nothing or zeros', () => {
    everywhere(1, (bench) => {
      expect(run(bench, 0, 5, 3, 4, false, 1, 1).x).toEqual(new Float64Array());
      expect(run(bench, 3, 0, 4, 4, false, 0, 1).x).toEqual(new Float64Array(12));
      expect(run(bench, 3, 4, 0, 4, true, 1, 1).x).toEqual(new Float64Array());
    });
    expect.hasAssertions();
  });

  it('fewer entries than columns: the least norm', () => {
    everywhere(1, (bench) => {
      const out = bench.matrix(2, 2);
      const [pointers, index] = [bench.memory.integers(Int32Array.of(0, 1, 1)), bench.memory.integers(Int32Array.of(0))];
      bench.kernels.normalEquations(pointers, index, bench.vector(1, Float64Array.of(5)).vec, undefined, bench.matrix(1, 2, Float64Array.of(1, 2)).mat, 0, out.mat);
      const [x, y, ...rest] = bench.read(out.mat);
      expect([x! - 1, y! - 2].every((error) => Math.abs(error) < 8 * unit[bench.dtype][0])).toBe(true);
      expect(rest).toEqual([0, 0]);
    });
  });

  it('NaN stays in its row', () => {
    everywhere(1, (bench) => {
      const out = bench.matrix(2, 3);
      const [pointers, index] = [bench.memory.integers(Int32Array.of(0, 2, 4)), bench.memory.integers(Int32Array.of(0, 1, 0, 1))];
      bench.kernels.normalEquations(pointers, index, bench.vector(4, Float64Array.of(1, NaN, 1, 1)).vec, undefined, bench.matrix(2, 3).mat, 1, out.mat);
      const x = bench.read(out.mat);
      expect([...x].map(Number.isNaN)).toEqual([true, true, true, false, false, false]);
    });
  });

  it.each([
    ['pointers that descend', Int32Array.of(0, 3, 2, 4), Int32Array.of(0, 1, 1, 0), 4, 3],
    ['pointers beyond the entries', Int32Array.of(0, 1, 2, 5), Int32Array.of(0, 1, 1, 0), 4, 3],
    ['too few pointers', Int32Array.of(0, 4), Int32Array.of(0, 1, 1, 0), 4, 3],
    ['an index outside', Int32Array.of(0, 1, 2, 4), Int32Array.of(0, 1, 2, 0), 4, 3],
    ['too few values', Int32Array.of(0, 1, 2, 4), Int32Array.of(0, 1, 1, 0), 3, 3],
    ['another rank', Int32Array.of(0, 1, 2, 4), Int32Array.of(0, 1, 1, 0), 4, 2],
  ] as const)('%s: refused', (_name, pointers, index, count, cols) => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const out = bench.matrix(3, 3);
      let code: string | undefined;
      try {
        bench.kernels.normalEquations(bench.memory.integers(pointers), bench.memory.integers(index), bench.vector(count).vec, undefined, bench.matrix(2, cols).mat, 1, out.mat);
      } catch (error) {
        code = errorCode(error);
      }
      expect(code).toBe('LOWLAND_E_SHAPE');
      expect(bench.read(out.mat)).toEqual(out.data);
      bench.close();
    }
  });
});
