import type { CapabilityMap, Device, Layout, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix } from '../factored/term.ts';
import { bindPencil, type Pencil } from './pencil.ts';

export type RayleighOracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct'>;

/**
 * The block Rayleigh quotient f = -1/2 tr(P M), P = (X^T B X)^-1, M = X^T A X. With Y = A X P, Q = P M P, S = P M:
 *
 *     f = -1/2 <X, Y>,   grad f = B X Q - Y
 *     Hess f[V] = (Y G' + B X P K - A V) P + B V Q,   G' = V^T B X + (.)^T, M' = V^T A X + (.)^T, K = M' - G' S - S^T G'
 *
 * One product with A (and B) in a gradient, two in a Hessian-vector product; the rest is O(n r^2). Bound by memory for few columns.
 */
export function bindRayleigh(pencil: Pencil, layout: Layout, rank: number, device: Device, memory: Memory): RayleighOracles {
  const { axpy, copy, dot, gemm, posvRight, scal } = device.kernels;
  const { size } = pencil;
  const products = bindPencil(pencil, rank, device, memory);
  const tall = (): Mat => newMatrix(device, memory, size, rank);
  const small = (): Mat => newMatrix(device, memory, rank, rank);
  const [y, z, sum] = [tall(), tall(), tall()];
  const [gram, q, s, gramChange, k] = [small(), small(), small(), small(), small()];
  const block = (x: Vec): Mat => device.blocks(x, layout)['X']!;

  /** B X, and Y and X^T B X in their places. */
  const prepare = (x: Mat): { ax: Mat; bx: Mat } => {
    const [ax, bx] = [products.a(x, 0), products.b(x, 0)];
    gemm('T', 'N', 1, x, bx, 0, gram);
    posvRight(gram, 0, ax, y);
    return { ax, bx };
  };
  /** Q = (X P)^T Y */
  const quotient = (x: Mat): void => {
    posvRight(gram, 0, x, z);
    gemm('T', 'N', 1, z, y, 0, q);
  };
  const valueAt = (x: Mat, out: Vec): void => {
    dot(x, y, out, 0);
    // one slot is written, whatever the length of `out`
    scal(-0.5, device.view(out, 0, 1));
  };
  const gradientAt = (x: Mat, bx: Mat, out: Mat): void => {
    quotient(x);
    gemm('N', 'N', 1, bx, q, 0, out);
    axpy(-1, y, out);
  };

  return {
    value(x, out) {
      prepare(block(x));
      valueAt(block(x), out);
    },
    gradient(x, out) {
      const { bx } = prepare(block(x));
      gradientAt(block(x), bx, block(out));
    },
    valueAndGradient(x, value, out) {
      const { bx } = prepare(block(x));
      valueAt(block(x), value);
      gradientAt(block(x), bx, block(out));
    },
    hessianVectorProduct(x, v, out) {
      const [at, along, to] = [block(x), block(v), block(out)];
      const { ax, bx } = prepare(at);
      quotient(at);
      gemm('N', 'N', 1, q, gram, 0, s);
      const [av, bv] = [products.a(along, 1), products.b(along, 1)];
      gemm('T', 'N', 1, along, bx, 0, gramChange);
      gemm('T', 'N', 1, bx, along, 1, gramChange);
      gemm('T', 'N', 1, along, ax, 0, k);
      gemm('T', 'N', 1, ax, along, 1, k);
      gemm('N', 'N', -1, gramChange, s, 1, k);
      gemm('T', 'N', -1, s, gramChange, 1, k);
      posvRight(gram, 0, bx, z);
      copy(av, sum);
      scal(-1, sum);
      gemm('N', 'N', 1, y, gramChange, 1, sum);
      gemm('N', 'N', 1, z, k, 1, sum);
      posvRight(gram, 0, sum, to);
      gemm('N', 'N', 1, bv, q, 1, to);
    },
  };
}
