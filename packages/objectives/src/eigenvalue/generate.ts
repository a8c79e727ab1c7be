import { normals, streamKey, type DataMap } from '@lowland/core';
import { gram, matrix, multiply, scaleColumns, thinQr } from '@lowland/linalg';

import { requireNonNegative, requireSize } from '../factored/checks.ts';

export interface GeneratePencilOptions {
  /** n */
  readonly size: number;
  /** lambda_k = ratio^k for A = Q diag(lambda) Q^T; default 0.8. */
  readonly ratio?: number;
  /** 1: with a positive definite B = I + G^T G / n below A. Default 0. */
  readonly generalized?: number;
}

/** A from the stream (seed, `eigenvectors`, 0), G from (seed, `metric`, 0). @throws LOWLAND_E_SHAPE, LOWLAND_E_OPTIONS for options out of range */
export function generatePencil({ size, ratio = 0.8, generalized = 0 }: GeneratePencilOptions, seed: number): { readonly data: DataMap['matrix'] } {
  requireSize(size, size);
  requireNonNegative('ratio', ratio);
  const gaussian = matrix(size, size);
  normals(streamKey(seed, 'eigenvectors'), gaussian.data);
  const { q } = thinQr(gaussian);
  const values = new Float64Array(size);
  for (let k = 0, value = 1; k < size; k++, value *= ratio) values[k] = value;
  const a = multiply(scaleColumns(q, values), q, { transposeB: true });
  const rows = generalized === 1 ? 2 * size : size;
  const data = new Float64Array(rows * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) data[i * size + j] = data[j * size + i] = a.data[i * size + j]!;
  if (generalized === 1) {
    const g = matrix(size, size);
    normals(streamKey(seed, 'metric'), g.data);
    gram(g).data.forEach((value, k) => (data[size * size + k] = value / size + (k % (size + 1) === 0 ? 1 : 0)));
  }
  return { data: { rows, cols: size, values: data } };
}

export interface GenerateVariablesOptions {
  readonly samples: number;
  readonly size: number;
  /** Standard deviations ratio^k of the components; default 0.8. */
  readonly ratio?: number;
}

/** Gaussian samples as rows, from (seed, `samples`, 0), with components from (seed, `eigenvectors`, 0). @throws as `generatePencil` */
export function generateVariables({ samples, size, ratio = 0.8 }: GenerateVariablesOptions, seed: number): { readonly data: DataMap['matrix'] } {
  requireSize(samples, size);
  requireNonNegative('ratio', ratio);
  const gaussian = matrix(size, size);
  normals(streamKey(seed, 'eigenvectors'), gaussian.data);
  const scores = matrix(samples, size);
  normals(streamKey(seed, 'samples'), scores.data);
  const deviations = new Float64Array(size);
  for (let k = 0, value = 1; k < size; k++, value *= ratio) deviations[k] = value;
  return { data: { rows: samples, cols: size, values: multiply(scaleColumns(scores, deviations), thinQr(gaussian).q, { transposeB: true }).data } };
}
