/** Orthogonal decompositions as kernels, in f64 inside: the matrices of methods on manifolds are tall and thin, or small. */
import { LowlandError } from '@lowland/core';

import { matrix, type Matrix } from '../matrix.ts';
import { thinQr } from '../qr.ts';
import { thinSvd } from '../svd.ts';
import type { HostMatrix, Numbers } from './arrays.ts';

const copied = ({ rows, cols, data }: HostMatrix): Matrix => matrix(rows, cols, Float64Array.from(data));

/** @throws LOWLAND_E_SHAPE */
function requireShape(kernel: string, name: string, { rows, cols, complex }: HostMatrix, m: number, n: number): void {
  if (rows === m && cols === n && !complex) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `${kernel}: ${name} is real and ${String(m)} x ${String(n)}; ${complex ? 'a complex' : 'a'} ${String(rows)} x ${String(cols)} matrix was given.`);
}

/** a = q r by `thinQr`. Bound by the passes over a. The factors are allocated before they are stored: a few microseconds of it. */
export function geqr(a: HostMatrix, q: HostMatrix, r: HostMatrix): void {
  const k = Math.min(a.rows, a.cols);
  requireShape('geqr', 'a', a, a.rows, a.cols);
  requireShape('geqr', 'q', q, a.rows, k);
  requireShape('geqr', 'r', r, k, a.cols);
  const found = thinQr(copied(a));
  q.data.set(found.q.data);
  r.data.set(found.r.data);
}

/** The leading triples of a by `thinSvd`; NaN everywhere where an entry of a is not finite. Bound by arithmetic. `s` is looked up late: memory may move. */
export function gesvd(a: HostMatrix, u: HostMatrix, s: () => Numbers, v: HostMatrix): void {
  const count = u.cols;
  requireShape('gesvd', 'a', a, a.rows, a.cols);
  requireShape('gesvd', 'u', u, a.rows, count);
  requireShape('gesvd', 'v', v, a.cols, count);
  if (s().length !== count || count > Math.min(a.rows, a.cols)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `gesvd: a ${String(a.rows)} x ${String(a.cols)} matrix has no ${String(count)} triples with ${String(s().length)} singular values.`);
  }
  const given = copied(a);
  if (!given.data.every(Number.isFinite)) {
    for (const out of [u.data, s(), v.data]) out.fill(NaN);
    return;
  }
  const found = thinSvd(given);
  s().set(found.s.subarray(0, count));
  for (const [from, to] of [[found.u, u], [found.v, v]] as const) {
    for (let i = 0; i < to.rows; i++) to.data.set(from.data.subarray(i * from.cols, i * from.cols + count), i * count);
  }
}
