/** The measuring vectors of a problem on the host. */
import { LowlandError, type Measurements } from '@lowland/core';

import { requireAllFinite, requireLength, requireSize } from '../factored/checks.ts';
import { eachGaussian, rankOneGaussian } from '../matrix-sensing/gaussian.ts';

/** A with the rows a_k^*, row-major, complex numbers as pairs: <a_k, x> = (A x)_k. */
export interface Vectors {
  readonly count: number;
  /** Entries of x. */
  readonly size: number;
  readonly complex: boolean;
  /** Conjugated already. */
  readonly rows: Float64Array;
  /** sum of |a_k|^2 */
  readonly frobeniusSquared: number;
}

/** Real numbers of an entry. */
export const widthOf = ({ complex }: { readonly complex: boolean }): 1 | 2 => (complex ? 2 : 1);

/**
 * The vectors a_k of measurements with A_k = a_k a_k^*: given, or drawn from a seed (and held).
 *
 * @throws LOWLAND_E_SHAPE when the matrix is not square or the vectors have another length
 * @throws LOWLAND_E_NOT_FINITE when one is not finite
 * @throws LOWLAND_E_ENSEMBLE when the measurements are none by a_k a_k^*
 */
export function vectorsOf({ rows: size, cols, values, ensemble }: Measurements): Vectors {
  requireSize(size, cols);
  if (size !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `Intensities |<a_k, x>|^2 measure a square matrix x x^*; ${size} x ${cols} was given.`);
  const count = values.length;
  const of = (complex: boolean, a: Float64Array): Vectors => {
    requireLength(`The list of ${count} vectors`, a.length, count * size * (complex ? 2 : 1));
    requireAllFinite('A vector', a);
    return {
      count,
      size,
      complex,
      rows: complex ? a.map((value, i) => (i % 2 === 0 ? value : -value)) : a,
      frobeniusSquared: a.reduce((sum, value) => sum + value * value, 0),
    };
  };
  if (ensemble.kind === 'rank-one' && ensemble.right === undefined) return of(ensemble.complex === true, ensemble.left);
  // Files and plugins may hold what the types rule out.
  if (ensemble.kind === 'seeded' && (ensemble.version as number) === 1) {
    if (ensemble.name === 'rank-one-symmetric') return of(false, rankOneGaussian(ensemble.seed, count, size).left);
    if (ensemble.name === 'rank-one-complex') return of(true, complexGaussian(ensemble.seed, count, size));
  }
  throw new LowlandError(
    'LOWLAND_E_ENSEMBLE',
    'Phase retrieval takes measurements by a_k a_k^*: rank-one ones without right vectors, or the seeded ensembles rank-one-symmetric (real) and rank-one-complex, version 1.',
  );
}

/** `rank-one-complex`, version 1: the first 2 size numbers of the stream (seed, `ensemble`, k) over the root of 2, pairs (re, im): E a a^* = I. */
export function complexGaussian(seed: number, count: number, size: number): Float64Array {
  const out = new Float64Array(2 * count * size);
  eachGaussian(seed, count, 2 * size, (drawn, k) => {
    for (let j = 0; j < 2 * size; j++) out[2 * k * size + j] = Math.SQRT1_2 * drawn[j]!;
  });
  return out;
}

/** out = A x */
export function image({ count, size, complex, rows }: Vectors, x: Float64Array, out: Float64Array): void {
  for (let k = 0; k < count; k++) {
    let [re, im] = [0, 0];
    if (complex) {
      for (let j = 0, at = 2 * k * size; j < 2 * size; j += 2, at += 2) {
        re += rows[at]! * x[j]! - rows[at + 1]! * x[j + 1]!;
        im += rows[at]! * x[j + 1]! + rows[at + 1]! * x[j]!;
      }
      out[2 * k] = re;
      out[2 * k + 1] = im;
    } else {
      for (let j = 0, at = k * size; j < size; j++, at++) re += rows[at]! * x[j]!;
      out[k] = re;
    }
  }
}

/** out = A^* w */
export function adjoint({ count, size, complex, rows }: Vectors, w: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (let k = 0; k < count; k++) {
    if (complex) {
      const [re, im] = [w[2 * k]!, w[2 * k + 1]!];
      for (let j = 0, at = 2 * k * size; j < 2 * size; j += 2, at += 2) {
        out[j]! += rows[at]! * re + rows[at + 1]! * im;
        out[j + 1]! += rows[at]! * im - rows[at + 1]! * re;
      }
    } else {
      for (let j = 0, at = k * size; j < size; j++, at++) out[j]! += rows[at]! * w[k]!;
    }
  }
}

/** |z_k|^2 */
export function squaresOf({ complex }: Vectors, z: Float64Array): Float64Array {
  if (!complex) return z.map((value) => value * value);
  return Float64Array.from({ length: z.length / 2 }, (_, k) => z[2 * k]! * z[2 * k]! + z[2 * k + 1]! * z[2 * k + 1]!);
}
