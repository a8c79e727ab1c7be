/**
 * The Hessian at a point on the complement of the symmetry directions: P H P with P = I - Q Q^T. On a manifold the directions that leave it
 * are left out with them.
 */
import { type Context, LowlandError, type Vec } from '@lowland/core';
import { joinColumns, type Matrix, matrix, symmetricEigenvalues, type SymmetricOperator } from '@lowland/linalg';

import { orbitTangent } from './orbit-tangent.ts';
import { walkOf } from './walk.ts';

export type SecondOrder = 'gradient' | 'hessianVectorProduct' | 'value';
export type Aids = 'symmetry' | 'scale' | 'factors' | 'target' | 'geometry' | 'hessianVectorProducts';

export interface DeflatedHessian {
  readonly size: number;
  /** Orthonormal columns: the tangent of the orbit at the point, by SVD with relative cut 1e-8. */
  readonly orbit: Matrix;
  /** Q: `orbit`, and before it the normals of the manifold, if there is one. */
  readonly apart: Matrix;
  /** out = H v */
  raw(v: Float64Array, out: Float64Array): void;
  /** H: for Lanczos, which stays on the complement of `apart` by itself when told to deflate it. */
  readonly whole: SymmetricOperator;
  /** P H P */
  readonly operator: SymmetricOperator;
  /** v := P v */
  project(v: Float64Array): void;
}

/**
 * The Hessian at `point` with the directions of the symmetry group, if the objective names one, projected out on both sides.
 *
 * @throws LOWLAND_E_MANIFOLD as `walkOf`, LOWLAND_E_MEMORY as `orbitTangent`
 */
export function deflatedHessian(context: Context<SecondOrder, Aids>, point: Vec): DeflatedHessian {
  const size = point.length;
  const orbit = orbitTangent(context, point);
  const normals = walkOf(context).normalsAt(point);
  const apart = normals.cols === 0 ? orbit : joinColumns(normals, orbit);
  const raw = productAt(context, point);
  const hold = new Float64Array(size);
  const project = (x: Float64Array): void => {
    removeSpan(apart, x);
  };
  return {
    size,
    orbit,
    apart,
    raw,
    project,
    whole: { size, apply: raw },
    operator: {
      size,
      apply(x, to) {
        hold.set(x);
        project(hold);
        raw(hold, to);
        project(to);
      },
    },
  };
}

/**
 * (v, out) -> out = H v on host arrays.
 *
 * @throws LOWLAND_E_NOT_FINITE (the product) where f has no second derivatives
 */
export function productAt({ problem, device, scratch }: Context<SecondOrder>, point: Vec): (v: Float64Array, out: Float64Array) => void {
  const v = scratch();
  const image = scratch();
  return (x, out) => {
    device.write(v, x);
    problem.hessianVectorProduct(point, v, image);
    out.set(device.host!(image));
    requireFinite(out);
  };
}

/** Directions that are multiplied at once, at most: what they share is then an eighth of each. */
const together = 8;

/** (vs, outs) -> outs[j] = H vs[j] on host arrays, at once where the objective has that. @throws as `productAt` */
export function productsAt({ problem, device, scratch }: Context<SecondOrder, 'hessianVectorProducts'>, point: Vec): (vs: readonly Float64Array[], outs: readonly Float64Array[]) => void {
  const n = point.length;
  let held: { readonly v: Vec; readonly image: Vec } | undefined;
  return (xs, outs) => {
    held ??= { v: scratch(together * n), image: scratch(together * n) };
    for (let from = 0; from < xs.length; from += together) {
      const some = xs.slice(from, from + together);
      const [v, image] = [device.view(held.v, 0, some.length * n), device.view(held.image, 0, some.length * n)];
      const packed = new Float64Array(some.length * n);
      some.forEach((x, j) => { packed.set(x, j * n); });
      device.write(v, packed);
      // one alone shares nothing, and has faster ways
      if (some.length === 1) problem.hessianVectorProduct(point, v, image);
      else problem.hessianVectorProducts!(point, v, image);
      const all = device.host!(image);
      requireFinite(all);
      some.forEach((_, j) => { outs[from + j]!.set(all.subarray(j * n, (j + 1) * n)); });
    }
  };
}

function requireFinite(product: Float64Array): void {
  for (const entry of product) {
    if (!Number.isFinite(entry)) throw new LowlandError('LOWLAND_E_NOT_FINITE', 'The Hessian is not finite at this point: the objective has no second derivatives there. Choose another point, or an objective that is smooth.');
  }
}

/** x := x - Q (Q^T x), twice: the second pass removes what rounding of the first left. */
export function removeSpan({ rows, cols, data }: Matrix, x: Float64Array): void {
  if (cols === 0) return;
  const inner = new Float64Array(cols);
  for (let pass = 0; pass < 2; pass++) {
    inner.fill(0);
    for (let i = 0, p = 0; i < rows; i++) for (let k = 0; k < cols; k++, p++) inner[k]! += data[p]! * x[i]!;
    for (let i = 0, p = 0; i < rows; i++) {
      let sum = 0;
      for (let k = 0; k < cols; k++, p++) sum += data[p]! * inner[k]!;
      x[i]! -= sum;
    }
  }
}

/** A dense Hessian on the complement of directions Q. */
export interface DenseOnComplement {
  /** P H P + shift Q Q^T, symmetrised, with a shift above the spectral norm: its lowest n - q eigenvalues are those on the complement. */
  readonly matrix: Matrix;
  /** The largest sum of a row of |P H P|, which no eigenvalue exceeds; 0 where all is zero to the last bit, and the shift is 1. */
  readonly bound: number;
}

/** n Hessian-vector products. */
export function denseOnComplement({ size, apart, operator }: Pick<DeflatedHessian, 'size' | 'apart' | 'operator'>): DenseOnComplement {
  const dense = matrix(size, size);
  const { data } = dense;
  const unit = new Float64Array(size);
  const column = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    unit.fill(0);
    unit[j] = 1;
    operator.apply(unit, column);
    for (let i = 0; i < size; i++) data[i * size + j] = column[i]!;
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) data[i * size + j] = data[j * size + i] = (data[i * size + j]! + data[j * size + i]!) / 2;
  const bound = largestRowSum(dense);
  const shift = 2 * bound || 1;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let outer = 0;
      for (let k = 0; k < apart.cols; k++) outer += apart.data[i * apart.cols + k]! * apart.data[j * apart.cols + k]!;
      const shifted = data[i * size + j]! + shift * outer;
      data[i * size + j] = shifted;
      data[j * size + i] = shifted;
    }
  }
  return { matrix: dense, bound };
}

/** The eigenvalues on the complement, ascending: of a matrix that vanishes exact zeros, without what the shift would leave. */
export function eigenvaluesOnComplement(parts: Pick<DeflatedHessian, 'size' | 'apart' | 'operator'>): Float64Array {
  const { matrix: dense, bound } = denseOnComplement(parts);
  const count = parts.apart.cols;
  return bound === 0 ? new Float64Array(parts.size - count) : symmetricEigenvalues(dense).slice(count).reverse();
}

function largestRowSum({ rows, cols, data }: Matrix): number {
  let most = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += Math.abs(data[i * cols + j]!);
    most = Math.max(most, sum);
  }
  return most;
}
