/**
 * Orthogonal factors and singular values of matrices with few columns or rows. Householder's reflections (Golub, Van Loan, "Matrix computations",
 * 2013, 5.1); one-sided Jacobi rotations of the triangle (Drmac, Veselic, SIAM J. Matrix Anal. Appl. 29, 2008), then a second set of reflections
 * for left vectors that are orthonormal where singular values are zero too.
 */
import { type Kernels, LowlandError, type Mat } from '@lowland/core';

import { GpuVec, matrix, requireApart, requireEqual, vector } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Store } from './runtime/pool.ts';
import type { Scratch } from './scratch.ts';
import { fill } from './shaders/elementwise.ts';
import * as shaders from './shaders/orthogonal.ts';

const nan = 0x7fc00000;
/** Sweeps of rotations, at most: f32 wants six or seven, and what comes after the last one that moved something costs nothing. */
const mostSweeps = 16;

/** Reflections of the first columns of a matrix with `rows` rows. */
interface Reflections {
  readonly vectors: Store;
  readonly coefficients: Store;
  readonly rows: number;
  readonly count: number;
}

/** Reduces x, columns one after the other, to its triangle, which stands above the diagonal and in the coefficients. */
function reduce(lane: Lane, x: Store, cols: number, made: Reflections): void {
  const { vectors, coefficients, rows: m, count } = made;
  for (let j = 0; j < count; j++) {
    lane.run(shaders.reflector, { x, vectors, coefficients }, { m, j }, 1);
    if (j + 1 < cols) lane.spread(shaders.reflect, { vectors, coefficients, x }, { m, j, first: j + 1 }, cols - j - 1, 2 * (cols - j - 1) * (m - j));
  }
}

/** x = Q x, the columns of x one after the other. Of columns that begin as those of the identity only those from j on meet reflection j. */
function apply(lane: Lane, { vectors, coefficients, rows: m, count }: Reflections, x: Store, cols: number, isIdentity: boolean): void {
  for (let j = count - 1; j >= 0; j--) {
    const first = isIdentity ? j : 0;
    if (first < cols) lane.spread(shaders.reflect, { vectors, coefficients, x }, { m, j, first }, cols - first, 2 * (cols - first) * (m - j));
  }
}

