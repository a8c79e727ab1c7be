import { requireAllFinite, requireLength } from '../factored/checks.ts';
import { newVector } from '../factored/term.ts';
import { eachDrawn } from '../matrix-sensing/gaussian.ts';
import type { Vectors } from './vectors.ts';

/** Vectors that are held, count x size, pairs (re, im) where complex. A real signal sees them as two real rows each. */
export function heldVectors(count: number, size: number, a: Float64Array, complex: boolean, real: boolean): Vectors {
  const width = complex ? 2 : 1;
  requireLength(`The list of ${count} vectors`, a.length, count * size * width);
  requireAllFinite('A vector', a);
  const realSignal = complex && real;
  const rows = complex ? a.map((value, i) => (i % 2 === 0 ? value : -value)) : a;
  const length = size * width;
  const squaredNorm = (k: number): number => {
    let sum = 0;
    for (let at = k * length; at < (k + 1) * length; at++) sum += rows[at]! * rows[at]!;
    return sum;
  };
  return {
    count,
    size,
    complex,
    realSignal,
    frobeniusSquared: a.reduce((sum, value) => sum + value * value, 0),
    squaredNorm,
    row: (k, out) => { out.set(rows.subarray(k * length, (k + 1) * length)); },
    image(x, out) {
      for (let k = 0; k < count; k++) {
        let re = 0;
        let im = 0;
        for (let j = 0, at = k * length; j < size; j++, at += width) {
          if (!complex) re += rows[at]! * x[j]!;
          else {
            const xr = realSignal ? x[j]! : x[2 * j]!;
            const xi = realSignal ? 0 : x[2 * j + 1]!;
            re += rows[at]! * xr - rows[at + 1]! * xi;
            im += rows[at]! * xi + rows[at + 1]! * xr;
          }
        }
        out[width * k] = re;
        if (complex) out[2 * k + 1] = im;
      }
    },
    adjoint(w, out) {
      out.fill(0);
      for (let k = 0; k < count; k++) {
        const re = w[width * k]!;
        const im = complex ? w[2 * k + 1]! : 0;
        for (let j = 0, at = k * length; j < size; j++, at += width) {
          if (!complex) out[j]! += rows[at]! * re;
          else if (realSignal) out[j]! += rows[at]! * re + rows[at + 1]! * im;
          else {
            out[2 * j]! += rows[at]! * re + rows[at + 1]! * im;
            out[2 * j + 1]! += rows[at]! * im - rows[at + 1]! * re;
          }
        }
      }
    },
    ...(!realSignal && { matrix: rows }),
    kernels: ['gemv'],
    bind(device, memory) {
      const { gemv } = device.kernels;
      const matrix = realSignal
        ? device.matrix(newVector(device, memory, separated(rows, count, size)), 0, 2 * count, size)
        : device.matrix(newVector(device, memory, rows), 0, count, size, complex);
      return {
        image: (x, z) => { gemv('N', 1, matrix, x, 0, z); },
        adjoint: (scale, w, out) => { gemv('C', scale, matrix, w, 0, out); },
      };
    },
    held: rows.length,
  };
}

/** Rows of real parts and of imaginary parts in turn: their product with a real x are the pairs of z. */
function separated(rows: Float64Array, count: number, size: number): Float64Array {
  const out = new Float64Array(rows.length);
  for (let k = 0; k < count; k++) {
    for (let j = 0; j < size; j++) {
      out[2 * k * size + j] = rows[2 * (k * size + j)]!;
      out[(2 * k + 1) * size + j] = rows[2 * (k * size + j) + 1]!;
    }
  }
  return out;
}

/** `rank-one-complex`, version 1: the first 2 size numbers of the stream (seed, `ensemble`, k) over the root of 2, pairs (re, im): E a a^* = I. */
export function complexGaussian(seed: number, count: number, size: number): Float64Array {
  const out = new Float64Array(2 * count * size);
  eachDrawn('gaussian', seed, count, 2 * size, (drawn, k) => {
    for (let j = 0; j < 2 * size; j++) out[2 * k * size + j] = Math.SQRT1_2 * drawn[j]!;
  });
  return out;
}
