import type { Transpose } from '@lowland/core';
import fc from 'fast-check';
import { describe } from 'vitest';

import { Bench, bound, check, everywhere, Exact, expectClose, expectSame, factor, key, noise, side, transpose, variants } from '../../test/kernel-bench.ts';
import { cpu } from '../cpu/backend.ts';

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

  check('sddmm, sddmmPair, spmm: entries sorted by row or not, rows repeated', 300, [side, side, side, side, fc.boolean(), key],
    (m: number, n: number, r: number, wanted: number, sorted: boolean, start: number) => {
      const count = m * n === 0 ? 0 : wanted;
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
        const [du, dv] = [bench.matrix(m, r), bench.matrix(n, r)];
        bench.kernels.sddmmPair(rows, cols, u.mat, v.mat, du.mat, dv.mat, out.vec);
        expectClose(bench.dtype, bench.read(out.vec), 2 * r, (k) => {
          const sum = new Exact();
          for (let c = 0; c < r; c++) {
            sum.add(du.data[row[k]! * r + c]!, v.data[col[k]! * r + c]!);
            sum.add(u.data[row[k]! * r + c]!, dv.data[col[k]! * r + c]!);
          }
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
      const [u, v] = [bench.matrix(m, k), bench.matrix(n, k)];
      kernels.sddmm(row!, col!, u.mat, v.mat, sampled.vec);
      kernels.spmm(row!, col!, sampled.vec, u.mat, product.mat, true);
      results.push(bench.read(sampled.vec), bench.read(product.mat));
      kernels.sddmmPair(row!, col!, u.mat, v.mat, bench.matrix(m, k).mat, bench.matrix(n, k).mat, sampled.vec);
      results.push(bench.read(sampled.vec));
    }
    return results;
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
