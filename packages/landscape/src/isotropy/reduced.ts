/**
 * An objective on a subspace: g(y) = f(B y), B with orthonormal columns.
 */
import { type Matrix, matrix, multiplyVector } from '@lowland/linalg';

import type { HostModel } from '../census/host-model.ts';

/** B y */
export function lift(basis: Matrix, y: Float64Array): Float64Array {
  const out = new Float64Array(basis.rows);
  multiplyVector(basis, y, out);
  return out;
}

/** B^T x */
export function along({ rows, cols, data }: Matrix, x: Float64Array): Float64Array {
  const out = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) out[k]! += data[i * cols + k]! * x[i]!;
  return out;
}

/** grad g = B^T grad f(B y), Hess g = B^T Hess f(B y) B: one product for each of its variables. */
export function reducedModel(model: HostModel, basis: Matrix): HostModel {
  const image = new Float64Array(basis.rows);
  const reduced: HostModel = {
    size: basis.cols,
    value: (y) => model.value(lift(basis, y)),
    gradient(y, out) {
      model.gradient(lift(basis, y), image);
      out.set(along(basis, image));
    },
    product(y, v, out) {
      model.product(lift(basis, y), lift(basis, v), image);
      out.set(along(basis, image));
    },
    hessian(y, { data }) {
      const k = basis.cols;
      const x = lift(basis, y);
      for (let j = 0; j < k; j++) {
        model.product(x, Float64Array.from({ length: basis.rows }, (_, i) => basis.data[i * k + j]!), image);
        data.set(along(basis, image), j * k);
      }
      for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) data[i * k + j] = data[j * k + i] = (data[i * k + j]! + data[j * k + i]!) / 2;
    },
  };
  return reduced;
}

/** B^T H C */
export function blockBetween(left: Matrix, hessian: Matrix, right: Matrix): Matrix {
  const out = matrix(left.cols, right.cols);
  const image = new Float64Array(hessian.rows);
  for (let j = 0; j < right.cols; j++) {
    multiplyVector(hessian, Float64Array.from({ length: right.rows }, (_, i) => right.data[i * right.cols + j]!), image);
    along(left, image).forEach((value, i) => (out.data[i * right.cols + j] = value));
  }
  return out;
}
