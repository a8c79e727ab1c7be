/** The measuring vectors of a problem: z = A x with the rows a_k^*, held as a matrix or known by a Fourier transform. */
import { LowlandError, type Device, type KernelName, type Mat, type Measurements, type Memory, type Vec } from '@lowland/core';

import { requireLength, requireSize } from '../factored/checks.ts';
import { rankOneGaussian } from '../matrix-sensing/gaussian.ts';
import { codedVectors, seededMasks } from './coded-diffraction.ts';
import { complexGaussian, heldVectors } from './held-vectors.ts';

export interface Vectors {
  readonly count: number;
  /** Entries of x. */
  readonly size: number;
  /** The a_k and z are complex: numbers are pairs (re, im). */
  readonly complex: boolean;
  /** x is real all the same. */
  readonly realSignal: boolean;
  /** sum of |a_k|^2 */
  readonly frobeniusSquared: number;
  squaredNorm(k: number): number;
  /** out = a_k^*, in pairs where complex. */
  row(k: number, out: Float64Array): void;
  /** Host: out = A x */
  image(x: Float64Array, out: Float64Array): void;
  /** Host: out = A^* w, its real part for real x. */
  adjoint(w: Float64Array, out: Float64Array): void;
  /** A as a matrix for `phaseProducts`, count x size; absent where it is not held, or x is real and A is not. */
  readonly matrix?: Float64Array;
  /** Kernels that a bound one calls. */
  readonly kernels: readonly KernelName[];
  bind(device: Device, memory: Memory): DeviceVectors;
  /** Numbers that stay on a device. */
  readonly held: number;
}

/** On a device; z is a list of pairs where complex. */
export interface DeviceVectors {
  image(x: Vec, z: Mat): void;
  /** out = scale A^* w */
  adjoint(scale: number, w: Mat, out: Vec): void;
}

/** Real numbers of an entry of z. */
export const widthOf = ({ complex }: Pick<Vectors, 'complex'>): 1 | 2 => (complex ? 2 : 1);
/** Real numbers of an entry of x. */
export const signalWidth = ({ complex, realSignal }: Pick<Vectors, 'complex' | 'realSignal'>): 1 | 2 => (complex && !realSignal ? 2 : 1);

/**
 * The vectors a_k of measurements with A_k = a_k a_k^*: given, drawn from a seed (and held), or coded diffraction by masks that are given or drawn.
 *
 * @param realSignal x is real; without meaning where the vectors are
 * @throws LOWLAND_E_SHAPE when the matrix is not square, or vectors or masks have another length
 * @throws LOWLAND_E_NOT_FINITE when a number is not finite
 * @throws LOWLAND_E_ENSEMBLE when the measurements are none by a_k a_k^*
 */
export function vectorsOf({ rows: size, cols, values, ensemble }: Measurements, realSignal = false): Vectors {
  requireSize(size, cols);
  if (size !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `Intensities |<a_k, x>|^2 measure a square matrix x x^*; ${size} x ${cols} was given.`);
  const count = values.length;
  if (ensemble.kind === 'rank-one' && ensemble.right === undefined) return heldVectors(count, size, ensemble.left, ensemble.complex === true, realSignal);
  if (ensemble.kind === 'coded-diffraction') {
    requireLength('The list of masks', ensemble.masks.length, 2 * size * masksOf(count, size));
    return codedVectors(size, ensemble.masks, realSignal);
  }
  // Files and plugins may hold what the types rule out.
  if (ensemble.kind === 'seeded' && (ensemble.version as number) === 1) {
    if (ensemble.name === 'rank-one-symmetric') return heldVectors(count, size, rankOneGaussian(ensemble.seed, count, size).left, false, realSignal);
    if (ensemble.name === 'rank-one-complex') return heldVectors(count, size, complexGaussian(ensemble.seed, count, size), true, realSignal);
    if (ensemble.name === 'coded-diffraction') return codedVectors(size, seededMasks(ensemble.seed, masksOf(count, size), size), realSignal);
  }
  throw new LowlandError(
    'LOWLAND_E_ENSEMBLE',
    'Phase retrieval takes measurements by a_k a_k^*: rank-one ones without right vectors, coded diffraction, or the seeded ensembles rank-one-symmetric (real), rank-one-complex and coded-diffraction, version 1.',
  );
}

/** Every mask gives as many intensities as x has entries. */
function masksOf(count: number, size: number): number {
  if (count % size === 0) return count / size;
  throw new LowlandError('LOWLAND_E_SHAPE', `Coded diffraction gives ${size} intensities a mask; ${count} are no multiple of that.`, { details: { count, size } });
}

/** |z_k|^2 */
export function squaresOf({ complex }: Pick<Vectors, 'complex'>, z: Float64Array): Float64Array {
  if (!complex) return z.map((value) => value * value);
  return Float64Array.from({ length: z.length / 2 }, (_, k) => z[2 * k]! * z[2 * k]! + z[2 * k + 1]! * z[2 * k + 1]!);
}
