import { normals, streamKey } from '@lowland/core';

import { columns, frobeniusNorm, identity, matrix, scaleColumns, subtract, type Matrix } from '../src/matrix.ts';
import { gram, multiply } from '../src/multiply.ts';
import { thinQr } from '../src/qr.ts';

export const epsilon = 2 ** -52;

export const filled = (rows: number, cols: number, entry: (i: number, j: number) => number): Matrix => {
  const a = matrix(rows, cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) a.data[i * cols + j] = entry(i, j);
  return a;
};

/** Zero for what is so small that its square vanishes: such spectra have tests of their own. */
export const normal = (x: number): number => (Math.abs(x) < 1e-100 ? 0 : x);

/** Independent standard normal entries. */
export const gaussian = (rows: number, cols: number, seed: number): Matrix => {
  const a = matrix(rows, cols);
  normals(streamKey(seed, 'fixture', rows * 10_000 + cols), a.data);
  return a;
};

/** Random orthonormal columns. */
export const randomBasis = (rows: number, cols: number, seed: number): Matrix => thinQr(gaussian(rows, cols, seed)).q;

/** Q diag(values) Qᵀ with a random orthogonal Q, exactly symmetric. */
export const withSpectrum = (values: readonly number[], seed: number): Matrix => {
  const q = randomBasis(values.length, values.length, seed);
  const a = multiply(scaleColumns(q, values), q, { transposeB: true });
  return filled(a.rows, a.cols, (i, j) => (a.data[i * a.cols + j]! + a.data[j * a.cols + i]!) / 2);
};

/** A rows × cols matrix with the given singular values (at most min(rows, cols) of them). */
export const withSingularValues = (rows: number, cols: number, values: readonly number[], seed: number): Matrix => {
  const u = randomBasis(rows, values.length, seed);
  const v = columns(randomBasis(cols, values.length, seed + 1), 0, values.length);
  return multiply(scaleColumns(u, values), v, { transposeB: true });
};

/** ‖QᵀQ − I‖_F */
export const defect = (q: Matrix): number => frobeniusNorm(subtract(gram(q), identity(q.cols)));

/** Entries that break careless decompositions: exactly structured low rank, gradings, over- and underflow, multiplicities. */
export const families: Readonly<Record<string, (i: number, j: number) => number>> = {
  ones: () => 1,
  'rank 2 of integers': (i, j) => i + j,
  'low rank of small integers': (i, j) => ((i * 7) % 5) * ((j * 3) % 4) - ((i * 3) % 4) * ((j * 11) % 7),
  'rows repeated': (i, j) => ((i % 3) * j) % 5,
  hilbert: (i, j) => 1 / (i + j + 1),
  graded: (i, j) => Math.sin(i * 40 + j) * 10 ** (-8 * (i + j)),
  'graded upwards': (i, j) => 10 ** (2 * (i + j) - 200),
  kahan: (i, j) => (j < i ? 0 : (j === i ? 1 : -0.6) * 0.8 ** i),
  'subnormal bidiagonal': (i, j) => (j === i || j === i + 1 ? (i < 5 ? 1 : 1e-320) : 0),
  blocks: (i, j) => (i >> 2 === j >> 2 ? 1 : 0),
  'one entry': (i, j) => (i === 1 && j === 1 ? 7 : 0),
  identity: (i, j) => (i === j ? 1 : 0),
  huge: (i, j) => 1e304 * Math.sin(i * 9 + j),
  tiny: (i, j) => 1e-300 * Math.sin(i * 9 + j),
  wave: (i, j) => Math.sin(i * 1.7 + j * j),
};

export const shapes: readonly (readonly [number, number])[] = [[1, 1], [2, 2], [3, 2], [2, 3], [1, 7], [7, 1], [12, 12], [30, 11], [11, 30], [60, 60], [100, 70]];
