/**
 * The Hessian at a point on the complement of the symmetry directions: P H P with P = I - Q Q^T.
 */
import type { Context, Problem, Vec } from '@lowland/core';
import { type Matrix, matrix, orthonormalize, type SymmetricOperator } from '@lowland/linalg';

export type SecondOrder = 'gradient' | 'hessianVectorProduct' | 'value';
export type Aids = 'symmetry' | 'scale' | 'factors' | 'target';

export interface DeflatedHessian {
  readonly size: number;
  /** Orthonormal columns: the tangent of the orbit at the point, by SVD with relative cut 1e-8. */
  readonly orbit: Matrix;
  /** out = H v */
  raw(v: Float64Array, out: Float64Array): void;
  /** H: for Lanczos, which stays on the complement of `orbit` by itself when told to deflate it. */
  readonly whole: SymmetricOperator;
  /** P H P */
  readonly operator: SymmetricOperator;
  /** v := P v */
  project(v: Float64Array): void;
}

/** The Hessian at `point` with the directions of the symmetry group, if the objective names one, projected out on both sides. */
export function deflatedHessian(context: Context<SecondOrder, Aids>, point: Vec): DeflatedHessian {
  const { problem, device } = context;
  const size = point.length;
  const orbit = orbitTangent(context, point);
  const v = context.scratch();
  const out = context.scratch();
  const hold = new Float64Array(size);
  const project = (x: Float64Array): void => {
    // Twice: the second pass removes what rounding of the first left.
    removeSpan(orbit, x);
    removeSpan(orbit, x);
  };
  const raw = (x: Float64Array, to: Float64Array): void => {
    device.write(v, x);
    problem.hessianVectorProduct(point, v, out);
    to.set(device.host!(out));
  };
  return {
    size,
    orbit,
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

function orbitTangent(context: Context<SecondOrder, Aids>, point: Vec): Matrix {
  const symmetry = (context.problem as Partial<Pick<Problem<'symmetry'>, 'symmetry'>>).symmetry;
  const count = symmetry?.dimension ?? 0;
  const directions = matrix(point.length, count);
  if (symmetry === undefined || count === 0) return directions;
  const out = context.scratch();
  for (let k = 0; k < count; k++) {
    symmetry.generator(point, k, out);
    const column = context.device.host!(out);
    for (let i = 0; i < point.length; i++) directions.data[i * count + k] = column[i]!;
  }
  return orthonormalize(directions, 1e-8);
}

/** x := x - Q (Q^T x) */
function removeSpan(q: Matrix, x: Float64Array): void {
  const { rows, cols, data } = q;
  if (cols === 0) return;
  const inner = new Float64Array(cols);
  for (let i = 0, p = 0; i < rows; i++) for (let k = 0; k < cols; k++, p++) inner[k]! += data[p]! * x[i]!;
  for (let i = 0, p = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < cols; k++, p++) sum += data[p]! * inner[k]!;
    x[i]! -= sum;
  }
}

/**
 * P H P + shift Q Q^T, dense and symmetrised: n Hessian-vector products. With a shift above the spectral norm its lowest
 * n - q eigenvalues are those of the Hessian on the complement.
 */
export function denseOnComplement({ size, orbit, operator }: Pick<DeflatedHessian, 'size' | 'orbit' | 'operator'>, shift: number): Matrix {
  const dense = matrix(size, size);
  const unit = new Float64Array(size);
  const column = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    unit.fill(0);
    unit[j] = 1;
    operator.apply(unit, column);
    for (let i = 0; i < size; i++) dense.data[i * size + j] = column[i]!;
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let outer = 0;
      for (let k = 0; k < orbit.cols; k++) outer += orbit.data[i * orbit.cols + k]! * orbit.data[j * orbit.cols + k]!;
      const mean = (dense.data[i * size + j]! + dense.data[j * size + i]!) / 2 + shift * outer;
      dense.data[i * size + j] = mean;
      dense.data[j * size + i] = mean;
    }
  }
  return dense;
}
