/**
 * The quadratic form c |a(X)|^2 of measurements, c as the objective has it, known by its gradient: G(X) - G(0) = c a*(a(X)) for the gradient G of the loss.
 */
import { createPoint, type Layout, type Lift } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

/** X = sum of values_i left_i right_i^T over the columns; right is left for symmetric X, whose values may be negative. */
export interface Components {
  readonly values: Float64Array;
  readonly left: Matrix;
  readonly right: Matrix;
}

export interface MeasuredForm {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly measurements: number;
  /** Of the space of X: n (n + 1)/2 symmetric matrices, or rows cols; and the places of its basis, upper triangles of symmetric ones. */
  readonly dimension: number;
  readonly places: readonly (readonly [row: number, col: number])[];
  /** A proved upper bound of c |a(X)|^2 / |X|_F^2. */
  readonly most: number;
  /** c a*(a(X)), dense. */
  image(x: Components): Matrix;
}

/** @param lift of least squares */
export function measuredForm(layout: Layout, lift: Lift): MeasuredForm {
  const { rows, cols } = lift;
  const symmetric = lift.kind === 'psd';
  const origin = createPoint(layout);
  const zero = lift.at(origin);
  const columns = layout.blocks[0]!.shape[1] ?? 1;
  const offset = dense(zero.apply);

  return {
    symmetric,
    rows,
    cols,
    measurements: zero.residual.length,
    dimension: symmetric ? (rows * (rows + 1)) / 2 : rows * cols,
    places: Array.from({ length: rows }, (_, i) => Array.from({ length: symmetric ? rows - i : cols }, (_unused, k) => [i, symmetric ? i + k : k] as const)).flat(),
    most: lift.smoothness,
    image({ values, left, right }) {
      const sum = matrix(rows, cols);
      values.forEach((value, i) => {
        // one column of the factors, the others zero
        const x = createPoint(layout);
        for (let k = 0; k < rows; k++) x.data[k * columns] = left.data[k * left.cols + i]!;
        if (!symmetric) for (let k = 0; k < cols; k++) x.data[(rows + k) * columns] = right.data[k * right.cols + i]!;
        dense(lift.at(x).apply).data.forEach((entry, e) => (sum.data[e]! += value * (entry - offset.data[e]!)));
      });
      return sum;
    },
  };

  function dense(apply: ReturnType<Lift['at']>['apply']): Matrix {
    const out = matrix(rows, cols);
    const [unit, column] = [new Float64Array(cols), new Float64Array(rows)];
    for (let j = 0; j < cols; j++) {
      unit[j] = 1;
      apply(unit, column, false);
      unit[j] = 0;
      for (let i = 0; i < rows; i++) out.data[i * cols + j] = column[i]!;
    }
    return out;
  }
}

/** The form as a matrix on an orthonormal basis: E_ii and (E_ij + E_ji)/sqrt 2 of symmetric X, else E_ij. */
export function gramOf(form: MeasuredForm): Matrix {
  const { symmetric, rows, cols, dimension } = form;
  const out = matrix(dimension, dimension);
  const unit = (length: number, entries: readonly (readonly [number, number])[]): Matrix => {
    const column = matrix(length, 1);
    for (const [at, value] of entries) column.data[at] = value;
    return column;
  };
  form.places.forEach(([i, j], b) => {
    let image: Matrix;
    if (!symmetric) image = form.image({ values: Float64Array.of(1), left: unit(rows, [[i, 1]]), right: unit(cols, [[j, 1]]) });
    else if (i === j) image = form.image({ values: Float64Array.of(1), left: unit(rows, [[i, 1]]), right: unit(rows, [[i, 1]]) });
    else {
      // e_i e_j^T + e_j e_i^T = ((e_i + e_j)(e_i + e_j)^T - (e_i - e_j)(e_i - e_j)^T) / 2
      const both = matrix(rows, 2);
      both.data[2 * i] = both.data[2 * i + 1] = both.data[2 * j] = 1;
      both.data[2 * j + 1] = -1;
      image = form.image({ values: Float64Array.of(Math.SQRT1_2 / 2, -Math.SQRT1_2 / 2), left: both, right: both });
    }
    out.data.set(coordinates(form, image), b * dimension);
  });
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < i; j++) out.data[i * dimension + j] = out.data[j * dimension + i] = (out.data[i * dimension + j]! + out.data[j * dimension + i]!) / 2;
  }
  return out;
}

/** Of a matrix on the basis of `gramOf`. */
export function coordinates(form: MeasuredForm, x: Matrix): Float64Array {
  const { symmetric, cols } = form;
  return Float64Array.from(form.places, ([i, j]) => (symmetric && i !== j ? Math.SQRT1_2 * (x.data[i * cols + j]! + x.data[j * cols + i]!) : x.data[i * cols + j]!));
}

/** The matrix with these coordinates. */
export function matrixAt(form: MeasuredForm, numbers: Float64Array): Matrix {
  const { symmetric, rows, cols } = form;
  const x = matrix(rows, cols);
  form.places.forEach(([i, j], b) => {
    if (!symmetric || i === j) x.data[i * cols + j] = numbers[b]!;
    else x.data[i * cols + j] = x.data[j * cols + i] = Math.SQRT1_2 * numbers[b]!;
  });
  return x;
}
