import type { Device, GeometryOps, KernelName, Layout, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix, newVector } from '../factored/term.ts';
import { blocksIn, type Size } from './layout.ts';

/** What `project` and `tangent` call. */
export const tangentKernels = ['copy', 'gemm'] as const satisfies readonly KernelName[];
/** What the geometry calls. */
export const geometryKernels = [...tangentKernels, 'axpy', 'dot', 'scal', 'geqr', 'gesvd'] as const satisfies readonly KernelName[];

export interface BoundFixedRank extends GeometryOps {
  /** out = the tangent part of v at x, in its own coordinates: (M, U_p - U U^T U_p, V_p - V V^T V_p). */
  project(x: Vec, v: Vec, out: Vec): void;
  /** out = (U^T left, (I - U U^T) left, (I - V V^T) right): the tangent part of Z from left = Z V and right = Z^T U, which psd matrices need not. */
  tangent(x: Vec, left: Mat, right: Mat | undefined, out: Vec): void;
  /** The same of the left and the right that lie in the places of U and V of `out`; its first block stays as it is. */
  normal(x: Vec, out: Vec): void;
}

/**
 * The manifold of matrices X = U S V^T of rank r, embedded in all matrices with <A, B> = tr A^T B. With U^T U = V^T V = I a tangent vector is
 *
 *     xi = U M V^T + U_p V^T + U V_p^T,   U^T U_p = 0,  V^T V_p = 0,   <xi, eta> = <M, N> + <U_p, W_p> + <V_p, Z_p>
 *
 * - tangent part of Z   P Z = U U^T Z + Z V V^T - U U^T Z V V^T
 * - retraction          the best approximation of rank r of X + alpha xi = [U U_p] [S + alpha M, alpha I; alpha I, 0] [V V_p]^T, by
 *                       QR of both sides and the singular values of a 2r x 2r core; of second order. S is diagonal afterwards.
 * - transport           of a tangent vector, its tangent part at the new point
 *
 * O((rows + cols) r^2 + r^3) each; X is never formed. Source: Vandereycken 2013 (arXiv 1209.3834); Absil and Malick 2012, doi:10.1137/100802529,
 * for the order of the retraction.
 */
export function bindFixedRank({ rows, cols, rank }: Size, layout: Layout, device: Device, memory: Memory): BoundFixedRank {
  const { axpy, copy, dot, gemm, geqr, gesvd, scal } = device.kernels;
  const blocks = blocksIn(device, layout);
  const make = (m: number, n: number): Mat => newMatrix(device, memory, m, n);
  const size = 2 * rank;
  const [rowSide, colSide] = [Math.min(rows, size), Math.min(cols, size)];

  // projections and transport
  const small = [make(rank, rank), make(rank, rank), make(rank, rank)] as const;
  const [tallU, tallV] = [make(rows, rank), make(cols, rank)];
  // retraction: [I 0], [0 I] and the constant part of the middle
  const unit = (offset: number): Mat => {
    const data = new Float64Array(rank * size);
    for (let i = 0; i < rank; i++) data[i * size + i + offset] = 1;
    return device.matrix(newVector(device, memory, data), 0, rank, size);
  };
  const [first, second] = [unit(0), unit(rank)];
  const cross = make(size, size);
  gemm('T', 'N', 1, first, second, 0, cross);
  gemm('T', 'N', 1, second, first, 1, cross);
  const [middle, partial] = [make(size, size), make(size, rank)];
  const sides = {
    u: { wide: make(rows, size), q: make(rows, rowSide), r: make(rowSide, size), vectors: make(rowSide, rank) },
    v: { wide: make(cols, size), q: make(cols, colSide), r: make(colSide, size), vectors: make(colSide, rank) },
  };
  const [half, core, image] = [make(rowSide, size), make(rowSide, colSide), make(rowSide, rank)];
  const values = memory.vector(rank);

  /** out = (I - U U^T) left, inside = U^T left */
  const outside = (u: Mat, left: Mat, inside: Mat, out: Mat): void => {
    gemm('T', 'N', 1, u, left, 0, inside);
    copy(left, out);
    gemm('N', 'N', -1, u, inside, 1, out);
  };
  const tangent = (x: Vec, left: Mat, right: Mat | undefined, out: Vec): void => {
    const [at, to] = [blocks(x), blocks(out)];
    outside(at.u, left, small[0], to.u);
    copy(small[0], to.s);
    outside(at.v, right!, small[0], to.v);
  };
  /** out = (I - U U^T) out */
  const takeOut = (u: Mat, out: Mat): void => {
    gemm('T', 'N', 1, u, out, 0, small[0]);
    gemm('N', 'N', -1, u, small[0], 1, out);
  };
  const normal = (x: Vec, out: Vec): void => {
    const [at, to] = [blocks(x), blocks(out)];
    takeOut(at.u, to.u);
    takeOut(at.v, to.v);
  };
  const project = (x: Vec, v: Vec, out: Vec): void => {
    copy(v, out);
    normal(x, out);
  };
  const factorise = ({ wide, q, r }: (typeof sides)['u'], base: Mat, change: Mat): void => {
    gemm('N', 'N', 1, base, first, 0, wide);
    gemm('N', 'N', 1, change, second, 1, wide);
    geqr!(wide, q, r);
  };

  return {
    project,
    tangent,
    normal,
    gradient: project,
    inner: (_x, u, v, out, at) => { dot(u, v, out, at); },
    retract(x, alpha, v, out) {
      const [at, along, to] = [blocks(x), blocks(v), blocks(out)];
      factorise(sides.u, at.u, along.u);
      factorise(sides.v, at.v, along.v);
      copy(at.s, small[0]);
      axpy(alpha, along.s, small[0]);
      copy(cross, middle);
      scal(alpha, middle);
      gemm('T', 'N', 1, first, small[0], 0, partial);
      gemm('N', 'N', 1, partial, first, 1, middle);
      gemm('N', 'N', 1, sides.u.r, middle, 0, half);
      gemm('N', 'T', 1, half, sides.v.r, 0, core);
      gesvd!(core, sides.u.vectors, values, sides.v.vectors);
      gemm('N', 'N', 1, sides.u.q, sides.u.vectors, 0, to.u);
      gemm('N', 'N', 1, sides.v.q, sides.v.vectors, 0, to.v);
      gemm('N', 'N', 1, core, sides.v.vectors, 0, image);
      gemm('T', 'N', 1, sides.u.vectors, image, 0, to.s);
    },
    transport(x, y, v, out) {
      if (x === y) {
        project(x, v, out);
        return;
      }
      const [from, at, along] = [blocks(x), blocks(y), blocks(v)];
      const [turnU, turnV, inside] = small;
      gemm('T', 'N', 1, from.u, at.u, 0, turnU);
      gemm('T', 'N', 1, from.v, at.v, 0, turnV);
      // xi V' = U (M V^T V' + V_p^T V') + U_p V^T V', and xi^T U' likewise
      gemm('N', 'N', 1, along.s, turnV, 0, inside);
      gemm('T', 'N', 1, along.v, at.v, 1, inside);
      gemm('N', 'N', 1, from.u, inside, 0, tallU);
      gemm('N', 'N', 1, along.u, turnV, 1, tallU);
      gemm('T', 'N', 1, along.s, turnU, 0, inside);
      gemm('T', 'N', 1, along.u, at.u, 1, inside);
      gemm('N', 'N', 1, from.v, inside, 0, tallV);
      gemm('N', 'N', 1, along.v, turnU, 1, tallV);
      tangent(y, tallU, tallV, out);
    },
  };
}
