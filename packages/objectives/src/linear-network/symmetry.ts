import type { Device, Memory, Symmetry } from '@lowland/core';

import { newMatrix } from '../factored/term.ts';
import { depthOf, layerName, type Network } from './network.ts';

/** Whether nothing is penalised, so that f is a function of W_N … W_1. */
export const isFree = ({ ridge, balance }: Network): boolean => ridge === 0 && balance === 0;

/**
 * (W_k, W_{k+1}) -> (G W_k, W_{k+1} G^-1) at every hidden layer k: GL(h_k) where nothing is penalised, O(h_k) elsewhere.
 *
 * Its directions are (K W_k, -W_{k+1} K) with K = e_a e_b^T, or e_a e_b^T - e_b e_a^T for a < b; layer by layer, a before b.
 */
export function networkSymmetry(network: Network, device: Device, memory: Memory): Symmetry {
  const { sizes, layout } = network;
  const orthogonal = !isFree(network);
  const hidden = Array.from({ length: depthOf(network) - 1 }, (_, k) => ({ k: k + 1, size: sizes[k + 1]! }));
  const generators = hidden.flatMap(({ k, size }) => {
    const pairs: { readonly k: number; readonly a: number; readonly b: number }[] = [];
    for (let a = 0; a < size; a++) for (let b = orthogonal ? a + 1 : 0; b < size; b++) pairs.push({ k, a, b });
    return pairs;
  });
  const matrices = hidden.map(({ size }) => newMatrix(device, memory, size, size));
  return {
    group: hidden.map(({ size }) => `${orthogonal ? 'O' : 'GL'}(${size})`).join(' x '),
    dimension: generators.length,
    generator(x, index, out) {
      const { k, a, b } = generators[index]!;
      const size = sizes[k]!;
      const host = new Float64Array(size * size);
      host[a * size + b] = 1;
      if (orthogonal) host[b * size + a] = -1;
      const generator = matrices[k - 1]!;
      device.write(generator, host);
      const [from, to] = [device.blocks(x, layout), device.blocks(out, layout)];
      device.kernels.fill(out, 0);
      device.kernels.gemm('N', 'N', 1, generator, from[layerName(k)]!, 0, to[layerName(k)]!);
      device.kernels.gemm('N', 'N', -1, from[layerName(k + 1)]!, generator, 0, to[layerName(k + 1)]!);
    },
  };
}
