/**
 * Kernels over observed entries. Bound by the gathers of factor rows from the second-level cache: 2 r flops for each
 * r numbers gathered.
 */
import type { HostMatrix, Numbers } from './arrays.ts';
import { inner, twoInner } from './observed.ts';

/** out[k] = <u[row[k], :], v[col[k], :]> */
export function sddmm(row: Int32Array, col: Int32Array, u: HostMatrix, v: HostMatrix, out: Numbers): void {
  const r = u.cols;
  for (let k = 0; k < row.length; k++) out[k] = inner(r, u.data, row[k]! * r, v.data, col[k]! * r);
}

/** out[k] = <du[row[k], :], v[col[k], :]> + <u[row[k], :], dv[col[k], :]> */
export function sddmmPair(row: Int32Array, col: Int32Array, u: HostMatrix, v: HostMatrix, du: HostMatrix, dv: HostMatrix, out: Numbers): void {
  const r = u.cols;
  for (let k = 0; k < row.length; k++) out[k] = twoInner(r, du.data, v.data, u.data, dv.data, row[k]! * r, col[k]! * r);
}

/** out = S b, or S^T b: entries are added in their order, so the bits depend on that order alone. */
export function spmm(row: Int32Array, col: Int32Array, values: Numbers, b: HostMatrix, out: HostMatrix, transposed: boolean): void {
  const r = b.cols;
  const to = transposed ? col : row;
  const from = transposed ? row : col;
  const x = b.data;
  const y = out.data;
  y.fill(0);
  const count = values.length;
  for (let k = 0; k < count; k++) {
    const p = to[k]! * r;
    const q = from[k]! * r;
    const value = values[k]!;
    for (let c = 0; c < r; c++) y[p + c]! += value * x[q + c]!;
  }
}
