import type { Device, Mat, Memory, Vec } from '@lowland/core';

import type { FusedMap } from '../factored/linear-map.ts';
import { once } from '../factored/once.ts';
import { newMatrix } from '../factored/term.ts';

/** A measurement map of whole matrices with its data: rho = a(X) - data alone, or with a*(rho) in the same pass over the A_k. */
export interface ResidualPass {
  image(x: Vec, data: Vec, rho: Vec): void;
  /** With the three last also drho = a(dX) and a*(drho). */
  adjoint(x: Vec, data: Vec, rho: Vec, adjoint: Vec, ...second: readonly [dx: Vec, drho: Vec, adjointToo: Vec] | readonly []): void;
}

/**
 * Residual and curvature of measurements that take X as a whole: X = U V^T and the products with the adjoints are small beside the pass.
 * `product` and `adjoint` are scratch, rows x cols. With `symmetrised` the A_k count by their symmetric parts, though the pass has them
 * whole: then Z becomes (Z + Z^T)/2 as it is multiplied.
 */
export function fusedProducts(device: Device, memory: Memory, data: Vec, product: Mat, adjoint: Mat, pass: ResidualPass, symmetrised: boolean): FusedMap {
  const { dot, gemm } = device.kernels;
  const { rows, cols } = product;
  const rho = memory.vector(data.length);
  const second = once(() => ({ product: newMatrix(device, memory, rows, cols), adjoint: newMatrix(device, memory, rows, cols), rho: memory.vector(data.length) }));
  /** out = scale Z b + beta out, or with Z^T. */
  const times = (z: Mat, transposed: boolean, scale: number, b: Mat, beta: 0 | 1, out: Mat): void => {
    const share = symmetrised ? scale / 2 : scale;
    gemm(transposed ? 'T' : 'N', 'N', share, z, b, beta, out);
    if (symmetrised) gemm(transposed ? 'N' : 'T', 'N', share, z, b, 1, out);
  };
  return {
    residualProducts(u, v, scale, b, left, c, right, squares, slot) {
      gemm('N', 'T', 1, u, v, 0, product);
      if (left === undefined && right === undefined) pass.image(product, data, rho);
      else pass.adjoint(product, data, rho, adjoint);
      dot(rho, rho, squares, slot);
      if (left !== undefined) times(adjoint, false, scale, b!, 0, left);
      if (right !== undefined) times(adjoint, true, scale, c!, 0, right);
    },
    curvatureProducts(u, v, du, dv, scale, left, right) {
      const differential = second();
      gemm('N', 'T', 1, u, v, 0, product);
      gemm('N', 'T', 1, du, v, 0, differential.product);
      gemm('N', 'T', 1, u, dv, 1, differential.product);
      pass.adjoint(product, data, rho, adjoint, differential.product, differential.rho, differential.adjoint);
      times(differential.adjoint, false, scale, v, 0, left);
      times(adjoint, false, scale, dv, 1, left);
      if (right === undefined) return;
      times(differential.adjoint, true, scale, u, 0, right);
      times(adjoint, true, scale, du, 1, right);
    },
  };
}
