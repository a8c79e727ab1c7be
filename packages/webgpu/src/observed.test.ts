/** Completion in one pass over its entries: kernels against sums in f64, routes against the cpu. */
import type { AnyObjective, Device } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { generateEntries, matrixCompletion } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';
import { expectFused } from '../test/routes.ts';

const bench = useDevice();

/** Rows of 0, 1, …, of more entries than a workgroup has threads, and of none again. */
function pattern(rows: number, cols: number) {
  const counts = Array.from({ length: rows }, (_, i) => (i === 2 ? Math.min(cols, 150) : i % 5 === 0 ? 0 : Math.min(cols, (i * 7) % 11)));
  const pointers = Int32Array.from({ length: rows + 1 }, (_, i) => counts.slice(0, i).reduce((sum, count) => sum + count, 0));
  const index = Int32Array.from(counts.flatMap((count, i) => Array.from({ length: count }, (_, k) => (i + k) % cols)));
  return { pointers, index, rowOf: Int32Array.from(counts.flatMap((count, i) => Array.from({ length: count }, () => i))) };
}

describe('over compressed rows', () => {
  it.each([[1, 1, 1, false], [9, 200, 3, true], [40, 13, 1, false], [12, 20, 70, true], [3, 4, 0, false]] as const)('%i x %i, rank %i, weighted: %s', async (m, n, r, weighted) => {
    const { device, memory, matrix } = bench;
    const { kernels } = device;
    const { pointers, index, rowOf } = pattern(m, n);
    const count = index.length;
    const [at, columns] = [memory.integers(pointers), memory.integers(index)];
    const [data, roots, u, v, b, du, dv] = [matrix(count, 1, 1), matrix(count, 1, 2), matrix(m, r, 3), matrix(n, r, 4), matrix(n, r, 5), matrix(m, r, 6), matrix(n, r, 7)];
    const [z, left, squares] = [memory.vector(count), device.matrix(memory.vector(m * r), 0, m, r), memory.vector(2)];
    kernels.fill(left, NaN);
    kernels.observedResidual!(at, columns, data.mat, weighted ? roots.mat : undefined, u.mat, v.mat, z, -2, b.mat, left, squares, 1);

    const root = (e: number) => (weighted ? roots.data[e]! : 1);
    const inner = (x: Float64Array, i: number, y: Float64Array, j: number) => Array.from({ length: r }, (_, q) => x[i * r + q]! * y[j * r + q]!).reduce((sum, term) => sum + term, 0);
    const rho = Array.from(index, (j, e) => root(e) * inner(u.data, rowOf[e]!, v.data, j) - data.data[e]!);
    const change = Array.from(index, (j, e) => root(e) ** 2 * (inner(du.data, rowOf[e]!, v.data, j) + inner(u.data, rowOf[e]!, dv.data, j)));
    const tolerance = 3e-5 * (1 + r) * Math.max(1, ...rho.map(Math.abs), ...change.map(Math.abs));
    const close = (found: Float64Array, expected: ArrayLike<number>) => {
      expect(found.length).toBe(expected.length);
      found.forEach((x, i) => { expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, count / m)); });
    };
    close(await device.read(z), rho.map((x, e) => root(e) * x));
    expect(await device.scalar(squares)).toBe(0);
    const total = rho.reduce((sum, x) => sum + x * x, 0);
    expect(Math.abs((await device.scalar(squares, 1)) - total)).toBeLessThanOrEqual(1e-5 * total);
    const expected = new Float64Array(m * r);
    rho.forEach((x, e) => { for (let q = 0; q < r; q++) expected[rowOf[e]! * r + q]! -= 2 * root(e) * x * b.data[index[e]! * r + q]!; });
    close(await device.read(left), expected);

    // Hessian rows of u; then of v, over the columns of the same entries
    const pairs = memory.vector(2 * count);
    kernels.observedCurvature!(at, columns, data.mat, weighted ? roots.mat : undefined, u.mat, v.mat, du.mat, dv.mat, pairs, 1, left);
    expected.fill(0);
    const [right, both] = [new Float64Array(n * r), new Float64Array(n * r)];
    rho.forEach((x, e) => {
      for (let q = 0; q < r; q++) {
        expected[rowOf[e]! * r + q]! += change[e]! * v.data[index[e]! * r + q]! + root(e) * x * dv.data[index[e]! * r + q]!;
        both[index[e]! * r + q]! += change[e]! * u.data[rowOf[e]! * r + q]! + root(e) * x * du.data[rowOf[e]! * r + q]!;
        right[index[e]! * r + q]! += root(e) * x * u.data[rowOf[e]! * r + q]!;
      }
    });
    close(await device.read(left), expected);
    const order = Int32Array.from({ length: count }, (_, e) => e).sort((e, f) => index[e]! - index[f]! || e - f);
    const columnPointers = Int32Array.from({ length: n + 1 }, (_, j) => index.filter((column) => column < j).length);
    const [down, rowsOf, ordered] = [memory.integers(columnPointers), memory.integers(order.map((e) => rowOf[e]!)), memory.integers(order)];
    const out = device.matrix(memory.vector(n * r), 0, n, r);
    kernels.observedProduct!(down, rowsOf, ordered, z, 1, u.mat, out);
    close(await device.read(out), right);
    kernels.observedCurvatureProduct!(down, rowsOf, ordered, pairs, 1, u.mat, du.mat, out);
    close(await device.read(out), both);
  });

  it('adds squares up to the last digits, however many there are', async () => {
    const { device, memory } = bench;
    const [m, n, tenth] = [300, 700, Math.fround(0.1)];
    const [data, u, v, z, slot] = [memory.vector(m * n), device.matrix(memory.vector(m), 0, m, 1), device.matrix(memory.vector(n), 0, n, 1), memory.vector(m * n), memory.vector(1)];
    device.kernels.fill(data, tenth);
    const pointers = memory.integers(Int32Array.from({ length: m + 1 }, (_, i) => i * n));
    const index = memory.integers(Int32Array.from({ length: m * n }, (_, e) => e % n));
    device.kernels.observedResidual!(pointers, index, data, undefined, u, v, z, 1, undefined, undefined, slot);
    // the roundings of a square, and the last one
    expect(Math.abs((await device.scalar(slot)) / (m * n * tenth * tenth) - 1)).toBeLessThanOrEqual(2 * 2 ** -24);
  });

  it('refuses pointers and shapes that do not fit, and shared vectors', () => {
    const { device, memory, matrix } = bench;
    const [u, v, data, z, slot] = [matrix(2, 1, 1).mat, matrix(3, 1, 2).mat, memory.vector(2), memory.vector(2), memory.vector(1)];
    const index = memory.integers(Int32Array.of(0, 2));
    const call = (pointers: readonly number[], values = data, to = z, out = slot) => () => {
      device.kernels.observedResidual!(memory.integers(Int32Array.from(pointers)), index, values, undefined, u, v, to, 1, undefined, undefined, out);
    };
    expect(call([0, 1, 2])).not.toThrow();
    const shape = expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error;
    for (const pointers of [[0, 2], [0, 2, 1], [1, 1, 2], [0, 1, 1], [0, 1, 3]]) expect(call(pointers)).toThrow(shape);
    expect(call([0, 1, 2], memory.vector(3))).toThrow(shape);
    const alias = expect.objectContaining({ code: 'LOWLAND_E_ALIAS' }) as Error;
    expect(call([0, 1, 2], data, data)).toThrow(alias);
    expect(call([0, 1, 2], data, z, device.view(u, 0, 1))).toThrow(alias);
  });
});

