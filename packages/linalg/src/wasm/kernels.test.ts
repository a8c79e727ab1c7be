import type { Device, Dtype, Kernels, Mat, Memory, Transpose, Vec } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cpu, type CpuBackend } from '../cpu/backend.ts';
import { hasRelaxedSimd } from './support.ts';

const seed = 20_261_122;
const variants = [...(['plain', 'wasm'] as const), ...(hasRelaxedSimd() ? (['relaxed'] as const) : [])].flatMap((kernels) =>
  (['f64', 'f32'] as const).map((dtype) => cpu({ kernels, dtype })));

/** Rounding of a number type: eps of rigour.md E1 and the smallest subnormal. */
const unit: Record<Dtype, readonly [epsilon: number, eta: number]> = { f64: [2 ** -52, Number.MIN_VALUE], f32: [2 ** -23, 2 ** -149] };
const bound = (dtype: Dtype, n: number, size: number) => (n + 4) * (unit[dtype][0] * size + unit[dtype][1]);

/** Pairs of numbers whose sum carries twice the digits (Dekker 1971): the independent reference. */
class Exact {
  high = 0;
  low = 0;
  size = 0;
  add(a: number, b: number): this {
    const p = a * b;
    const split = 134217729;
    const [ta, tb] = [split * a, split * b];
    const [ah, bh] = [ta - (ta - a), tb - (tb - b)];
    const error = (a - ah) * (b - bh) - (p - ah * bh - (a - ah) * bh - ah * (b - bh));
    const sum = this.high + p;
    const z = sum - this.high;
    this.low += this.high - (sum - z) + (p - z) + error;
    this.high = sum;
    this.size += Math.abs(p);
    return this;
  }
  get value(): number {
    return this.high + this.low;
  }
}

/** Numbers of random size and sign, a function of the seed and the place; rounded to the type. */
function noise(dtype: Dtype, length: number, key: number): Float64Array {
  let state = (key * 2654435761) >>> 0 || 1;
  return Float64Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const x = (state >>> 0) / 2 ** 31 - 1;
    return dtype === 'f32' ? Math.fround(x) : x;
  });
}

const guard = 3.5;

/** A device with vectors that begin anywhere and have guards on both sides. */
class Bench {
  readonly device: Device;
  readonly memory: Memory;
  readonly kernels: Required<Kernels>;
  readonly dtype: Dtype;
  readonly #guarded: (readonly [whole: Vec, from: number, to: number])[] = [];
  #key: number;

  constructor(backend: CpuBackend, key = 1) {
    this.device = backend.open() as Device;
    this.memory = this.device.memory();
    this.kernels = this.device.kernels as Required<Kernels>;
    this.dtype = backend.dtype;
    this.#key = key;
  }

