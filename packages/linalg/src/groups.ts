/**
 * The groups that leave low-rank objectives unchanged, through the tangent directions of their orbits.
 */
import type { Device, Layout, Memory, Symmetry, Vec } from '@lowland/core';

/**
 * O(r) acting on the columns of every named block at once, X -> X Psi.
 *
 * Generator k is X Omega with Omega = e_a e_b^T - e_b e_a^T for the k-th pair a < b; r (r - 1) / 2 of them.
 */
export function orthogonalSymmetry(device: Device, memory: Memory, layout: Layout, blocks: readonly string[], rank: number): Symmetry {
  const pairs: [number, number][] = [];
  for (let a = 0; a < rank; a++) for (let b = a + 1; b < rank; b++) pairs.push([a, b]);
  const omega = memory.vector(rank * rank);
  const matrix = device.matrix(omega, 0, rank, rank);
  const host = new Float64Array(rank * rank);
  return {
    group: `O(${rank})`,
    dimension: pairs.length,
    generator(x: Vec, k: number, out: Vec) {
      const [a, b] = pairs[k]!;
      host.fill(0);
      host[a * rank + b] = 1;
      host[b * rank + a] = -1;
      device.write(omega, host);
      const from = device.blocks(x, layout);
      const to = device.blocks(out, layout);
      device.kernels.fill(out, 0);
      for (const name of blocks) device.kernels.gemm('N', 'N', 1, from[name]!, matrix, 0, to[name]!);
    },
  };
}

/**
 * GL(r) acting on a product, (U, V) -> (U G, V G^-T), which leaves U V^T as it is.
 *
 * Generator k is (U K, -V K^T) with K = e_a e_b^T, k = a r + b; r^2 of them.
 */
export function generalLinearSymmetry(device: Device, memory: Memory, layout: Layout, left: string, right: string, rank: number): Symmetry {
  const k = memory.vector(rank * rank);
  const matrix = device.matrix(k, 0, rank, rank);
  const host = new Float64Array(rank * rank);
  return {
    group: `GL(${rank})`,
    dimension: rank * rank,
    generator(x: Vec, index: number, out: Vec) {
      host.fill(0);
      host[index] = 1;
      device.write(k, host);
      const from = device.blocks(x, layout);
      const to = device.blocks(out, layout);
      device.kernels.fill(out, 0);
      device.kernels.gemm('N', 'N', 1, from[left]!, matrix, 0, to[left]!);
      device.kernels.gemm('N', 'T', -1, from[right]!, matrix, 0, to[right]!);
    },
  };
}
