/** The two matrices of a generalised eigenvalue problem, on the host and on a device. */
import { LowlandError, type DataMap, type Device, type Mat, type Memory } from '@lowland/core';
import { cholesky, gram, matrix, solveLower, solveLowerTransposed, symmetricEigen, transpose, type Matrix } from '@lowland/linalg';

import { newMatrix, newVector } from '../factored/term.ts';

export interface Pencil {
  readonly size: number;
  /** A itself, or the rows C of A = C^T C. */
  readonly a: { readonly kind: 'symmetric' | 'rows'; readonly matrix: Matrix };
  /** Positive definite; absent where it is the identity. */
  readonly b: Matrix | undefined;
}

/** Eigenvalues, descending, and eigenvectors as columns, orthonormal in B. */
export interface Spectrum {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

/** x with A x = lambda B x: eigenvectors of L^-1 A L^-T, B = L L^T. */
export function spectrumOf({ a, b }: Pencil): Spectrum {
  const dense = a.kind === 'rows' ? gram(a.matrix) : a.matrix;
  if (b === undefined) return symmetricEigen(dense);
  const l = cholesky(b)!;
  const half = solveLower(l, dense);
  const white = solveLower(l, transpose(half));
  for (let i = 0; i < white.rows; i++) for (let j = 0; j < i; j++) white.data[j * white.cols + i] = white.data[i * white.cols + j]!;
  const { values, vectors } = symmetricEigen(white);
  return { values, vectors: solveLowerTransposed(l, vectors) };
}

/** (M + M^T)/2. @throws LOWLAND_E_NOT_SYMMETRIC unless M is square and symmetric to 1e-12 of its largest entry */
export function symmetricMatrix(what: string, { rows, cols, values }: DataMap['matrix']): Matrix {
  const refuse = (found: string): never => {
    throw new LowlandError('LOWLAND_E_NOT_SYMMETRIC', `${what} is symmetric; ${found}.`);
  };
  if (rows !== cols) refuse(`a ${rows} x ${cols} matrix was given`);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const out = matrix(rows, rows, values.slice());
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const [one, other] = [values[i * rows + j]!, values[j * rows + i]!];
      if (Math.abs(one - other) > 1e-12 * largest) refuse(`entries (${i}, ${j}) and (${j}, ${i}) are ${one} and ${other}`);
      out.data[i * rows + j] = out.data[j * rows + i] = (one + other) / 2;
    }
  }
  return out;
}

export interface BoundPencil {
  /** A x, into scratch that the next call with the same place overwrites. */
  a(x: Mat, place: 0 | 1): Mat;
  /** B x likewise; x itself where B is the identity. */
  b(x: Mat, place: 0 | 1): Mat;
}

/** Products with A and B for blocks of `rank` columns. */
export function bindPencil({ size, a, b }: Pencil, rank: number, device: Device, memory: Memory): BoundPencil {
  const { gemm } = device.kernels;
  const upload = (m: Matrix): Mat => device.matrix(newVector(device, memory, m.data), 0, m.rows, m.cols);
  const pair = (rows: number) => [newMatrix(device, memory, rows, rank), newMatrix(device, memory, rows, rank)] as const;
  const [aMatrix, bMatrix] = [upload(a.matrix), b && upload(b)];
  const inner = a.kind === 'rows' ? newMatrix(device, memory, a.matrix.rows, rank) : undefined;
  const [aOut, bOut] = [pair(size), bMatrix && pair(size)];
  return {
    a(x, place) {
      const out = aOut[place];
      if (inner === undefined) gemm('N', 'N', 1, aMatrix, x, 0, out);
      else {
        gemm('N', 'N', 1, aMatrix, x, 0, inner);
        gemm('T', 'N', 1, aMatrix, inner, 0, out);
      }
      return out;
    },
    b(x, place) {
      if (bMatrix === undefined || bOut === undefined) return x;
      gemm('N', 'N', 1, bMatrix, x, 0, bOut[place]);
      return bOut[place];
    },
  };
}
