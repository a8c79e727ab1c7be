/** Orthogonal decompositions as kernels, in f64 inside: the matrices of methods on manifolds are tall and thin, or small. */
import { matrix, type Matrix } from '../matrix.ts';
import { thinQr } from '../qr.ts';
import { thinSvd } from '../svd.ts';
import type { HostMatrix, Numbers } from './arrays.ts';
import { requireMatrix } from './observed.ts';

const copied = ({ rows, cols, data }: HostMatrix): Matrix => matrix(rows, cols, Float64Array.from(data));

/** The first columns of a result, as many as there is room for. */
function store({ cols, data }: Matrix, to: HostMatrix): void {
  for (let i = 0; i < to.rows; i++) to.data.set(data.subarray(i * cols, i * cols + to.cols), i * to.cols);
}

/** a = q r by `thinQr`. Bound by the passes over a. The factors are allocated before they are stored: a few microseconds of it. */
export function geqr(a: HostMatrix, q: HostMatrix, r: HostMatrix): void {
  const { rows, cols } = a;
  const k = Math.min(rows, cols);
  requireMatrix('geqr', 'a', a, rows, cols);
  requireMatrix('geqr', 'q', q, rows, k);
  requireMatrix('geqr', 'r', r, k, cols);
  const found = thinQr(copied(a));
  store(found.q, q);
  store(found.r, r);
}

/** The leading triples of a by `thinSvd`; NaN everywhere where an entry of a is not finite. Bound by arithmetic. `s` is looked up late: memory may move. */
export function gesvd(a: HostMatrix, u: HostMatrix, s: () => Numbers, v: HostMatrix): void {
  const { rows, cols } = a;
  const count = Math.min(s().length, rows, cols);
  requireMatrix('gesvd', 'a', a, rows, cols);
  requireMatrix('gesvd', 'u', u, rows, count);
  requireMatrix('gesvd', 'v', v, cols, count);
  requireMatrix('gesvd', 's', { rows: s().length, cols: 1, complex: false }, count, 1);
  const given = copied(a);
  if (!given.data.every(Number.isFinite)) {
    for (const out of [u.data, s(), v.data]) out.fill(NaN);
    return;
  }
  const found = thinSvd(given);
  s().set(found.s.subarray(0, count));
  store(found.u, u);
  store(found.v, v);
}
