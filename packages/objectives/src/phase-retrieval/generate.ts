import { LowlandError, normals, streamKey, type DataMap, type Measurements } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { requireNonNegative } from '../factored/checks.ts';
import { squaresOf, vectorsOf, widthOf } from './vectors.ts';

export interface GenerateIntensitiesOptions {
  /** Entries n of the signal. */
  readonly size: number;
  /** Gaussian vectors (default), or a Fourier transform behind octanary masks. */
  readonly ensemble?: 'gaussian' | 'coded-diffraction';
  /** Number m of intensities along Gaussian vectors; 0 (default): ten for each entry. */
  readonly measurements?: number;
  /** Masks of coded diffraction, each for `size` intensities; default 8. */
  readonly masks?: number;
  /** Complex signal, and complex Gaussian vectors; default false. */
  readonly complex?: boolean;
  /** Standard deviation of the noise on each intensity, relative to their mean 1; default 0. */
  readonly noise?: number;
}

/**
 * Intensities of a random signal of length 1 along Gaussian vectors, or of coded diffraction, both with E a a^* = I and kept as their seed.
 *
 * `truth` is the signal as a column, of a complex one the columns are real and imaginary part. Streams (seed, `planted`, 0), (seed, `ensemble`, k), (seed, `noise`, 0).
 *
 * @throws LOWLAND_E_OPTIONS when a number is out of range
 */
export function generateIntensities({ size, ensemble = 'gaussian', measurements = 0, masks = 8, complex = false, noise = 0 }: GenerateIntensitiesOptions, seed: number): { readonly data: Measurements; readonly truth: DataMap['matrix'] } {
  requireNonNegative('noise', noise);
  const coded = ensemble === 'coded-diffraction';
  if (coded && measurements !== 0) throw new LowlandError('LOWLAND_E_OPTIONS', `Coded diffraction gives ${size} intensities a mask: give the number of masks in place of measurements.`);
  const count = coded ? masks * size : measurements === 0 ? 10 * size : measurements;
  for (const [name, given] of [['size', size], ['measurements', count], ['masks', masks]] as const) {
    if (!Number.isSafeInteger(given) || given < 1) throw new LowlandError('LOWLAND_E_OPTIONS', `${name} is a positive integer; ${given} was given.`, { details: { [name]: given } });
  }
  const width = complex ? 2 : 1;
  const signal = new Float64Array(size * width);
  normals(streamKey(seed, 'planted'), signal);
  const length = norm(signal);
  signal.forEach((value, i) => { signal[i] = value / length; });
  const values = new Float64Array(count);
  const data: Measurements = { rows: size, cols: size, values, ensemble: { kind: 'seeded', name: coded ? 'coded-diffraction' : complex ? 'rank-one-complex' : 'rank-one-symmetric', seed, version: 1 } };
  const vectors = vectorsOf(data, !complex);
  const z = new Float64Array(count * widthOf(vectors));
  vectors.image(signal, z);
  const drawn = new Float64Array(count);
  normals(streamKey(seed, 'noise'), drawn);
  squaresOf(vectors, z).forEach((y, k) => { values[k] = y + noise * drawn[k]!; });
  return { data, truth: { rows: size, cols: width, values: signal } };
}
