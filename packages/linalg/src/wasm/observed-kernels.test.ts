import { errorCode, type Ints, type Vec } from '@lowland/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Bench, bound, check, everywhere, Exact, expectClose, factor, key, noise, unit, variants } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';

/** A list of cells by rows and by columns. Cells may repeat, and come in any order within a row. */
interface Compressed {
  readonly rows: number;
  readonly cols: number;
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly rowPointers: Int32Array;
  readonly colPointers: Int32Array;
  /** By columns: rows of the entries, and their places by rows. */
  readonly rowByColumn: Int32Array;
  readonly order: Int32Array;
}

function compress(rows: number, cols: number, cells: readonly (readonly [number, number])[]): Compressed {
  const byRow = [...cells].sort(([i], [k]) => i - k);
  const [row, col] = [Int32Array.from(byRow, ([i]) => i), Int32Array.from(byRow, ([, j]) => j)];
  const order = Int32Array.from(byRow.keys()).sort((a, b) => col[a]! - col[b]! || a - b);
  const pointers = (list: Int32Array, side: number) => Int32Array.from({ length: side + 1 }, (_, i) => list.filter((x) => x < i).length);
  return { rows, cols, row, col, rowPointers: pointers(row, rows), colPointers: pointers(col, cols), rowByColumn: order.map((e) => row[e]!), order };
}

const whole = (count: number, below: number, start: number) => Array.from(noise('f64', count, start), (x) => Math.min(below - 1, Math.floor(((x + 1) / 2) * below)));
/** Random cells; squared, so that some rows have many entries and others none. */
const random = (rows: number, cols: number, count: number, start: number): Compressed => {
  const [i, j] = [whole(count, rows, start), whole(count, cols, start + 1)];
  return compress(rows, cols, i.map((x, k) => [Math.floor((x * x) / rows), j[k]!]));
};

interface Placed {
  readonly rowPointers: Ints;
  readonly col: Ints;
  readonly colPointers: Ints;
  readonly row: Ints;
  readonly order: Ints;
}
const place = ({ memory }: Bench, a: Compressed): Placed => ({
  rowPointers: memory.integers(a.rowPointers),
  col: memory.integers(a.col),
  colPointers: memory.integers(a.colPointers),
  row: memory.integers(a.rowByColumn),
  order: memory.integers(a.order),
});

/** All four kernels on one list: what they read, and what they wrote. */
function run(bench: Bench, a: Compressed, r: number, weighted: boolean, scale: number) {
  const count = a.row.length;
  const { kernels, dtype } = bench;
  const at = place(bench, a);
  const unset = (length: number) => new Float64Array(length).fill(NaN);
  const [data, z, zz, squares] = [bench.vector(count), bench.vector(count, unset(count)), bench.vector(2 * count, unset(2 * count)), bench.vector(3)];
  // Weights of 0 among them.
  const roots = weighted ? bench.vector(count, noise(dtype, count, 5).map((x) => Math.max(0, x))) : undefined;
  const [u, du, c] = [bench.matrix(a.rows, r), bench.matrix(a.rows, r), bench.matrix(a.rows, r)];
  const [v, dv, b] = [bench.matrix(a.cols, r), bench.matrix(a.cols, r), bench.matrix(a.cols, r)];
  const [left, right] = [bench.matrix(a.rows, r, unset(a.rows * r)), bench.matrix(a.cols, r, unset(a.cols * r))];
  const [hessianLeft, hessianRight] = [bench.matrix(a.rows, r, unset(a.rows * r)), bench.matrix(a.cols, r, unset(a.cols * r))];
  const alone = bench.vector(count, unset(count));
  kernels.observedResidual(at.rowPointers, at.col, data.vec, roots?.vec, u.mat, v.mat, z.vec, scale, b.mat, left.mat, squares.vec, 1);
  kernels.observedProduct(at.colPointers, at.row, at.order, z.vec, scale, c.mat, right.mat);
  kernels.observedResidual(at.rowPointers, at.col, data.vec, roots?.vec, u.mat, v.mat, alone.vec, scale, undefined, undefined, squares.vec, 2);
  kernels.observedCurvature(at.rowPointers, at.col, data.vec, roots?.vec, u.mat, v.mat, du.mat, dv.mat, zz.vec, scale, hessianLeft.mat);
  kernels.observedCurvatureProduct(at.colPointers, at.row, at.order, zz.vec, scale, u.mat, du.mat, hessianRight.mat);
  const read = (x: { vec: Vec }) => bench.read(x.vec);
  const results = {
    z: read(z), alone: read(alone), zz: read(zz), squares: read(squares),
    left: bench.read(left.mat), right: bench.read(right.mat), hessianLeft: bench.read(hessianLeft.mat), hessianRight: bench.read(hessianRight.mat),
  };
  return { data: data.data, roots: roots?.data, u: u.data, v: v.data, du: du.data, dv: dv.data, b: b.data, c: c.data, before: squares.data[0], results };
}