  place(data: Float64Array): { whole: Vec; offset: number } {
    const offset = 1 + (this.#key % 7);
    const whole = this.memory.vector(data.length + offset + 5);
    const padded = new Float64Array(whole.length).fill(guard);
    padded.set(data, offset);
    this.device.write(whole, padded);
    this.#guarded.push([whole, offset, offset + data.length]);
    return { whole, offset };
  }
  vector(length: number, data = noise(this.dtype, length, this.#key++)): { vec: Vec; data: Float64Array } {
    const { whole, offset } = this.place(data);
    return { vec: this.device.view(whole, offset, length), data };
  }
  matrix(rows: number, cols: number, data = noise(this.dtype, rows * cols, this.#key++)): { mat: Mat; data: Float64Array; rows: number; cols: number } {
    const { whole, offset } = this.place(data);
    return { mat: this.device.matrix(whole, offset, rows, cols), data, rows, cols };
  }
  read(x: Vec): Float64Array {
    return this.device.read(x) as Float64Array;
  }
  /** Frees everything, after a look at the guards. */
  close(): void {
    for (const [whole, from, to] of this.#guarded) {
      const data = this.read(whole);
      for (let i = 0; i < data.length; i++) if ((i < from || i >= to) && data[i] !== guard) throw new Error(`written outside, at ${String(i - from)} of ${String(to - from)}`);
    }
    this.memory[Symbol.dispose]();
    this.device[Symbol.dispose]();
  }
}

/** The same on every variant. */
function everywhere(key: number, body: (bench: Bench) => void, backends: readonly CpuBackend[] = variants): void {
  for (const backend of backends) {
    const bench = new Bench(backend, key);
    try {
      body(bench);
    } catch (error) {
      throw new Error(`${backend.variant} ${backend.dtype}: ${String(error)}`, { cause: error });
    }
    bench.close();
  }
}

/** |given - reference| within the bound of rigour.md E1, in every entry or in some hundred of a large result. */
function expectClose(dtype: Dtype, given: Float64Array, terms: number, reference: (i: number) => Exact): void {
  const step = Math.max(1, Math.floor((given.length * (terms + 1)) / 200_000));
  for (let i = 0; i < given.length; i += i + step < given.length ? step : 1) {
    const exact = reference(i);
    const [x, y, limit] = [given[i]!, exact.value, bound(dtype, terms, exact.size)];
    if (!(Math.abs(x - y) <= limit)) throw new Error(`entry ${String(i)}: ${String(x)}, not within ${String(limit)} of ${String(y)}`);
  }
}

const side = fc.oneof({ weight: 3, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(300) });
const factor = fc.constantFrom(0, 1, -1, 0.5, -2.25);
const transpose = fc.constantFrom<Transpose>('N', 'T', 'C');
const key = fc.integer({ min: 1, max: 1_000_000 });
const check = (name: string, count: number, arbitraries: readonly fc.Arbitrary<unknown>[], run: (...values: never[]) => void) => {
  it(name, () => {
    fc.assert(fc.property(fc.tuple(...arbitraries), (values) => { run(...(values as never[])); }), { seed, numRuns: runs(count) });
  });
};

describe('every kernel against sums of twice the digits', () => {
  check('gemm', 600, [side, side, side, transpose, transpose, factor, factor, key],
    (m: number, n: number, k: number, ta: Transpose, tb: Transpose, alpha: number, beta: number, start: number) => {
      everywhere(start, (bench) => {
        const a = ta === 'N' ? bench.matrix(m, k) : bench.matrix(k, m);
        const b = tb === 'N' ? bench.matrix(k, n) : bench.matrix(n, k);
        const out = bench.matrix(m, n, beta === 0 ? new Float64Array(m * n).fill(NaN) : undefined);
        bench.kernels.gemm(ta, tb, alpha, a.mat, b.mat, beta, out.mat);
        expectClose(bench.dtype, bench.read(out.mat), k, (at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          const sum = new Exact();
          for (let p = 0; p < k; p++) sum.add(alpha * a.data[ta === 'N' ? i * k + p : p * m + i]!, b.data[tb === 'N' ? p * n + j : j * k + p]!);
          return beta === 0 ? sum : sum.add(beta, out.data[at]!);
        });
      });
    });

  check('syrk, exactly symmetric', 200, [side, side, fc.constantFrom('N', 'T'), factor, factor, key],
    (n: number, k: number, t: 'N' | 'T', alpha: number, beta: number, start: number) => {
      everywhere(start, (bench) => {
        const a = t === 'T' ? bench.matrix(k, n) : bench.matrix(n, k);
        const out = bench.matrix(n, n);
        bench.kernels.syrk(t, alpha, a.mat, beta, out.mat);
        const given = bench.read(out.mat);
        for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (!Object.is(given[i * n + j], given[j * n + i])) throw new Error('not symmetric');
        expectClose(bench.dtype, given, k, (at) => {
          const [i, j] = [Math.max(Math.floor(at / n), at % n), Math.min(Math.floor(at / n), at % n)];
          const sum = new Exact();
          for (let p = 0; p < k; p++) sum.add(alpha * a.data[t === 'T' ? p * n + i : i * k + p]!, a.data[t === 'T' ? p * n + j : j * k + p]!);
          return beta === 0 ? sum : sum.add(beta, out.data[i * n + j]!);
        });
      });
    });

  check('gemv, ger', 300, [side, side, transpose, factor, factor, key], (m: number, n: number, t: Transpose, alpha: number, beta: number, start: number) => {
    everywhere(start, (bench) => {
      const a = bench.matrix(m, n);
      const [inner, outer] = t === 'N' ? [n, m] : [m, n];
      const [x, out] = [bench.vector(inner), bench.vector(outer)];
      bench.kernels.gemv(t, alpha, a.mat, x.vec, beta, out.vec);
      expectClose(bench.dtype, bench.read(out.vec), inner, (i) => {
        const sum = new Exact();
        for (let p = 0; p < inner; p++) sum.add(alpha * a.data[t === 'N' ? i * n + p : p * n + i]!, x.data[p]!);
        return beta === 0 ? sum : sum.add(beta, out.data[i]!);
      });
      const [left, right] = [bench.vector(m), bench.vector(n)];
      bench.kernels.ger(alpha, left.vec, right.vec, a.mat);
      expectClose(bench.dtype, bench.read(a.mat), 1, (at) => new Exact().add(1, a.data[at]!).add(alpha * left.data[Math.floor(at / n)]!, right.data[at % n]!));
    });
  });

  check('axpy, scal, mul, dot, nrm2, copy, fill', 400, [side, factor, key], (n: number, alpha: number, start: number) => {
    everywhere(start, (bench) => {
      const { dtype, kernels } = bench;
      const [x, y, out, slots] = [bench.vector(n), bench.vector(n), bench.vector(n), bench.vector(3)];
      kernels.mul(x.vec, y.vec, out.vec);
      expectClose(dtype, bench.read(out.vec), 0, (i) => new Exact().add(x.data[i]!, y.data[i]!));
      kernels.copy(y.vec, out.vec);
      kernels.axpy(alpha, x.vec, out.vec);
      expectClose(dtype, bench.read(out.vec), 0, (i) => new Exact().add(1, y.data[i]!).add(alpha, x.data[i]!));
      kernels.copy(y.vec, out.vec);
      kernels.scal(alpha, out.vec);
      expectClose(dtype, bench.read(out.vec), 0, (i) => new Exact().add(alpha, y.data[i]!));
      kernels.dot(x.vec, y.vec, slots.vec, 1);
      kernels.nrm2(x.vec, slots.vec, 2);
      const [dots, squares] = [new Exact(), new Exact()];
      for (let i = 0; i < n; i++) {
        dots.add(x.data[i]!, y.data[i]!);
        squares.add(x.data[i]!, x.data[i]!);
      }
      const [first, dot, norm] = bench.read(slots.vec);
      if (first !== slots.data[0]) throw new Error('another slot was written');
      if (!(Math.abs(dot! - dots.value) <= bound(dtype, n, dots.size))) throw new Error('dot');
      if (!(Math.abs(norm! - Math.sqrt(squares.value)) <= bound(dtype, n, Math.sqrt(squares.size)))) throw new Error('nrm2');
      kernels.fill(out.vec, alpha);
      if (!bench.read(out.vec).every((value) => value === alpha)) throw new Error('fill');
    });
  });

  check('sddmm, spmm: entries sorted by row or not, rows repeated', 300, [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat(80), fc.nat(150), fc.boolean(), key],
    (m: number, n: number, r: number, count: number, sorted: boolean, start: number) => {
      const row = Int32Array.from(noise('f64', count, start + 1), (x) => Math.floor(((x + 1) / 2) * m));
      const col = Int32Array.from(noise('f64', count, start + 2), (x) => Math.floor(((x + 1) / 2) * n));
      if (sorted) row.sort();
      everywhere(start, (bench) => {
        const [rows, cols] = [bench.memory.integers(row), bench.memory.integers(col)];
        const [u, v, values, out] = [bench.matrix(m, r), bench.matrix(n, r), bench.vector(count), bench.vector(count)];
        bench.kernels.sddmm(rows, cols, u.mat, v.mat, out.vec);
        expectClose(bench.dtype, bench.read(out.vec), r, (k) => {
          const sum = new Exact();
          for (let c = 0; c < r; c++) sum.add(u.data[row[k]! * r + c]!, v.data[col[k]! * r + c]!);
          return sum;
        });
        for (const [transposed, to, from, b, size] of [[false, row, col, v, m], [true, col, row, u, n]] as const) {
          const product = bench.matrix(size, r, new Float64Array(size * r).fill(NaN));
          bench.kernels.spmm(rows, cols, values.vec, b.mat, product.mat, transposed);
          expectClose(bench.dtype, bench.read(product.mat), count, (at) => {
            const sum = new Exact();
            for (let k = 0; k < count; k++) if (to[k] === Math.floor(at / r)) sum.add(values.data[k]!, b.data[from[k]! * r + (at % r)]!);
            return sum;
          });
        }
      });
    });
});

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

  check('trsm', 200, [fc.nat(120), fc.nat(40), fc.constantFrom('L', 'R'), fc.constantFrom('N', 'T'), key], (n: number, count: number, where: 'L' | 'R', t: 'N' | 'T', start: number) => {
    everywhere(start, (bench) => {
      const l = triangle(bench, n);
      const [rows, cols] = where === 'L' ? [n, count] : [count, n];
      const [b, out] = [bench.matrix(rows, cols), bench.matrix(rows, cols)];
      bench.kernels.trsm(where, t, l.mat, b.mat, out.mat);
      const x = bench.read(out.mat);
      for (let j = 0; j < count; j++) {
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

  check('potrf', 200, [fc.nat(120), fc.constantFrom(0, 0.5, 3), key], (n: number, shift: number, start: number) => {
    everywhere(start, (bench) => {
      const half = bench.matrix(n + 3, n);
      const a = bench.matrix(n, n);
      bench.kernels.syrk('T', 1, half.mat, 0, a.mat);
      bench.kernels.axpy(1, bench.vector(n * n, Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))).vec, a.mat);
      const given = bench.read(a.mat);
      const out = bench.matrix(n, n);
      bench.kernels.potrf(a.mat, shift, out.mat);
      const l = bench.read(out.mat);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          if (j > i) {
            if (l[i * n + j] !== 0) throw new Error('not lower triangular');
            continue;
          }
          const sum = new Exact().add(1, given[i * n + j]!).add(i === j ? shift : 0, 1);
          let size = Math.abs(given[i * n + j]!) + shift;
          for (let k = 0; k <= j; k++) {
            sum.add(-l[i * n + k]!, l[j * n + k]!);
            size += Math.abs(l[i * n + k]! * l[j * n + k]!);
          }
          if (!(Math.abs(sum.value) <= bound(bench.dtype, n, size))) throw new Error(`residual ${String(sum.value)} for ${String(size)}`);
        }
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

describe('bits', () => {
  /** Every kernel on one random shape: all results in a row. */
  const everything = (bench: Bench, m: number, n: number, k: number, start: number): Float64Array[] => {
    const results: Float64Array[] = [];
    const { kernels } = bench;
    const [square, big] = [bench.matrix(k, k), bench.matrix(m, n)];
    for (const [ta, tb] of [['N', 'N'], ['N', 'T'], ['T', 'N'], ['T', 'T']] as const) {
      const out = bench.matrix(m, n);
      kernels.gemm(ta, tb, -0.75, (ta === 'N' ? bench.matrix(m, k) : bench.matrix(k, m)).mat, (tb === 'N' ? bench.matrix(k, n) : bench.matrix(n, k)).mat, 1.25, out.mat);
      results.push(bench.read(out.mat));
    }
    const [x, y, z, slots] = [bench.vector(n), bench.vector(m), bench.vector(n), bench.vector(2)];
    kernels.gemv('N', 2, big.mat, x.vec, 0.5, y.vec);
    kernels.gemv('T', 2, big.mat, y.vec, 0.5, z.vec);
    kernels.ger(0.5, y.vec, x.vec, big.mat);
    kernels.axpy(0.3, x.vec, z.vec);
    kernels.dot(x.vec, z.vec, slots.vec);
    kernels.nrm2(x.vec, slots.vec, 1);
    kernels.syrk('T', 1, big.mat, 0, bench.matrix(n, n).mat);
    kernels.syrk('N', 1, bench.matrix(k, 7).mat, 0, square.mat);
    const [l, solved] = [bench.matrix(k, k), bench.matrix(m, k)];
    kernels.potrf(square.mat, 0.5, l.mat);
    kernels.posvRight(square.mat, 0.5, bench.matrix(m, k).mat, solved.mat);
    results.push(...[y, z, slots].map(({ vec }) => bench.read(vec)), bench.read(big.mat), bench.read(square.mat), bench.read(l.mat), bench.read(solved.mat));
    for (const [where, t] of [['L', 'N'], ['L', 'T'], ['R', 'N'], ['R', 'T']] as const) {
      const [rows, cols] = where === 'L' ? [k, m] : [m, k];
      const out = bench.matrix(rows, cols);
      kernels.trsm(where, t, l.mat, bench.matrix(rows, cols).mat, out.mat);
      results.push(bench.read(out.mat));
    }
    if (m > 0 && n > 0) {
      const [row, col] = [m, n].map((limit, i) => bench.memory.integers(Int32Array.from(noise('f64', 90, start + i), (v) => Math.floor(((v + 1) / 2) * limit))));
      const [sampled, product] = [bench.vector(90), bench.matrix(n, k)];
      const u = bench.matrix(m, k);
      kernels.sddmm(row!, col!, u.mat, bench.matrix(n, k).mat, sampled.vec);
      kernels.spmm(row!, col!, sampled.vec, u.mat, product.mat, true);
      results.push(bench.read(sampled.vec), bench.read(product.mat));
    }
    return results;
  };
  const expectSame = (a: readonly Float64Array[], b: readonly Float64Array[]) => {
    a.forEach((numbers, i) => { numbers.forEach((x, at) => { if (!Object.is(x, b[i]![at])) throw new Error(`result ${String(i)}, entry ${String(at)}: ${String(x)} and ${String(b[i]![at])}`); }); });
  };

  check('in f64 the vector kernels have the bits of the plain ones', 200, [side, side, fc.nat(100), key], (m: number, n: number, k: number, start: number) => {
    const [a, b] = (['plain', 'wasm'] as const).map((kernels) => {
      const bench = new Bench(cpu({ kernels }), start);
      const results = everything(bench, m, n, k, start);
      bench.close();
      return results;
    });
    expectSame(a!, b!);
  });

  check('the same again give the same bits, wherever they lie', 60, [side, side, fc.nat(100), key], (m: number, n: number, k: number, start: number) => {
    for (const backend of variants) {
      const [a, b] = [0, 1].map((shift) => {
        const bench = new Bench(backend, start);
        bench.memory.vector(1 + 13 * shift);
        const results = everything(bench, m, n, k, start);
        bench.close();
        return results;
      });
      expectSame(a!, b!);
    }
  });
});

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
});
