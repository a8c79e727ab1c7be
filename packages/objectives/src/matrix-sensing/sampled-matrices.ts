import type { Device, Memory } from '@lowland/core';

import type { SampledMap } from '../factored/linear-map.ts';
import { newMatrix } from '../factored/term.ts';

/**
 * Measurements by whole matrices: X is formed once a batch, 4 rows cols flops a sample. For problems in X X^T the A_k need not be
 * symmetric: Z X + Z^T X does it.
 *
 * @param matrices holds A_k from `offset(k)` on, after that was called
 */
export function sampledMatrices(device: Device, memory: Memory, rows: number, cols: number, matrices: Float64Array, offset: (k: number) => number): SampledMap {
  const { fill, gemm } = device.kernels;
  const product = newMatrix(device, memory, rows, cols);
  const z = newMatrix(device, memory, rows, cols);
  return {
    products(u, v, slope, batch, scale, left, right) {
      gemm('N', 'T', 1, u, v, 0, product);
      fill(z, 0);
      const [x, sum] = [device.host!(product), device.host!(z)];
      for (const k of batch) {
        const from = offset(k);
        let measured = 0;
        for (let e = 0; e < x.length; e++) measured += matrices[from + e]! * x[e]!;
        const rho = slope(measured, k);
        for (let e = 0; e < x.length; e++) sum[e]! += rho * matrices[from + e]!;
      }
      gemm('N', 'N', scale, z, v, 1, left);
      gemm('T', 'N', scale, z, u, 1, right);
    },
  };
}