describe('normalEquations', () => {
  /** What the cpu gives in f64. */
  function expected(pointers: Int32Array, index: Int32Array, values: Float64Array, weights: Float64Array | undefined, v: Float64Array, r: number, shift: number): Float64Array {
    using host = cpu().open() as Device;
    using memory = host.memory();
    const upload = (data: Float64Array) => {
      const x = memory.vector(data.length);
      host.write(x, data);
      return x;
    };
    const rows = pointers.length - 1;
    const out = memory.vector(rows * r);
    host.kernels.normalEquations!(memory.integers(pointers), memory.integers(index), upload(values), weights && upload(weights), host.matrix(upload(v), 0, v.length / r, r), shift, host.matrix(out, 0, rows, r));
    return host.read(out) as Float64Array;
  }

  it.each([[1, 0, false], [3, 0, false], [3, 0.5, true], [10, 0, true], [12, 1e-3, false]] as const)('of %i unknowns, shift %d, weighted: %s; rows with fewer entries than that, and without any', async (r, shift, weighted) => {
    const { device, memory, matrix } = bench;
    const [m, n] = [70, 60];
    const { pointers, index } = pattern(m, n);
    const [values, positive, v] = [matrix(index.length, 1, 1), matrix(index.length, 1, 2), matrix(n, r, 3)];
    const weights = positive.data.map((x) => Math.fround(0.5 + Math.abs(x)));
    device.write(positive.mat, weights);
    const out = device.matrix(memory.vector(m * r), 0, m, r);
    device.kernels.fill(out, NaN);
    device.kernels.normalEquations!(memory.integers(pointers), memory.integers(index), values.mat, weighted ? positive.mat : undefined, v.mat, shift, out);
    const [found, right] = [await device.read(out), expected(pointers, index, values.data, weighted ? weights : undefined, v.data, r, shift)];
    for (let i = 0; i < m; i++) {
      const [row, other] = [found.subarray(i * r, (i + 1) * r), right.subarray(i * r, (i + 1) * r)];
      const entries = Array.from(index.subarray(pointers[i], pointers[i + 1]), (j, e) => ({ weight: weighted ? weights[pointers[i]! + e]! : 1, value: values.data[pointers[i]! + e]!, x: v.data.subarray(j * r, (j + 1) * r) }));
      if (entries.length === 0) expect([...row].every((x) => x === 0)).toBe(true);
      else if (shift === 0 && entries.length < r - 1) {
        // The solution of least norm: few entries have a matrix of products that is well conditioned where it is not 0.
        expect(Math.hypot(...row.map((x, k) => x - other[k]!)), `row ${i}, ${entries.length} entries`).toBeLessThanOrEqual(1e-3 * Math.hypot(...other));
      } else if (shift > 0 || entries.length > r + 1) {
        // What it leaves of the equations, beside the size of their terms.
        const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
        for (let c = 0; c < r; c++) {
          const left = entries.reduce((sum, { weight, value, x }) => sum + weight * x[c]! * (inner(x, row) - value), shift * row[c]!);
          const size = entries.reduce((sum, { weight, value, x }) => sum + weight * Math.abs(x[c]!) * (Math.hypot(...x) * Math.hypot(...row) + Math.abs(value)), shift * Math.abs(row[c]!));
          expect(Math.abs(left), `row ${i}, ${entries.length} entries`).toBeLessThanOrEqual((entries.length + 4 * r) * 2 ** -23 * size);
        }
      }
    }
  });
});

describe('the fused routes', () => {
  const size = { rows: 25, cols: 18, rank: 2, density: 0.4 };
  const { data: entries } = generateEntries(size, 1);
  const weights = entries.values.map((_, e) => 1 + (e % 3));
  it.each<[string, AnyObjective]>([
    ['completion', matrixCompletion({ entries, rank: 2, lambda: 0.1 })],
    ['weighted completion', matrixCompletion({ entries: { ...entries, weights }, rank: 2 })],
  ])('of %s give what the cpu gives in f64, to f32', async (_, objective) => {
    await expectFused(bench, objective);
  });
});
