/** Cholesky factors and what is solved with them. */
import { type Kernels, LowlandError, type Mat } from '@lowland/core';

import { GpuVec, matrix, requireApart, requireEqual } from './handles.ts';
import { multiply } from './multiply.ts';
import type { Lane } from './runtime/lane.ts';
import type { Store } from './runtime/pool.ts';
import type { Scratch } from './scratch.ts';
import * as shaders from './shaders/solve.ts';
import { lower, mirror } from './shaders/symmetric.ts';

const nan = 0x7fc00000;

/** l = the lower Cholesky factor of a + shift I, and after it 1, or 0 where there is none. */
function factorise(lane: Lane, a: GpuVec, shift: number, l: Store): void {
  const r = a.rows;
  for (let first = 0; first < r; first += shaders.solveBlock) {
    const end = Math.min(first + shaders.solveBlock, r);
    lane.run(shaders.cholesky, { a: a.root.store, l }, { r, first, end, aAt: a.offset, shift }, 1);
    if (end < r) lane.spread(shaders.choleskyRows, { a: a.root.store, l }, { r, first, end, aAt: a.offset }, Math.ceil((r - end) / 64), (r - end) * (end - first) * end);
  }
}

export function choleskyKernels(lane: Lane, scratch: Scratch, owner: object): Required<Pick<Kernels, 'posvRight' | 'potrf' | 'syrk' | 'trsm'>> {
  const real = (x: Mat, what: string): GpuVec => {
    const found = matrix(owner, x, what);
    if (found.complex) throw new LowlandError('LOWLAND_E_COMPLEX', `${what} is real; a complex matrix was given.`);
    return found;
  };
  return {
    posvRight(matrixA, shift, matrixB, to) {
      const [a, b, out] = [real(matrixA, 'posvRight'), real(matrixB, 'posvRight'), real(to, 'posvRight')];
      requireEqual('posvRight: sizes', a.rows, a.cols, b.cols, out.cols);
      requireEqual('posvRight: rows', b.rows, out.rows);
      requireApart('posvRight', out, a, b);
      const { rows, cols: r } = out;
      if (rows === 0 || r === 0) return;
      const l = scratch.take(4 * (r * r + 1));
      factorise(lane, a, shift, l);
      lane.spread(shaders.substitute, { l, b: b.root.store, out: out.root.store }, { rows, r, bAt: b.offset, outAt: out.offset, nan }, Math.ceil(rows / 64), rows * r * r);
    },

    potrf(matrixA, shift, to) {
      const [a, out] = [real(matrixA, 'potrf'), real(to, 'potrf')];
      requireEqual('potrf: sizes', a.rows, a.cols, out.rows, out.cols);
      requireApart('potrf', out, a);
      const n = out.length;
      if (n === 0) return;
      const l = scratch.take(4 * (n + 1));
      factorise(lane, a, shift, l);
      lane.spread(lower, { l, out: out.root.store }, { n, order: out.rows, outAt: out.offset, nan }, Math.ceil(n / 256), n);
    },

    syrk(t, alpha, matrixA, beta, to) {
      const [a, out] = [real(matrixA, 'syrk'), real(to, 'syrk')];
      const [n, k] = t === 'N' ? [a.rows, a.cols] : [a.cols, a.rows];
      requireEqual('syrk: sizes', n, out.rows, out.cols);
      requireApart('syrk', out, a);
      if (n === 0) return;
      const store = scratch.take(4 * n * n, 'left');
      const whole = new GpuVec({ store, owner, freed: false }, 0, n * n, { rows: n, cols: n, complex: false });
      multiply(lane, scratch, n, n, k, 1, a, t, a, t === 'N' ? 'T' : 'N', 0, whole);
      lane.spread(mirror, { a: store, out: out.root.store }, { n: n * n, order: n, outAt: out.offset, alpha, beta }, Math.ceil((n * n) / 256), n * n);
    },

    trsm(side, t, matrixL, matrixB, to) {
      const [l, b, out] = [real(matrixL, 'trsm'), real(matrixB, 'trsm'), real(to, 'trsm')];
      const n = side === 'L' ? out.rows : out.cols;
      requireEqual('trsm: sizes', n, l.rows, l.cols);
      requireEqual('trsm: rows', b.rows, out.rows);
      requireEqual('trsm: columns', b.cols, out.cols);
      requireApart('trsm', out, l, b);
      if (out.length === 0) return;
      const [sides, across, along] = side === 'L' ? [out.cols, 1, out.cols] : [out.rows, out.cols, 1];
      const stores = { l: l.root.store, b: b.root.store, out: out.root.store };
      const places = { backward: Number((side === 'L') === (t === 'T')), lAt: l.offset, bAt: b.offset, outAt: out.offset };
      for (let first = 0; first < n; first += shaders.solveBlock) {
        const end = Math.min(first + shaders.solveBlock, n);
        lane.spread(shaders.triangularSolve, stores, { n, sides, across, along, first, end, ...places }, Math.ceil(sides / 64), sides * (end - first) * end);
      }
    },
  };
}