export function orthogonalKernels(lane: Lane, scratch: Scratch, owner: object, nrm2: Kernels['nrm2'] & {}): Required<Pick<Kernels, 'geqr' | 'gesvd'>> {
  const shaped = (kernel: string, name: string, x: Mat, rows: number, cols: number): GpuVec => {
    const found = matrix(owner, x, kernel);
    if (found.complex) throw new LowlandError('LOWLAND_E_COMPLEX', `${kernel}: ${name} is complex; it works on real matrices.`);
    if (found.rows !== rows || found.cols !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `${kernel}: ${name} is ${found.rows} x ${found.cols}, and should be ${rows} x ${cols}.`);
    return found;
  };
  const reflections = (which: 'first' | 'second', rows: number, count: number): Reflections => ({
    vectors: scratch.take(4 * rows * count, `${which} vectors`),
    coefficients: scratch.take(8 * count, `${which} coefficients`),
    rows,
    count,
  });
  /** Workgroups, and work, of n numbers. */
  const each = (n: number): readonly [number, number] => [Math.ceil(n / 256), n];
  return {
    geqr(given, qOut, rOut) {
      const a = shaped('geqr', 'a', given, given.rows, given.cols);
      const { rows: m, cols: n } = a;
      const k = Math.min(m, n);
      const [q, r] = [shaped('geqr', 'q', qOut, m, k), shaped('geqr', 'r', rOut, k, n)];
      requireApart('geqr', q, a, r);
      requireApart('geqr', r, a);
      if (k === 0) return;
      const [x, columns] = [scratch.take(4 * m * n, 'work'), scratch.take(4 * m * k, 'columns')];
      const first = reflections('first', m, k);
      const { coefficients } = first;
      lane.spread(shaders.columnsIn, { a: a.root.store, out: x }, { n: m * n, rows: m, across: n, along: 1, aAt: a.offset }, ...each(m * n));
      reduce(lane, x, n, first);
      lane.spread(shaders.triangle, { x, coefficients, out: r.root.store }, { n: k * n, m, rows: k, across: n, along: 1, signed: 1, outAt: r.offset }, ...each(k * n));
      lane.spread(shaders.identity, { coefficients, out: columns }, { n: m * k, m, signed: 1 }, ...each(m * k));
      apply(lane, first, columns, k, true);
      lane.spread(shaders.columnsOut, { x: columns, guard: coefficients, out: q.root.store }, { n: m * k, rows: m, cols: k, outAt: q.offset, guarded: 0, nan }, ...each(m * k));
    },

    gesvd(given, uOut, sOut, vOut) {
      const a = shaped('gesvd', 'a', given, given.rows, given.cols);
      const [m, n] = [Math.max(a.rows, a.cols), Math.min(a.rows, a.cols)];
      const values = vector(owner, sOut, 'gesvd');
      const count = Math.min(values.length, n);
      const [u, v] = [shaped('gesvd', 'u', uOut, a.rows, count), shaped('gesvd', 'v', vOut, a.cols, count)];
      requireEqual('gesvd: singular values and columns of u', values.length, count);
      requireApart('gesvd', u, a, v, values);
      requireApart('gesvd', v, a, values);
      requireApart('gesvd', values, a);
      if (count === 0) return;
      const [x, inner, turned, columns] = [scratch.take(4 * m * n, 'work'), scratch.take(4 * n * n, 'inner'), scratch.take(4 * n * n, 'turned'), scratch.take(4 * m * count, 'columns')];
      const [moved, sizes, order] = [scratch.take(4 * (mostSweeps + 1), 'moved'), scratch.take(8 * n, 'sizes'), scratch.take(4 * n, 'order')];
      const guard = scratch.take(4, 'guard');
      nrm2(a, new GpuVec({ store: guard, owner, freed: false }, 0, 1));

      // The triangle of a, or of its transpose where a is wide,
      const [first, second] = [reflections('first', m, n), reflections('second', n, n)];
      const { coefficients } = first;
      const [across, along] = a.rows === m ? [a.cols, 1] : [1, a.cols];
      lane.spread(shaders.columnsIn, { a: a.root.store, out: x }, { n: m * n, rows: m, across, along, aAt: a.offset }, ...each(m * n));
      reduce(lane, x, n, first);
      lane.spread(shaders.triangle, { x, coefficients, out: inner }, { n: n * n, m, rows: n, across: 1, along: n, signed: 0, outAt: 0 }, ...each(n * n));
      lane.spread(shaders.nearOne, { size: guard, x: inner }, { n: n * n, back: 0 }, ...each(n * n));
      // turned until its columns are orthogonal,
      lane.spread(shaders.identity, { coefficients, out: turned }, { n: n * n, m: n, signed: 0 }, ...each(n * n));
      lane.run(fill, { out: moved }, { begin: 0, n: 1, outAt: 0, bits: 1 }, 1);
      for (let sweep = 0; sweep < mostSweeps; sweep++) lane.run(shaders.rotations, { x: inner, y: turned, moved }, { n, sweep }, 1);
      // which by length are the singular values, and their directions the left vectors: made orthonormal, since those of zeros have none.
      lane.run(shaders.descending, { x: inner, values: sizes, order }, { n }, 1);
      lane.spread(shaders.ordered, { x: inner, order, out: x }, { n: n * n, m: n }, ...each(n * n));
      lane.spread(shaders.nearOne, { size: guard, x: sizes }, { n, back: 1 }, ...each(n));
      reduce(lane, x, n, second);
      lane.spread(shaders.identity, { coefficients: second.coefficients, out: x }, { n: n * count, m: n, signed: 1 }, ...each(n * count));
      apply(lane, second, x, count, true);
      lane.spread(shaders.extend, { x, out: columns }, { n: m * count, m, k: n }, ...each(m * count));
      apply(lane, first, columns, count, false);

      const [left, right] = a.rows === m ? [u, v] : [v, u];
      const store = (from: Store, to: GpuVec, rows: number, cols: number) => {
        lane.spread(shaders.columnsOut, { x: from, guard, out: to.root.store }, { n: rows * cols, rows, cols, outAt: to.offset, guarded: 1, nan }, ...each(rows * cols));
      };
      store(columns, left, m, count);
      lane.spread(shaders.ordered, { x: turned, order, out: x }, { n: n * count, m: n }, ...each(n * count));
      store(x, right, n, count);
      store(sizes, values, count, 1);
    },
  };
}
