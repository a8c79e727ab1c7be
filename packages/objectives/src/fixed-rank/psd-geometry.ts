import type { Device, KernelName, Layout, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix, newVector } from '../factored/term.ts';
import { geometryKernels, type BoundFixedRank } from './geometry.ts';
import { blocksIn, type Size } from './layout.ts';

/** What the geometry calls. */
export const psdGeometryKernels = [...geometryKernels, 'mul', 'nrm2', 'potrf'] as const satisfies readonly KernelName[];

/**
 * The manifold of positive semidefinite matrices X = U S U^T of rank r, embedded in the symmetric ones. With U^T U = I a tangent vector is
 *
 *     xi = U M U^T + (W U^T + U W^T)/sqrt(2),   M = M^T,  U^T W = 0,   <xi, eta> = <M, N> + <W, Z>
 *
 * (the root makes the inner product that of the numbers). The retraction is the best psd approximation of rank r of X + alpha xi, by QR of [U W] and the
 * r largest eigenvalues of a 2r x 2r core: those of the core plus its norm, where they are singular values. Where one of them is not
 * positive there is none, and the point is NaN: searches turn back.
 *
 * Source: Vandereycken, Absil, Vandewalle 2009, doi:10.1109/SSP.2009.5278558; Helmke and Shayman 1995, doi:10.1016/0024-3795(93)00070-G.
 */
export function bindPsdFixedRank({ rows, rank }: Size, layout: Layout, device: Device, memory: Memory): BoundFixedRank {
  const { axpy, copy, dot, gemm, geqr, gesvd, mul, nrm2, potrf, scal } = device.kernels;
  const blocks = blocksIn(device, layout);
  const make = (m: number, n: number): Mat => newMatrix(device, memory, m, n);
  const constant = (m: number, n: number, entry: (i: number, j: number) => number): Mat =>
    device.matrix(newVector(device, memory, Float64Array.from({ length: m * n }, (_, k) => entry(Math.floor(k / n), k % n))), 0, m, n);
  const size = 2 * rank;
  const side = Math.min(rows, size);
  const identity = constant(rank, rank, (i, j) => Number(i === j));
  const [first, second] = [constant(rank, size, (i, j) => Number(i === j)), constant(rank, size, (i, j) => Number(i + rank === j))];
  const cross = constant(size, size, (i, j) => Number(Math.abs(i - j) === rank) * Math.SQRT1_2);
  const [small, turn, inside, tall, positive] = [make(rank, rank), make(rank, rank), make(rank, rank), make(rows, rank), make(rank, rank)];
  const [wide, q, r, middle, partial, half, core] = [make(rows, size), make(rows, side), make(side, size), make(size, size), make(size, rank), make(side, size), make(side, side)];
  const [vectors, others, image, values] = [make(side, rank), make(side, rank), make(side, rank), memory.vector(rank)];
  const norm = make(1, 1);
  const ones = constant(side * side, 1, (k) => Number(k % (side + 1) === 0));
  const shifted = make(side * side, 1);
  const shiftedCore = device.matrix(shifted, 0, side, side);
  const zeros = constant(rank, rank, () => 0);

  /** out = (m + m^T)/2 */
  const symmetricPart = (m: Mat, out: Mat): void => {
    gemm('N', 'N', 0.5, identity, m, 0, out);
    gemm('T', 'N', 0.5, m, identity, 1, out);
  };
  /** out = (I - U U^T) out; small = U^T out, as it was */
  const takeOut = (u: Mat, out: Mat): void => {
    gemm('T', 'N', 1, u, out, 0, small);
    gemm('N', 'N', -1, u, small, 1, out);
  };
  const project = (x: Vec, v: Vec, out: Vec): void => {
    const [at, along, to] = [blocks(x), blocks(v), blocks(out)];
    symmetricPart(along.s, to.s);
    copy(along.u, to.u);
    takeOut(at.u, to.u);
  };
  /** out = sqrt(2) (I - U U^T) left; small = U^T left */
  const outside = (u: Mat, left: Mat, out: Mat): void => {
    copy(left, out);
    takeOut(u, out);
    scal(Math.SQRT2, out);
  };
  /** From left = Z U, Z symmetric: (U^T Z U, sqrt(2) (I - U U^T) Z U). */
  const tangent = (x: Vec, left: Mat, _right: Mat | undefined, out: Vec): void => {
    const to = blocks(out);
    outside(blocks(x).u, left, to.u);
    symmetricPart(small, to.s);
  };
  const normal = (x: Vec, out: Vec): void => {
    const [{ u }, to] = [blocks(x), blocks(out)];
    takeOut(u, to.u);
    scal(Math.SQRT2, to.u);
  };
  return {
    project,
    tangent,
    normal,
    gradient: project,
    inner: (_x, u, v, out, at) => { dot(u, v, out, at); },
    retract(x, alpha, v, out) {
      const [at, along, to] = [blocks(x), blocks(v), blocks(out)];
      gemm('N', 'N', 1, at.u, first, 0, wide);
      gemm('N', 'N', 1, along.u, second, 1, wide);
      geqr!(wide, q, r);
      copy(at.s, small);
      axpy(alpha, along.s, small);
      copy(cross, middle);
      scal(alpha, middle);
      gemm('T', 'N', 1, first, small, 0, partial);
      gemm('N', 'N', 1, partial, first, 1, middle);
      gemm('N', 'N', 1, r, middle, 0, half);
      gemm('N', 'T', 1, half, r, 0, core);
      nrm2!(core, norm);
      gemm('N', 'N', 1, ones, norm, 0, shifted);
      axpy(1, core, shifted);
      gesvd!(shiftedCore, vectors, values, others);
      gemm('N', 'N', 1, q, vectors, 0, to.u);
      gemm('N', 'N', 1, core, vectors, 0, image);
      gemm('T', 'N', 1, vectors, image, 0, small);
      symmetricPart(small, to.s);
      // NaN where S is not positive definite
      potrf!(small, 0, positive);
      mul(zeros, positive, small);
      axpy(1, small, to.s);
    },
    transport(x, y, v, out) {
      if (x === y) {
        project(x, v, out);
        return;
      }
      const [from, at, along] = [blocks(x), blocks(y), blocks(v)];
      // xi U' = U (M U^T U' + W^T U'/sqrt(2)) + W U^T U'/sqrt(2)
      gemm('T', 'N', 1, from.u, at.u, 0, turn);
      gemm('N', 'N', 1, along.s, turn, 0, inside);
      gemm('T', 'N', Math.SQRT1_2, along.u, at.u, 1, inside);
      gemm('N', 'N', 1, from.u, inside, 0, tall);
      gemm('N', 'N', Math.SQRT1_2, along.u, turn, 1, tall);
      tangent(y, tall, undefined, out);
    },
  };
}
