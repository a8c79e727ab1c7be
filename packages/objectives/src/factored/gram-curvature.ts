import type { Device, Mat, Memory } from '@lowland/core';

import { newMatrix } from './term.ts';

/**
 * out += slope (du (v^T v) + u (dv^T v)), which is slope (du v^T + u dv^T) v: where a* a = 1, what the differential of the
 * residual adds to the Hessian collapses to products of r x r matrices. 8 m r^2 flops for m rows. The V block has the roles exchanged.
 */
type GramCurvature = (u: Mat, v: Mat, du: Mat, dv: Mat, slope: number, out: Mat) => void;

export function gramCurvature(device: Device, memory: Memory, rank: number): GramCurvature {
  const { gemm } = device.kernels;
  const small = newMatrix(device, memory, rank, rank);
  return (u, v, du, dv, slope, out) => {
    gemm('T', 'N', 1, v, v, 0, small);
    gemm('N', 'N', slope, du, small, 1, out);
    gemm('T', 'N', 1, dv, v, 0, small);
    gemm('N', 'N', slope, u, small, 1, out);
  };
}