/** |given - reference| within the bound of rigour.md E1, entry by entry. */
function judge(bench: Bench, a: Compressed, r: number, weighted: boolean, scale: number): void {
  const { dtype } = bench;
  const { data, roots, u, v, du, dv, b, c, before, results } = run(bench, a, r, weighted, scale);
  const { row, col } = a;
  const root = (e: number) => roots?.[e] ?? 1;
  const rho = (e: number, times: number) => {
    const sum = new Exact().add(-times, data[e]!);
    for (let k = 0; k < r; k++) sum.add(times * root(e) * u[row[e]! * r + k]!, v[col[e]! * r + k]!);
    return sum;
  };
  expectClose(dtype, results.z, r + 2, (e) => rho(e, root(e)));
  expect(results.alone).toEqual(results.z);
  expectClose(dtype, results.zz, 2 * r + 2, (k) => {
    const e = k >> 1;
    if (k % 2 === 1) return rho(e, root(e));
    const [p, q] = [row[e]! * r, col[e]! * r];
    const sum = new Exact();
    for (let i = 0; i < r; i++) sum.add(root(e) ** 2 * du[p + i]!, v[q + i]!).add(root(e) ** 2 * u[p + i]!, dv[q + i]!);
    return sum;
  });
  // Rounded residuals move the sum of their squares by what the bound of each says.
  const squares = new Exact();
  let moved = 0;
  for (let e = 0; e < row.length; e++) {
    const exact = rho(e, 1);
    const limit = bound(dtype, r + 1, exact.size);
    squares.add(exact.value, exact.value);
    moved += 2 * Math.abs(exact.value) * limit + limit ** 2;
  }
  expect(results.squares[0]).toBe(before);
  expect(results.squares[2]).toBe(results.squares[1]);
  if (!(Math.abs(results.squares[1]! - squares.value) <= moved + bound(dtype, row.length, squares.size))) throw new Error('squares');
  // The products as products of the residuals that were written.
  const products = (out: Float64Array, inner: (e: number, k: number, sum: Exact) => void, ofRows: boolean, width: number) => {
    expectClose(dtype, out, width * row.length, (at) => {
      const sum = new Exact();
      for (let e = 0; e < row.length; e++) if ((ofRows ? row : col)[e] === Math.floor(at / r)) inner(e, at % r, sum);
      return sum;
    });
  };
  products(results.left, (e, k, sum) => sum.add(scale * results.z[e]!, b[col[e]! * r + k]!), true, 1);
  products(results.right, (e, k, sum) => sum.add(scale * results.z[e]!, c[row[e]! * r + k]!), false, 1);
  const { zz } = results;
  products(results.hessianLeft, (e, k, sum) => sum.add(scale * zz[2 * e]!, v[col[e]! * r + k]!).add(scale * zz[2 * e + 1]!, dv[col[e]! * r + k]!), true, 2);
  products(results.hessianRight, (e, k, sum) => sum.add(scale * zz[2 * e]!, u[row[e]! * r + k]!).add(scale * zz[2 * e + 1]!, du[row[e]! * r + k]!), false, 2);
}

