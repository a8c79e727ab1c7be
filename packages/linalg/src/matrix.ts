import { LowlandError } from '@lowland/core';

import { norm } from './vector.ts';

/** A real matrix in one flat array, row after row: entry (i, j) is `data[i * cols + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/** A matrix known by its products. `out` never shares memory with `x` and is overwritten. */
export interface LinearOperator {
  readonly rows: number;
  readonly cols: number;
  /** out = A x: `cols` numbers in, `rows` numbers out. */
  apply(x: Float64Array, out: Float64Array): void;
  /** out = Aᵀ x: `rows` numbers in, `cols` numbers out. */
  applyTransposed(x: Float64Array, out: Float64Array): void;
}

/** A symmetric matrix known by its products. `out` never shares memory with `x` and is overwritten. */
export interface SymmetricOperator {
  readonly size: number;
  apply(x: Float64Array, out: Float64Array): void;
}

/**
 * A rows × cols matrix: zero, or over `data` (row-major, not copied).
 *
 * @throws LOWLAND_E_SHAPE when a side is no non-negative integer or `data` has another length than rows·cols, LOWLAND_E_MEMORY when there is no room.
 */
export function matrix(rows: number, cols: number, data?: Float64Array): Matrix {
  if (!Number.isInteger(rows) || !Number.isInteger(cols) || rows < 0 || cols < 0) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A matrix cannot be ${rows} × ${cols}: give two non-negative integers.`);
  }
  if (data !== undefined && data.length !== rows * cols) {
    throw new LowlandError(
      'LOWLAND_E_SHAPE',
      `A ${rows} × ${cols} matrix needs ${rows * cols} entries, but ${data.length} were given.`,
    );
  }
  return { rows, cols, data: data ?? zeros(rows, cols) };
}

function zeros(rows: number, cols: number): Float64Array {
  try {
    return new Float64Array(rows * cols);
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_MEMORY', `No memory for a dense ${rows} × ${cols} matrix, ${(8e-9 * rows * cols).toPrecision(3)} GB. Use a smaller problem.`, { cause });
  }
}

/**
 * A matrix from its rows, for small ones written out by hand.
 *
 * @throws LOWLAND_E_SHAPE when the rows differ in length.
 */
export function matrixFromRows(rows: readonly (readonly number[])[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const a = matrix(rows.length, cols);
  rows.forEach((row, i) => {
    if (row.length !== cols) {
      throw new LowlandError('LOWLAND_E_SHAPE', `Row ${i} has ${row.length} entries, but row 0 has ${cols}.`);
    }
    a.data.set(row, i * cols);
  });
  return a;
}

/** The n × n identity. */
export function identity(n: number): Matrix {
  return diagonal(new Float64Array(n).fill(1));
}

/** The square matrix with these numbers on its diagonal. */
export function diagonal(values: ArrayLike<number>): Matrix {
  const n = values.length;
  const d = matrix(n, n);
  for (let i = 0; i < n; i++) d.data[i * n + i] = values[i]!;
  return d;
}

/** A copy with its own data. */
export function copyMatrix(a: Matrix): Matrix {
  return { rows: a.rows, cols: a.cols, data: a.data.slice() };
}

/** Aᵀ, copied in square tiles so that both sides stay in the cache. */
export function transpose(a: Matrix): Matrix {
  const { rows, cols, data: from } = a;
  const out = matrix(cols, rows);
  const to = out.data;
  const tile = 16;
  for (let i0 = 0; i0 < rows; i0 += tile) {
    const height = Math.min(tile, rows - i0);
    for (let j0 = 0; j0 < cols; j0 += tile) {
      const j1 = Math.min(j0 + tile, cols);
      for (let j = j0; j < j1; j++) {
        const end = j * rows + i0 + height;
        for (let at = end - height, source = i0 * cols + j; at < end; at++, source += cols) to[at] = from[source]!;
      }
    }
  }
  return out;
}

/** alpha·A + beta·B. @throws LOWLAND_E_SHAPE when the shapes differ. */
export function add(a: Matrix, b: Matrix, alpha = 1, beta = 1): Matrix {
  if (a.rows !== b.rows || a.cols !== b.cols) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Cannot add ${a.rows} × ${a.cols} and ${b.rows} × ${b.cols}.`);
  }
  const out = matrix(a.rows, a.cols);
  for (let i = 0; i < out.data.length; i++) out.data[i] = alpha * a.data[i]! + beta * b.data[i]!;
  return out;
}

