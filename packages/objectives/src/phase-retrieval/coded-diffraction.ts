/**
 * Coded diffraction: x is seen through masks d_l, and the intensities of its Fourier transform are measured,
 *
 *     z_(l n + k) = sum over j of conj(d_l(j)) x_j exp(-2 pi i j k / n),   a_(l n + k)(j) = d_l(j) exp(2 pi i j k / n).
 *
 * An image or adjoint costs one transform a mask, L n log n in place of L n^2, and A is never formed. Transforms run on the host, so backends
 * whose numbers it cannot reach refuse them.
 *
 * Source: Candès, Li, Soltanolkotabi 2015 (arXiv 1310.3240 and 1407.1065).
 */
import { uniforms } from '@lowland/core';

import { requireAllFinite } from '../factored/checks.ts';
import { once } from '../factored/once.ts';
import { ensembleKey } from '../matrix-sensing/gaussian.ts';
import { fourier } from './fourier.ts';
import type { Vectors } from './vectors.ts';

/**
 * `coded-diffraction`, version 1: octanary masks, entry j of mask l = b c with b one of 1, i, -1, -i, each with probability 1/4, and c = sqrt(3)
 * with probability 1/5, else 1 / sqrt(2), from the numbers 2 j and 2 j + 1, uniform, of the stream (seed, `ensemble`, l): E |d|^2 = 1, so
 * E a a^* = I, and E d^2 = 0.
 */
export function seededMasks(seed: number, count: number, size: number): Float64Array {
  const masks = new Float64Array(2 * count * size);
  const drawn = new Float64Array(2 * size);
  for (let l = 0; l < count; l++) {
    uniforms(ensembleKey(seed, l), drawn);
    for (let j = 0; j < size; j++) {
      const length = drawn[2 * j + 1]! < 0.2 ? Math.sqrt(3) : Math.SQRT1_2;
      const quarter = Math.floor(4 * drawn[2 * j]!);
      masks[2 * (l * size + j) + (quarter % 2)] = quarter < 2 ? length : -length;
    }
  }
  return masks;
}

/** @param masks count of masks x size, pairs (re, im) */
export function codedVectors(size: number, masks: Float64Array, realSignal: boolean): Vectors {
  requireAllFinite('A mask', masks);
  const patterns = masks.length / (2 * size);
  const { forward, adjoint } = fourier(size);
  const [masked, transformed] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  /** |d_l|^2, which is |a_(l n + k)|^2 for every k. */
  const squares = Float64Array.from({ length: patterns }, (_, l) => masks.subarray(2 * l * size, 2 * (l + 1) * size).reduce((sum, value) => sum + value * value, 0));
  const count = patterns * size;
  /** exp(-2 pi i t / n), t = 0 … n - 1: for single rows. */
  const unitRoots = once(() => Float64Array.from({ length: 2 * size }, (_, t) => (t % 2 === 0 ? Math.cos((Math.PI * t) / size) : -Math.sin((Math.PI * (t - 1)) / size))));

  const image = (x: Float64Array, out: Float64Array): void => {
    for (let l = 0; l < patterns; l++) {
      for (let j = 0; j < size; j++) {
        const at = 2 * (l * size + j);
        const xr = realSignal ? x[j]! : x[2 * j]!;
        const xi = realSignal ? 0 : x[2 * j + 1]!;
        masked[2 * j] = masks[at]! * xr + masks[at + 1]! * xi;
        masked[2 * j + 1] = masks[at]! * xi - masks[at + 1]! * xr;
      }
      forward(masked, transformed);
      out.set(transformed, 2 * l * size);
    }
  };
  const adjointInto = (scale: number, w: Float64Array, out: Float64Array): void => {
    out.fill(0);
    for (let l = 0; l < patterns; l++) {
      adjoint(w.subarray(2 * l * size, 2 * (l + 1) * size), transformed);
      for (let j = 0; j < size; j++) {
        const at = 2 * (l * size + j);
        const re = scale * transformed[2 * j]!;
        const im = scale * transformed[2 * j + 1]!;
        if (realSignal) out[j]! += masks[at]! * re - masks[at + 1]! * im;
        else {
          out[2 * j]! += masks[at]! * re - masks[at + 1]! * im;
          out[2 * j + 1]! += masks[at]! * im + masks[at + 1]! * re;
        }
      }
    }
  };
  return {
    count,
    size,
    complex: true,
    realSignal,
    frobeniusSquared: size * squares.reduce((sum, value) => sum + value, 0),
    squaredNorm: (k) => squares[Math.floor(k / size)]!,
    row(k, out) {
      const [l, frequency] = [Math.floor(k / size), k % size];
      const circle = unitRoots();
      for (let j = 0; j < size; j++) {
        const turn = 2 * ((j * frequency) % size);
        const c = circle[turn]!;
        const s = circle[turn + 1]!;
        const at = 2 * (l * size + j);
        out[2 * j] = masks[at]! * c + masks[at + 1]! * s;
        out[2 * j + 1] = masks[at]! * s - masks[at + 1]! * c;
      }
    },
    image,
    adjoint: (w, out) => { adjointInto(1, w, out); },
    kernels: ['host'],
    bind: (device) => ({
      image: (x, z) => { image(device.host!(x), device.host!(z)); },
      adjoint: (scale, w, out) => { adjointInto(scale, device.host!(w), device.host!(out)); },
    }),
    held: 0,
  };
}