const ranks = fc.oneof({ weight: 4, arbitrary: fc.nat(24) }, { weight: 1, arbitrary: fc.nat(90) });

describe('kernels over compressed rows', () => {
  check('against sums of twice the digits', 300, [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), ranks, fc.nat(200), fc.boolean(), factor, key],
    (rows: number, cols: number, r: number, count: number, weighted: boolean, scale: number, start: number) => {
      const list = random(rows, cols, count, start);
      everywhere(start, (bench) => { judge(bench, list, r, weighted, scale); });
    });

  it('no entry, no row, no column, one row, a cell many times, more entries in a row than go together', () => {
    const repeated = Array.from({ length: 300 }, (_, k) => [1, (k * k) % 3] as const);
    for (const [rows, cols, cells] of [[3, 4, []], [0, 4, []], [3, 0, []], [1, 1, [[0, 0]]], [1, 5, [[0, 4], [0, 0], [0, 4]]], [3, 3, repeated], [2, 400, Array.from({ length: 300 }, (_, j) => [0, 399 - j] as const)]] as const) {
      for (const r of [0, 1, 5, 26, 70]) everywhere(1, (bench) => { judge(bench, compress(rows, cols, cells), r, r % 2 === 1, -1.5); });
    }
    expect.hasAssertions();
  });

  const same = (a: ReturnType<typeof run>['results'], b: ReturnType<typeof run>['results']) => {
    for (const name of Object.keys(a) as (keyof typeof a)[]) {
      a[name].forEach((x, i) => { if (!Object.is(x, b[name][i])) throw new Error(`${name}, entry ${String(i)}: ${String(x)} and ${String(b[name][i])}`); });
    }
  };
  const inBench = (kernels: 'plain' | 'wasm', list: Compressed, r: number, weighted: boolean, scale: number) => {
    const bench = new Bench(cpu({ kernels }), 3);
    const { results } = run(bench, list, r, weighted, scale);
    bench.close();
    return results;
  };
  check('in f64 the vector kernels have the bits of the plain ones', 150, [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), ranks, fc.nat(400), fc.boolean(), factor, key],
    (rows: number, cols: number, r: number, count: number, weighted: boolean, scale: number, start: number) => {
      const list = random(rows, cols, count, start);
      same(inBench('plain', list, r, weighted, scale), inBench('wasm', list, r, weighted, scale));
    });
  it('so they have where the work is cut into parts, one row holding most of it', () => {
    const cells = Array.from({ length: 30_000 }, (_, e) => [e % 3 === 0 ? e % 70 : 4, (e * 7919) % 90] as const);
    const list = compress(71, 90, cells);
    same(inBench('plain', list, 33, true, 2), inBench('wasm', list, 33, true, 2));
    expect.assertions(0);
  });
});

it('one list of entries serves matrices of several ranks in turn', () => {
  for (const backend of variants) {
    const bench = new Bench(backend);
    const list = random(9, 7, 40, 11);
    const at = place(bench, list);
    const product = (r: number) => {
      const [z, b, out] = [bench.vector(40, noise(bench.dtype, 40, 2)), bench.matrix(9, r, noise(bench.dtype, 9 * r, 3)), bench.matrix(7, r)];
      bench.kernels.observedProduct(at.colPointers, at.row, at.order, z.vec, 1, b.mat, out.mat);
      return bench.read(out.mat);
    };
    const once = [3, 70, 8].map(product);
    expect([8, 3, 70].map(product)).toEqual([once[2], once[0], once[1]]);
    expect(once.every((result) => result.some((x) => x !== 0))).toBe(true);
    bench.close();
  }
});

