import { createPoint, LowlandError, type Device, type GeometryOps, type KernelName, type Layout, type Manifold, type Mat, type Memory, type Point, type Vec } from '@lowland/core';
import { matrix, multiply, thinSvd } from '@lowland/linalg';

import { newMatrix } from '../factored/term.ts';

/** A point must be orthonormal to this; what f32 has rounded is, and is brought back. */
const near = 1e-4;
/** What is orthonormal to this stays as it is. */
const exact = 1e-12;

/**
 * The Stiefel manifold of n x p matrices with X^T X = I (p <= n), of dimension np - p(p + 1)/2; for p = 1 the unit sphere.
 *
 * @param name in messages and plans
 */
export function stiefelManifold(name: string, n: number, p: number): Manifold {
  return {
    name,
    dimension: n * p - (p * (p + 1)) / 2,
    admit(point) {
      const off = departure(point, n, p);
      if (off <= exact) return point;
      if (off <= near) return nearestOrthonormal(point, n, p)!;
      throw new LowlandError('LOWLAND_E_POINT', `The start is not on the manifold (${name}): |X^T X - I| is ${off.toExponential(1)}, more than rounding. Normalise it first.`, {
        details: { departure: off },
      });
    },
  };
}

/** The largest entry of |X^T X - I|. */
function departure({ data }: Point, n: number, p: number): number {
  const x = matrix(n, p, data);
  return multiply(x, x, { transposeA: true }).data.reduce((most, entry, k) => Math.max(most, Math.abs(entry - Number(k % (p + 1) === 0))), 0);
}

/** The polar factor: of all orthonormal matrices the nearest. Undefined where X has not full rank. */
export function nearestOrthonormal({ layout, data }: Point, n: number, p: number): Point | undefined {
  if (!data.every(Number.isFinite)) return undefined;
  const { u, s, v } = thinSvd(matrix(n, p, data));
  if (!(s[p - 1]! > 1e-8 * s[0]!)) return undefined;
  return createPoint(layout, multiply(u, v, { transposeB: true }).data);
}

/** The geometry on a device, and what the derivatives of a function on the manifold are made of. */
export interface BoundStiefel extends GeometryOps {
  /** out = Z - X sym(X^T Z): the tangent part. */
  project(x: Vec, z: Vec, out: Vec): void;
  /** h -= V sym(X^T G): what the curvature of the manifold adds to the Euclidean Hessian along V where the Euclidean gradient is G. */
  bend(x: Vec, g: Vec, v: Vec, h: Vec): void;
}

/** What `project` and `bend` call. */
export const tangentKernels = ['copy', 'gemm'] as const satisfies readonly KernelName[];
/** What the geometry calls. */
export const geometryKernels = [...tangentKernels, 'axpy', 'dot', 'gesvd'] as const satisfies readonly KernelName[];

/**
 * In the metric of the surrounding space, <U, V> = tr U^T V:
 *
 *     tangent part   P Z = Z - X sym(X^T Z)
 *     retraction     the polar factor of X + alpha V, of second order: for p = 1 (x + alpha v)/|x + alpha v|
 *     transport      the tangent part at the new point
 *     Hess f[V]      = P (D^2 f[V] - V sym(X^T grad f))
 *
 * 4 n p^2 flops a projection; the singular values of an n x p matrix a step. Source: Edelman, Arias, Smith 1998 (arXiv physics/9806030);
 * Absil, Mahony, Sepulchre 2008, Optimization Algorithms on Matrix Manifolds.
 */
export function bindStiefel(n: number, p: number, view: (x: Vec) => Mat, device: Device, memory: Memory): BoundStiefel {
  const { axpy, copy, dot, gemm, gesvd } = device.kernels;
  const [moved, left] = [newMatrix(device, memory, n, p), newMatrix(device, memory, n, p)];
  const [small, right] = [newMatrix(device, memory, p, p), newMatrix(device, memory, p, p)];
  const values = memory.vector(p);
  const symmetricPart = (a: Mat, b: Mat): void => {
    gemm('T', 'N', 0.5, a, b, 0, small);
    gemm('T', 'N', 0.5, b, a, 1, small);
  };
  const project = (x: Vec, z: Vec, out: Vec): void => {
    symmetricPart(view(x), view(z));
    copy(z, out);
    gemm('N', 'N', -1, view(x), small, 1, view(out));
  };
  return {
    project,
    bend(x, g, v, h) {
      symmetricPart(view(x), view(g));
      gemm('N', 'N', -1, view(v), small, 1, view(h));
    },
    gradient: project,
    inner: (_x, u, v, out, at) => { dot(u, v, out, at); },
    retract(x, alpha, v, out) {
      copy(x, moved);
      axpy(alpha, v, moved);
      gesvd!(moved, left, values, right);
      gemm('N', 'T', 1, left, right, 0, view(out));
    },
    transport: (_x, y, v, out) => { project(y, v, out); },
  };
}

/** Views of whole vectors as n x p matrices, made once for each. */
export function matrixViews(device: Device, layout: Layout, n: number, p: number): (x: Vec) => Mat {
  const [block] = layout.blocks;
  if (layout.blocks.length === 1 && block!.complex !== true && block!.shape[0] === n) return (x) => device.blocks(x, layout)[block!.name]!;
  const known = new WeakMap<Vec, Mat>();
  return (x) => {
    let view = known.get(x);
    if (view === undefined) known.set(x, (view = device.matrix(x, 0, n, p)));
    return view;
  };
}
