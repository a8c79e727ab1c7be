import type { Device, Layout, Memory, Symmetry } from '@lowland/core';

import { newMatrix } from '../factored/term.ts';

/** X -> X G for every invertible G: f depends on the span alone. Generator k is X e_a e_b^T, k = a r + b. */
export function generalLinearColumns(device: Device, memory: Memory, layout: Layout, block: string, rank: number): Symmetry {
  const { fill, gemm } = device.kernels;
  const k = newMatrix(device, memory, rank, rank);
  const host = new Float64Array(rank * rank);
  return {
    group: `GL(${rank})`,
    dimension: rank * rank,
    generator(x, index, out) {
      host.fill(0);
      host[index] = 1;
      device.write(k, host);
      fill(out, 0);
      gemm('N', 'N', 1, device.blocks(x, layout)[block]!, k, 0, device.blocks(out, layout)[block]!);
    },
  };
}
