/**
 * Kernels over observed entries. Bound by the gathers of factor rows from the second-level cache: 2 r flops for each
 * r numbers gathered.
 */
import type { HostMatrix, Numbers } from './arrays.ts';

/** out[k] = <u[row[k], :], v[col[k], :]>: pairs of columns in two partial sums, their sum, then the odd column. */
export function sddmm(row: Int32Array, col: Int32Array, u: HostMatrix, v: HostMatrix, out: Numbers): void {
  const r = u.cols;
  const even = r - (r % 2);
  const a = u.data;
  const b = v.data;
  const count = row.length;
  for (let k = 0; k < count; k++) {
    const p = row[k]! * r;
    const q = col[k]! * r;
    let s0 = 0;
    let s1 = 0;
    for (let c = 0; c < even; c += 2) {
      s0 += a[p + c]! * b[q + c]!;
      s1 += a[p + c + 1]! * b[q + c + 1]!;
    }
    let sum = s0 + s1;
    if (even < r) sum += a[p + even]! * b[q + even]!;
    out[k] = sum;
  }
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
