/** The kernels in plain TypeScript over handles: the whole of the plain variant, and what the vector variant has no module for. */
import type { Dtype, Kernels, Mat } from '@lowland/core';
import { latticeNormals, normals } from '@lowland/core';

import { axpy, dot, multiplyEntries, norm, scale } from '../vector.ts';
import type { HostMatrix, Numbers } from './arrays.ts';
import { geqr, gesvd } from './decompositions.ts';
import { divideByRoot } from './elementwise.ts';
import { gemm, gemv, ger, syrk } from './gemm.ts';
import { handle, numbers, whole } from './handles.ts';
import type {} from './kernels.ts';
import { loss } from './loss.ts';
import { plainObservedKernels } from './observed-kernels.ts';
import { plainPhaseProducts } from './phase.ts';
import { plainRankOneProducts } from './rank-one.ts';
import { plainSensingKernels } from './sensing.ts';
import { requireResidualShapes, residualProducts } from './residual.ts';
import { createSmallWorkspace, normalEquations, plainBlocks, posvRight, requireNormalEquations } from './small-solves.ts';
import { sddmm, sddmmPair, spmm } from './sparse-kernels.ts';
import { blockedCholesky, blockedSolve } from './triangular.ts';

/** Every extra kernel of the cpu devices, beside `host`. */
export const extraKernelNames = [
  'normalEquations', 'nrm2', 'ger', 'syrk', 'trsm', 'potrf', 'residualProducts', 'residualAdjoint', 'seededResidualAdjoint', 'latticeResidualAdjoint', 'latticeNormal', 'rankOneProducts', 'phaseProducts', 'observedResidual', 'observedProduct', 'observedCurvature', 'observedCurvatureProduct', 'divideByRoot', 'loss', 'geqr', 'gesvd',
] as const;

/** All kernels that are functions, but for those that are for devices without `host`. */
export type KernelFunctions = Required<Omit<Kernels, 'host' | 'immediate' | 'planeLoss' | `ensemble/${string}`>>;

export function plainKernels(dtype: Dtype): KernelFunctions & Kernels {
  const work = createSmallWorkspace();
  const blocks = plainBlocks(work);
  const kernels: KernelFunctions = {
    ...plainObservedKernels,
    ...plainSensingKernels(numbers),
    rankOneProducts: plainRankOneProducts(handle),
    phaseProducts: plainPhaseProducts(numbers),
    copy: (x, out) => {
      numbers(out).set(numbers(x));
    },
    fill: (out, value) => {
      numbers(out).fill(value);
    },
    axpy: (alpha, x, out) => {
      axpy(alpha, numbers(x), numbers(out));
    },
    scal: (alpha, out) => {
      scale(alpha, numbers(out));
    },
    dot: (x, y, out, at = 0) => {
      numbers(out)[at] = dot(numbers(x), numbers(y));
    },
    nrm2: (x, out, at = 0) => {
      numbers(out)[at] = norm(numbers(x));
    },
    ger: (alpha, x, y, out) => {
      ger(alpha, numbers(x), numbers(y), numbers(out));
    },
    gemm: (ta, tb, alpha, a, b, beta, out) => {
      gemm(ta, tb, alpha, handle(a), handle(b), beta, handle(out));
    },
    gemv: (t, alpha, a, x, beta, out) => {
      gemv(t, alpha, handle(a), numbers(x), beta, numbers(out));
    },
    syrk: (t, alpha, a, beta, out) => {
      syrk(t, alpha, handle(a), beta, handle(out));
    },
    trsm: (side, t, l, b, out) => {
      numbers(out).set(numbers(b));
      blockedSolve(blocks, side, t, l.rows, handle(l), out.rows, out.cols, handle(out));
    },
    potrf: (a, shift, out) => {
      numbers(out).set(numbers(a));
      finishCholesky(out.rows, shift, () => numbers(out), () => blockedCholesky(blocks, out.rows, handle(out)));
    },
    residualProducts: (target, u, v, scale, b, left, c, right, out, at = 0) => {
      requireResidualShapes(target, u, v, b, left, c, right, out, at);
      const host = (x: Mat | undefined) => x && handle(x);
      numbers(out)[at] = residualProducts(handle(target), handle(u), handle(v), scale, host(b), host(left), host(c), host(right));
    },
    posvRight: (a, shift, b, out) => {
      posvRight(work, handle(a), shift, handle(b), handle(out));
    },
    sddmm: (row, col, u, v, out) => {
      sddmm(whole(row).data, whole(col).data, handle(u), handle(v), numbers(out));
    },
    sddmmPair: (row, col, u, v, du, dv, out) => {
      sddmmPair(whole(row).data, whole(col).data, handle(u), handle(v), handle(du), handle(dv), numbers(out));
    },
    spmm: (row, col, values, b, out, transposed) => {
      spmm(whole(row).data, whole(col).data, numbers(values), handle(b), handle(out), transposed);
    },
    mul: (x, y, out) => {
      multiplyEntries(numbers(x), numbers(y), numbers(out));
    },
    divideByRoot: (x, y, shift, out) => {
      divideByRoot(numbers(x), numbers(y), shift, numbers(out));
    },
    geqr: (a, q, r) => {
      geqr(handle(a), handle(q), handle(r));
    },
    gesvd: (a, u, s, v) => {
      gesvd(handle(a), handle(u), () => numbers(s), handle(v));
    },
    loss: (kind, parameters, x, y, value, first, second) => {
      loss(kind, numbers(parameters), numbers(x), numbers(y), value && numbers(value), first && numbers(first), second && numbers(second));
    },
    normal: (key, out) => {
      normals(key, numbers(out));
    },
    latticeNormal: (key, out) => {
      latticeNormals(key, numbers(out));
    },
    normalEquations: (pointers, index, values, weights, v, shift, out) => {
      requireNormalEquations(pointers, index, values, weights, v, out);
      normalEquations(work, whole(pointers).data, whole(index).data, numbers(values), weights === undefined ? undefined : numbers(weights), handle(v), shift, handle(out));
    },
  };
  return dtype === 'f64' ? { ...kernels, host: true } : kernels;
}

/** Around the factorisation of a copy: the shift before, zeros above the diagonal or NaN everywhere after. `data` looks the numbers up: memory may move. */
export function finishCholesky(n: number, shift: number, data: () => Numbers, factorise: () => boolean): void {
  const before = data();
  for (let i = 0; i < n; i++) before[i * n + i]! += shift;
  const positive = factorise();
  const after = data();
  if (!positive) after.fill(NaN);
  else for (let i = 0; i < n; i++) after.fill(0, i * n + i + 1, (i + 1) * n);
}

/** The extra kernels as plain functions of unwrapped arguments, for devices that lend them (the asynchronous test device does). */
export const hostKernels = {
  divideByRoot,
  loss,
  geqr,
  gesvd: (a: HostMatrix, u: HostMatrix, s: Numbers, v: HostMatrix): void => {
    gesvd(a, u, () => s, v);
  },
  normalEquations: (pointers: Int32Array, index: Int32Array, values: Numbers, weights: Numbers | undefined, v: HostMatrix, shift: number, out: HostMatrix): void => {
    normalEquations(createSmallWorkspace(), pointers, index, values, weights, v, shift, out);
  },
};