describe('what is not an ordinary number', () => {
  it('reaches the rows and entries that it belongs to, and no others', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const r = 7;
      const list = compress(4, 3, [[0, 0], [0, 1], [1, 1], [1, 2], [2, 0], [2, 2]]);
      const at = place(bench, list);
      const ones = (length: number, change: Readonly<Record<number, number>> = {}) => Object.assign(new Float64Array(length).fill(1), change);
      const [u, v] = [bench.matrix(4, r, ones(4 * r, { 3: NaN })), bench.matrix(3, r, ones(3 * r, { [3 * r - 1]: -Infinity }))];
      const [z, slot, left, right] = [bench.vector(6), bench.vector(1), bench.matrix(4, r), bench.matrix(3, r)];
      bench.kernels.observedResidual(at.rowPointers, at.col, bench.vector(6, ones(6)).vec, undefined, u.mat, v.mat, z.vec, 1, v.mat, left.mat, slot.vec);
      expect(bench.read(z.vec)).toEqual(Float64Array.of(NaN, NaN, r - 1, -Infinity, r - 1, -Infinity));
      expect(bench.read(slot.vec)).toEqual(Float64Array.of(NaN));
      const row = (of: typeof left, i: number) => bench.read(of.mat).slice(i * r, (i + 1) * r);
      expect(row(left, 0).every(Number.isNaN)).toBe(true);
      // The last column meets (-Infinity)(-Infinity).
      expect(row(left, 1)).toEqual(Float64Array.of(...new Array<number>(r - 1).fill(-Infinity), Infinity));
      expect(row(left, 3)).toEqual(new Float64Array(r));
      bench.kernels.observedProduct(at.colPointers, at.row, at.order, z.vec, 1, bench.matrix(4, r, ones(4 * r)).mat, right.mat);
      expect(row(right, 0).every(Number.isNaN)).toBe(true);
      expect(row(right, 2)).toEqual(new Float64Array(r).fill(-Infinity));
      // A weight of 0 hides nothing: 0 times infinity.
      bench.kernels.observedResidual(at.rowPointers, at.col, bench.vector(6, ones(6)).vec, bench.vector(6, new Float64Array(6)).vec, u.mat, v.mat, z.vec, 1, undefined, undefined, slot.vec);
      expect(bench.read(z.vec)).toEqual(Float64Array.of(NaN, NaN, -0, NaN, -0, NaN));
      bench.close();
    }
  });

  it('the smallest numbers count', () => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const tiny = unit[backend.dtype][1];
      const at = place(bench, compress(2, 1, [[0, 0], [1, 0], [1, 0]]));
      const [u, v, z, left] = [bench.matrix(2, 3, new Float64Array(6).fill(tiny)), bench.matrix(1, 3, Float64Array.of(1, 1, 1)), bench.vector(3), bench.matrix(2, 3)];
      bench.kernels.observedResidual(at.rowPointers, at.col, bench.vector(3, new Float64Array(3)).vec, undefined, u.mat, v.mat, z.vec, 2, v.mat, left.mat, bench.vector(1).vec);
      expect(bench.read(z.vec)).toEqual(new Float64Array(3).fill(3 * tiny));
      expect(bench.read(left.mat)).toEqual(Float64Array.of(6, 6, 6, 12, 12, 12).map((x) => x * tiny));
      bench.close();
    }
  });
});

