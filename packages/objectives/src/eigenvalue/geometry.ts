import type { Device, GeometryOps, Layout, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix } from '../factored/term.ts';
import { bindPencil, type Pencil } from './pencil.ts';

/**
 * Points with X^T B X = I: steps are taken along straight lines and brought back by the Cholesky factor of X^T B X, which changes the
 * basis of the span alone and so leaves f as it is. Vectors are carried by taking their part in the new span off. The gradient of f
 * needs no projection: X^T grad f = 0 at every X.
 *
 * Source: Edelman, Arias, Smith 1998 (arXiv physics/9806030); retraction by QR in the inner product of B.
 */
export function rayleighGeometry(pencil: Pencil, layout: Layout, rank: number, device: Device, memory: Memory): GeometryOps {
  const { axpy, copy, dot, gemm, potrf, trsm } = device.kernels;
  const products = bindPencil({ ...pencil, a: { kind: 'rows', matrix: { rows: 0, cols: pencil.size, data: new Float64Array(0) } } }, rank, device, memory);
  const moved = newMatrix(device, memory, pencil.size, rank);
  const [gram, factor] = [newMatrix(device, memory, rank, rank), newMatrix(device, memory, rank, rank)];
  const block = (x: Vec): Mat => device.blocks(x, layout)['X']!;
  return {
    gradient: (_x, euclidean, out) => copy(euclidean, out),
    inner: (_x, u, v, out, at) => dot(u, v, out, at),
    retract(x, alpha, v, out) {
      copy(x, moved);
      axpy(alpha, v, moved);
      gemm('T', 'N', 1, moved, products.b(moved, 0), 0, gram);
      potrf!(gram, 0, factor);
      trsm!('R', 'T', factor, moved, block(out));
    },
    transport(_x, y, v, out) {
      copy(v, out);
      gemm('T', 'N', 1, products.b(block(y), 0), block(v), 0, gram);
      gemm('N', 'N', -1, block(y), gram, 1, block(out));
    },
  };
}
