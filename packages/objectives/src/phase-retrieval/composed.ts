/**
 * The oracles on base kernels: z = A x is stored, complex numbers as rows of two. Roots need `divideByRoot`, u / sqrt(p).
 *
 * With z, its residual rho and slope s (rho, or rho / r with r = sqrt(|z|^2 + smoothing^2)) the gradient is a multiple of A^*(s z), and its
 * derivative along v, with dz = A v and c = Re(conj(z) dz), the same multiple of A^*(s dz + b z), b = 2 c or data c / r^3.
 */
import type { CapabilityMap, Device, KernelName, Layout, Mat, Memory, Vec } from '@lowland/core';

import { requireBatch } from '../factored/checks.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { slopeOf, type PhaseProblem, type Uploaded } from './problem.ts';
import { widthOf } from './vectors.ts';

export type ComposedOracles = Pick<CapabilityMap, 'value' | 'gradient' | 'valueAndGradient' | 'hessianVectorProduct' | 'residual' | 'stochasticGradient'>;

export const composedKernels = (problem: PhaseProblem): readonly KernelName[] =>
  ['axpy', 'copy', 'dot', 'fill', 'gemm', 'gemv', 'mul', 'scal', ...problem.vectors.kernels.filter((name) => name !== 'gemv'), ...(problem.smoothing === undefined ? [] : (['divideByRoot'] as const))];

/** Beside a root: nothing where there is a smoothing; else 0 / 0 becomes 0, and roots above 2^-48 keep all their bits. */
const beside = (smoothing: number): number => (smoothing === 0 ? 2 ** -100 : 0);

export function composedOracles(problem: PhaseProblem, { vectors, data }: Pick<Uploaded, 'vectors' | 'data'>, device: Device, memory: Memory): ComposedOracles {
  const { axpy, copy, dot, fill, gemm, gemv, mul, scal } = device.kernels;
  const { smoothing, vectors: { count } } = problem;
  const width = widthOf(problem.vectors);
  const { image, adjoint } = vectors();
  const column: Layout = { blocks: [{ name: 'column', shape: [count] }] };
  const pairs = (): Mat => newMatrix(device, memory, count, width);
  const list = (): Vec => memory.vector(count);
  const [z, dz, spread, product] = [pairs(), pairs(), pairs(), pairs()];
  const [rho, slope, along, bend, squares, roots, other] = [list(), list(), list(), list(), list(), list(), list()];
  const ones = newMatrix(device, memory, 1, width);
  fill(ones, 1);
  const floor = list();
  fill(floor, (smoothing ?? 0) ** 2);
  const sum = memory.vector(1);
  /** How often a sample is in the batch, over its share. */
  const weights = new Float64Array(count);
  const weight = newVector(device, memory, Float64Array.of(problem.weight));

  /** out = Re(conj(p) q), row by row. */
  const inner = (p: Mat, q: Mat, out: Vec): void => {
    mul(p, q, product);
    gemv('N', 1, product, ones, 0, out);
  };
  /** out = factor z, a real factor for each row. */
  const times = (factor: Vec, from: Mat, out: Mat): void => {
    gemm('N', 'N', 1, device.blocks(factor, column)['column']!, ones, 0, spread);
    mul(spread, from, out);
  };
  /** out = u / r */
  const overRoot = (u: Vec, out: Vec): void => { device.kernels.divideByRoot!(u, squares, beside(smoothing!), out); };
  const residual = (x: Vec, out: Vec): void => {
    image(x, z);
    inner(z, z, squares);
    if (smoothing === undefined) copy(squares, out);
    else {
      axpy(1, floor, squares);
      overRoot(squares, out);
    }
    axpy(-1, data, out);
  };
  const slopes = (): void => {
    if (smoothing === undefined) copy(rho, slope);
    else overRoot(rho, slope);
  };
  const gradient = (x: Vec, out: Vec): void => {
    residual(x, rho);
    slopes();
    times(slope, z, dz);
    adjoint(slopeOf(problem), dz, out);
  };
  const finish = (value: Vec): void => {
    dot(rho, rho, sum, 0);
    dot(weight, sum, value, 0);
  };
  /** f = 1/2 |root rho|^2 */
  const root = Math.sqrt(2 * problem.weight);

  return {
    value(x, out) {
      residual(x, rho);
      finish(out);
    },
    gradient,
    valueAndGradient(x, value, out) {
      gradient(x, out);
      finish(value);
    },
    hessianVectorProduct(x, v, out) {
      residual(x, rho);
      slopes();
      image(v, dz);
      inner(z, dz, along);
      if (smoothing === undefined) {
        copy(along, bend);
        scal(2, bend);
      } else {
        overRoot(along, bend);
        overRoot(data, roots);
        mul(roots, bend, other);
        overRoot(other, bend);
      }
      times(bend, z, product);
      times(slope, dz, z);
      axpy(1, product, z);
      adjoint(slopeOf(problem), z, out);
    },
    stochasticGradient: {
      samples: count,
      gradient(x, batch, out) {
        requireBatch(batch, count);
        weights.fill(0);
        for (const k of batch) weights[k]! += count / batch.length;
        device.write(other, weights);
        residual(x, rho);
        slopes();
        mul(other, slope, bend);
        times(bend, z, dz);
        adjoint(slopeOf(problem), dz, out);
      },
    },
    residual: {
      ...(smoothing === undefined && { degree: 2 }),
      length: count,
      evaluate(x, out) {
        residual(x, out);
        scal(root, out);
      },
      jvp(x, v, out) {
        residual(x, rho);
        image(v, dz);
        inner(z, dz, along);
        if (smoothing === undefined) copy(along, out);
        else overRoot(along, out);
        scal(smoothing === undefined ? 2 * root : root, out);
      },
      vjp(x, w, out) {
        residual(x, rho);
        if (smoothing === undefined) copy(w, slope);
        else overRoot(w, slope);
        times(slope, z, dz);
        adjoint(smoothing === undefined ? 2 * root : root, dz, out);
      },
    },
  };
}
