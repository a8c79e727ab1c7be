import type { Device, Kernels, Vec } from '@lowland/core';
import type {} from '@lowland/linalg';

/**
 * out[k] = <du_i, v_j> + <u_i, dv_j> at the entries (i, j) = (row[k], col[k]): one pass where the device has a kernel for it, else two and `scratch`, as long as out.
 */
export function sampledDifferential({ kernels }: Device, scratch: () => Vec): NonNullable<Kernels['sddmmPair']> {
  const { axpy, sddmm, sddmmPair } = kernels;
  return sddmmPair ?? ((row, col, u, v, du, dv, out) => {
    sddmm(row, col, du, v, out);
    sddmm(row, col, u, dv, scratch());
    axpy(1, scratch(), out);
  });
}