describe('what does not fit is refused before anything is written', () => {
  const list = compress(3, 2, [[0, 0], [1, 1], [2, 0], [2, 1]]);
  type Change = Partial<Record<'pointers' | 'index' | 'order', Int32Array>> & { u?: [number, number]; v?: [number, number]; z?: number; data?: number; roots?: number; at?: number; left?: [number, number] };
  const wrong: readonly (readonly [string, Change])[] = [
    ['too few pointers', { pointers: Int32Array.of(0, 1, 4) }],
    ['pointers that descend', { pointers: Int32Array.of(0, 3, 2, 4) }],
    ['pointers that do not begin at 0', { pointers: Int32Array.of(1, 1, 2, 4) }],
    ['pointers beyond the entries', { pointers: Int32Array.of(0, 1, 2, 5) }],
    ['pointers that end early', { pointers: Int32Array.of(0, 1, 2, 3) }],
    ['an index outside', { index: Int32Array.of(0, 1, 2, 0) }],
    ['a negative index', { index: Int32Array.of(0, -1, 1, 0) }],
    ['a rank that differs', { v: [2, 4] }],
    ['too few rows', { u: [2, 3] }],
    ['too few data', { data: 3 }],
    ['too few roots', { roots: 5 }],
    ['no room for z', { z: 3 }],
    ['a result of another shape', { left: [2, 3] }],
    ['a slot that is not there', { at: 1 }],
    ['a place that is not there', { order: Int32Array.of(0, 1, 2, 4) }],
    ['a negative place', { order: Int32Array.of(0, -1, 2, 3) }],
    ['an order that is too short', { order: Int32Array.of(0, 1, 2) }],
  ];
  it.each(wrong)('%s', (_name, change) => {
    for (const backend of variants) {
      const bench = new Bench(backend);
      const { memory, kernels } = bench;
      const shape = ([rows, cols]: readonly [number, number]) => bench.matrix(rows, cols).mat;
      const [pointers, index] = [memory.integers(change.pointers ?? list.rowPointers), memory.integers(change.index ?? list.col)];
      const order = memory.integers(change.order ?? Int32Array.of(0, 1, 2, 3));
      const [u, v, left] = [shape(change.u ?? [3, 3]), shape(change.v ?? [2, 3]), bench.matrix(...(change.left ?? [3, 3] as const))];
      const [z, zz] = [bench.vector(change.z ?? 4), bench.vector(2 * (change.z ?? 4))];
      const [data, roots, slots] = [bench.vector(change.data ?? 4).vec, bench.vector(change.roots ?? 4).vec, bench.vector(1)];
      const calls: Record<string, () => void> = {
        residual: () => { kernels.observedResidual(pointers, index, data, roots, u, v, z.vec, 1, v, left.mat, slots.vec, change.at ?? 0); },
        curvature: () => { kernels.observedCurvature(pointers, index, data, roots, u, v, u, v, zz.vec, 1, left.mat); },
        product: () => { kernels.observedProduct(pointers, index, order, z.vec, 1, v, left.mat); },
        pairs: () => { kernels.observedCurvatureProduct(pointers, index, order, zz.vec, 1, v, v, left.mat); },
      };
      const concerned = 'order' in change ? ['product', 'pairs'] : 'at' in change ? ['residual'] : 'data' in change || 'roots' in change || 'u' in change ? ['residual', 'curvature'] : Object.keys(calls);
      for (const name of concerned) expect([name, codeOf(calls[name]!)]).toEqual([name, 'LOWLAND_E_SHAPE']);
      expect([z, zz, slots].map(({ vec }) => bench.read(vec))).toEqual([z, zz, slots].map(({ data: before }) => before));
      expect(bench.read(left.mat)).toEqual(left.data);
      bench.close();
    }
  });
  it('complex matrices', () => {
    const bench = new Bench(cpu());
    const at = place(bench, list);
    const complex = bench.device.matrix(bench.memory.vector(12), 0, 2, 3, true);
    const [u, z, left] = [bench.matrix(3, 3).mat, bench.vector(4).vec, bench.matrix(3, 3).mat];
    expect(codeOf(() => { bench.kernels.observedResidual(at.rowPointers, at.col, bench.vector(4).vec, undefined, u, complex, z, 1, complex, left, bench.vector(1).vec); })).toBe('LOWLAND_E_SHAPE');
    expect(codeOf(() => { bench.kernels.observedProduct(at.rowPointers, at.col, at.order, z, 1, complex, left); })).toBe('LOWLAND_E_SHAPE');
    bench.close();
  });
});

function codeOf(call: () => void): string | undefined {
  try {
    call();
  } catch (error) {
    return errorCode(error);
  }
  return undefined;
}
