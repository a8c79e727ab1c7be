import { LowlandError } from '@lowland/core';

import { hostGram, hostProduct } from './factor/host-product.ts';
import { matrix, type LinearOperator, type Matrix, type SymmetricOperator } from './matrix.ts';

export interface MultiplyOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * The product op(A)·op(B), where op transposes if asked: Aᵀ with `transposeA`, Bᵀ with `transposeB`. Every entry sums in the order
 * of the inner index (sums of 4096 products are added), so its bits depend on its row and column alone.
 *
 * @throws LOWLAND_E_SHAPE when the inner sides differ.
 */
export function multiply(a: Matrix, b: Matrix, { transposeA = false, transposeB = false }: MultiplyOptions = {}): Matrix {
  const [m, k, aRow, aCol] = transposeA ? [a.cols, a.rows, 1, a.cols] : [a.rows, a.cols, a.cols, 1];
  const [inner, n, bRow, bCol] = transposeB ? [b.cols, b.rows, 1, b.cols] : [b.rows, b.cols, b.cols, 1];
  if (k !== inner) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Cannot multiply ${m} × ${k} by ${inner} × ${n}: the inner sides differ.`);
  }
  const c = matrix(m, n);
  hostProduct(m, n, k, a.data, aRow, aCol, b.data, bRow, bCol, c.data);
  return c;
}

/** AᵀA, exactly symmetric: one triangle is computed. */
export function gram(a: Matrix): Matrix {
  const n = a.cols;
  const g = matrix(n, n);
  hostGram(a.rows, n, a.data, g.data);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) g.data[j * n + i] = g.data[i * n + j]!;
  return g;
}

/** out = A x. Bound by memory: 2 flops for each 8 bytes of A. */
export function multiplyVector(a: Matrix, x: Float64Array, out: Float64Array): void {
  const { rows, cols, data } = a;
  const whole = cols - (cols % 4);
  for (let i = 0; i < rows; i++) {
    const at = i * cols;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < whole; j += 4) {
      s0 += data[at + j]! * x[j]!;
      s1 += data[at + j + 1]! * x[j + 1]!;
      s2 += data[at + j + 2]! * x[j + 2]!;
      s3 += data[at + j + 3]! * x[j + 3]!;
    }
    for (let j = whole; j < cols; j++) s0 += data[at + j]! * x[j]!;
    out[i] = s0 + s1 + (s2 + s3);
  }
}

/** out = Aᵀ x, four rows at a time, added in their order. Bound by memory: 2 flops for each 8 bytes of A. */
export function multiplyTransposedVector(a: Matrix, x: Float64Array, out: Float64Array): void {
  const { rows, cols, data } = a;
  out.fill(0, 0, cols);
  const whole = rows - (rows % 4);
  for (let i = 0; i < whole; i += 4) {
    const p0 = i * cols;
    const [p1, p2, p3] = [p0 + cols, p0 + 2 * cols, p0 + 3 * cols];
    const [x0, x1, x2, x3] = [x[i]!, x[i + 1]!, x[i + 2]!, x[i + 3]!];
    for (let j = 0; j < cols; j++) out[j] = out[j]! + x0 * data[p0 + j]! + x1 * data[p1 + j]! + x2 * data[p2 + j]! + x3 * data[p3 + j]!;
  }
  for (let i = whole; i < rows; i++) {
    const at = i * cols;
    const xi = x[i]!;
    for (let j = 0; j < cols; j++) out[j] = out[j]! + xi * data[at + j]!;
  }
}

/** A matrix as an operator. */
export function matrixOperator(a: Matrix): LinearOperator {
  return {
    rows: a.rows,
    cols: a.cols,
    apply: (x, out) => multiplyVector(a, x, out),
    applyTransposed: (x, out) => multiplyTransposedVector(a, x, out),
  };
}

/** A symmetric matrix as an operator. @throws LOWLAND_E_SHAPE when it is not square. */
export function symmetricOperator(a: Matrix): SymmetricOperator {
  if (a.rows !== a.cols) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A symmetric operator cannot be ${a.rows} × ${a.cols}.`);
  }
  return { size: a.rows, apply: (x, out) => multiplyVector(a, x, out) };
}

/** Aᵀ as an operator. */
export function transposedOperator(a: LinearOperator): LinearOperator {
  return { rows: a.cols, cols: a.rows, apply: a.applyTransposed.bind(a), applyTransposed: a.apply.bind(a) };
}

/** The Gram operator of the smaller side: A Aᵀ when rows ≤ cols, else AᵀA. Its eigenvalues are the squared singular values. */
export function gramOperator(a: LinearOperator): SymmetricOperator {
  const wide = a.rows <= a.cols;
  const middle = new Float64Array(Math.max(a.rows, a.cols));
  return {
    size: Math.min(a.rows, a.cols),
    apply(x, out) {
      if (wide) {
        a.applyTransposed(x, middle);
        a.apply(middle, out);
      } else {
        a.apply(x, middle);
        a.applyTransposed(middle, out);
      }
    },
  };
}

/** A B for an operator A, column by column. */
export function applyToColumns(a: LinearOperator, b: Matrix, transposed = false): Matrix {
  const [rows, inner] = transposed ? [a.cols, a.rows] : [a.rows, a.cols];
  if (b.rows !== inner) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Cannot apply a ${rows} × ${inner} operator to ${b.rows} × ${b.cols}.`);
  }
  const out = matrix(rows, b.cols);
  const x = new Float64Array(inner);
  const y = new Float64Array(rows);
  for (let j = 0; j < b.cols; j++) {
    for (let i = 0; i < inner; i++) x[i] = b.data[i * b.cols + j]!;
    if (transposed) a.applyTransposed(x, y);
    else a.apply(x, y);
    for (let i = 0; i < rows; i++) out.data[i * b.cols + j] = y[i]!;
  }
  return out;
}
