import type { Device, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix } from '../factored/term.ts';
import { depthOf, layerName, type Network } from './network.ts';

/**
 * The balancing term (balance/4) sum_k |D_k|^2, D_k = W_{k+1}^T W_{k+1} - W_k W_k^T at the hidden layers k = 1 … N-1:
 *
 *     grad_{k+1} += balance W_{k+1} D_k,   grad_k -= balance D_k W_k
 *
 * Source: Zhu, Soudry, Eldar, Wakin 2018 (arXiv 1805.04938).
 */
export interface Balance {
  readonly count: number;
  /** D_k at x, for what follows; `sums` does it too. */
  prepare(x: Vec): void;
  /** sums[at + k - 1] = |D_k|^2 */
  sums(x: Vec, sums: Vec, at: number): void;
  /** out += the gradient, in one layer alone if `only` is given; after `prepare`. */
  gradient(x: Vec, out: Vec, only?: number): void;
  /** out += the Hessian along v */
  curvature(x: Vec, v: Vec, out: Vec): void;
  /** The residual sqrt(balance/2) D_k, its derivative, and what its transpose adds to `out`. */
  residual(x: Vec, k: number, out: Mat): void;
  jvp(x: Vec, v: Vec, k: number, out: Mat): void;
  vjp(x: Vec, k: number, w: Mat, out: Vec): void;
}

export function bindBalance(network: Network, device: Device, memory: Memory): Balance {
  const { sizes, layout, balance } = network;
  const { dot, gemm } = device.kernels;
  const count = depthOf(network) - 1;
  const root = Math.sqrt(balance / 2);
  const layer = (x: Vec, i: number): Mat => device.blocks(x, layout)[layerName(i)]!;
  const square = (_: unknown, k: number): Mat => newMatrix(device, memory, sizes[k + 1]!, sizes[k + 1]!);
  const at = Array.from({ length: count }, square);
  const change = Array.from({ length: count }, square);

  const evaluate = (x: Vec, k: number, scale: number, out: Mat): void => {
    gemm('T', 'N', scale, layer(x, k + 1), layer(x, k + 1), 0, out);
    gemm('N', 'T', -scale, layer(x, k), layer(x, k), 1, out);
  };
  const differentiate = (x: Vec, v: Vec, k: number, scale: number, out: Mat): void => {
    gemm('T', 'N', scale, layer(v, k + 1), layer(x, k + 1), 0, out);
    gemm('T', 'N', scale, layer(x, k + 1), layer(v, k + 1), 1, out);
    gemm('N', 'T', -scale, layer(v, k), layer(x, k), 1, out);
    gemm('N', 'T', -scale, layer(x, k), layer(v, k), 1, out);
  };
  /** out += scale (W_{k+1} D, -D W_k), in both layers or one */
  const apply = (scale: number, d: Mat, x: Vec, k: number, out: Vec, only?: number): void => {
    if (only === undefined || only === k + 1) gemm('N', 'N', scale, layer(x, k + 1), d, 1, layer(out, k + 1));
    if (only === undefined || only === k) gemm('N', 'N', -scale, d, layer(x, k), 1, layer(out, k));
  };
  const each = (visit: (k: number) => void): void => {
    for (let k = 1; k <= count; k++) visit(k);
  };

  return {
    count,
    prepare(x) {
      each((k) => evaluate(x, k, 1, at[k - 1]!));
    },
    sums(x, sums, from) {
      each((k) => {
        evaluate(x, k, 1, at[k - 1]!);
        dot(at[k - 1]!, at[k - 1]!, sums, from + k - 1);
      });
    },
    gradient(x, out, only) {
      each((k) => apply(balance, at[k - 1]!, x, k, out, only));
    },
    curvature(x, v, out) {
      each((k) => {
        evaluate(x, k, 1, at[k - 1]!);
        differentiate(x, v, k, 1, change[k - 1]!);
        apply(balance, at[k - 1]!, v, k, out);
        apply(balance, change[k - 1]!, x, k, out);
      });
    },
    residual: (x, k, out) => evaluate(x, k, root, out),
    jvp: (x, v, k, out) => differentiate(x, v, k, root, out),
    vjp(x, k, w, out) {
      apply(root, w, x, k, out);
      gemm('N', 'T', root, layer(x, k + 1), w, 1, layer(out, k + 1));
      gemm('T', 'N', -root, w, layer(x, k), 1, layer(out, k));
    },
  };
}