/** A − B. @throws LOWLAND_E_SHAPE when the shapes differ. */
export function subtract(a: Matrix, b: Matrix): Matrix {
  return add(a, b, 1, -1);
}

/** The columns `from` (included) to `to` (excluded), copied. */
export function columns(a: Matrix, from: number, to: number): Matrix {
  const out = matrix(a.rows, to - from);
  for (let i = 0; i < a.rows; i++) {
    out.data.set(a.data.subarray(i * a.cols + from, i * a.cols + to), i * out.cols);
  }
  return out;
}

/** Column j, copied. */
export function column(a: Matrix, j: number): Float64Array {
  const out = new Float64Array(a.rows);
  for (let i = 0; i < a.rows; i++) out[i] = a.data[i * a.cols + j]!;
  return out;
}

/** [A B], side by side. @throws LOWLAND_E_SHAPE when the numbers of rows differ. */
export function joinColumns(a: Matrix, b: Matrix): Matrix {
  if (a.rows !== b.rows) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Cannot join columns of ${a.rows} and of ${b.rows} rows.`);
  }
  const out = matrix(a.rows, a.cols + b.cols);
  for (let i = 0; i < a.rows; i++) {
    out.data.set(a.data.subarray(i * a.cols, (i + 1) * a.cols), i * out.cols);
    out.data.set(b.data.subarray(i * b.cols, (i + 1) * b.cols), i * out.cols + a.cols);
  }
  return out;
}

/** A·diag(values): column j times `values[j]`. */
export function scaleColumns(a: Matrix, values: ArrayLike<number>): Matrix {
  const out = matrix(a.rows, a.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) out.data[i * a.cols + j] = a.data[i * a.cols + j]! * values[j]!;
  }
  return out;
}

/** The Frobenius norm √Σ aᵢⱼ²; does not overflow where the result is representable. */
export function frobeniusNorm(a: Matrix): number {
  return norm(a.data);
}

/** The sum of the diagonal. */
export function trace(a: Matrix): number {
  let sum = 0;
  for (let i = 0; i < Math.min(a.rows, a.cols); i++) sum += a.data[i * a.cols + i]!;
  return sum;
}

/** @throws LOWLAND_E_NOT_FINITE naming the first entry that is NaN or infinite. */
export function requireFinite(a: Matrix, what: string): void {
  const { data } = a;
  // Zero times a finite number is zero, times any other NaN: no branches in the pass that nearly always suffices.
  const even = data.length - (data.length % 2);
  let [s0, s1] = [0, 0];
  for (let i = 0; i < even; i += 2) {
    s0 += 0 * data[i]!;
    s1 += 0 * data[i + 1]!;
  }
  if (even < data.length) s0 += 0 * data[even]!;
  if (s0 + s1 === 0) return;
  const bad = data.findIndex((v) => !Number.isFinite(v));
  throw new LowlandError(
    'LOWLAND_E_NOT_FINITE',
    `${what} needs finite numbers, but entry (${Math.floor(bad / a.cols)}, ${bad % a.cols}) of the ${a.rows} × ${a.cols} matrix is ${a.data[bad]!}.`,
  );
}

/** @throws LOWLAND_E_SHAPE when the matrix is not square. */
export function requireSquare(a: Matrix, what: string): void {
  if (a.rows === a.cols) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `${what} needs a square matrix, but this one is ${a.rows} × ${a.cols}.`);
}
