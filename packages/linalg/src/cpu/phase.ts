/**
 * Magnitudes of measurements, |<a_k, x>|^2 or their roots, with real or complex vectors: the plain twin, and what both variants share.
 *
 * A complex row is 2n real numbers. With x' = (re, -im) and x'' = (im, re) of every entry its products with both are the real and the
 * imaginary part of <row, x>; so a complex pass is a real one with two vectors and two sums.
 */
import { type ExtraKernels, LowlandError, type Vec } from '@lowland/core';

import { axpy, dotAt } from '../vector.ts';
import type { Numbers } from './arrays.ts';
import { partsOf, partStart } from './sensing.ts';

type Arguments = Parameters<ExtraKernels['phaseProducts']>;

/** @throws LOWLAND_E_SHAPE */
export function requirePhase(...[, a, y, , x, rho, out, dx]: Arguments): void {
  const size = a.cols * (a.complex ? 2 : 1);
  const fits = (given: Vec | undefined, length: number) => given === undefined || given.length === length;
  if ([y, rho].every((given) => fits(given, a.rows)) && [x, out, dx].every((given) => fits(given, size)) && (dx === undefined || out !== undefined)) return;
  throw new LowlandError(
    'LOWLAND_E_SHAPE',
    `phaseProducts: ${a.rows} vectors of ${size} numbers need y and rho of ${a.rows} and x, out, dx of ${size}; dx needs out.`,
  );
}

/** x' and x'' one after another, or x itself where it is real. */
function split(x: Numbers, complex: boolean): Numbers {
  if (!complex) return x;
  const n = x.length;
  const out = x instanceof Float64Array ? new Float64Array(2 * n) : new Float32Array(2 * n);
  for (let j = 0; j < n; j += 2) {
    out[j] = x[j]!;
    out[j + 1] = -x[j + 1]!;
    out[n + j] = x[j + 1]!;
    out[n + j + 1] = x[j]!;
  }
  return out;
}

/** out += sum of conj(row) weight, from the sums of both parts of the weights. */
function addTo(out: Numbers, sums: Numbers, complex: boolean): void {
  if (!complex) {
    axpy(1, sums, out);
    return;
  }
  const n = out.length;
  for (let j = 0; j < n; j += 2) {
    out[j]! += sums[j]! + sums[n + j + 1]!;
    out[j + 1]! += sums[n + j]! - sums[j + 1]!;
  }
}

/** The kernel on what `numbers` finds behind a vector. */
export function plainPhaseProducts(numbers: (x: Vec) => Numbers): ExtraKernels['phaseProducts'] {
  return (...given) => {
    requirePhase(...given);
    const [scale, a, y, smoothing, x, rho, out, dx] = given;
    const data = numbers(a);
    const { complex } = a;
    const size = x.length;
    const [at, along] = [split(numbers(x), complex), dx && split(numbers(dx), complex)];
    const [yn, rhon, outn] = [numbers(y), numbers(rho), out && numbers(out)];
    const planes = complex ? 2 : 1;
    const fresh = (length: number): Numbers => (data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length));
    const [z, dz, sums] = [fresh(2), fresh(2), fresh(planes * size)];
    const parts = partsOf(a.rows, size);
    outn?.fill(0);
    for (let part = 0; part < parts; part++) {
      sums.fill(0);
      const end = partStart(a.rows, parts, part + 1);
      for (let k = partStart(a.rows, parts, part); k < end; k++) {
        const row = k * size;
        for (let p = 0; p < planes; p++) {
          z[p] = dotAt(size, data, row, at, p * size);
          if (along !== undefined) dz[p] = dotAt(size, data, row, along, p * size);
        }
        rhon[k] = weigh(planes, yn[k]!, smoothing, z, along === undefined ? undefined : dz);
        if (outn === undefined) continue;
        for (let p = 0; p < planes; p++) {
          const factor = scale * z[p]!;
          for (let j = 0, q = p * size; j < size; j++, q++) sums[q]! += factor * data[row + j]!;
        }
      }
      if (outn !== undefined) addTo(outn, sums, complex);
    }
  };
}

/** The residual; z becomes the weight of its row, or with dz the derivative of the weight along it. Of a real z the second part is and stays 0. */
function weigh(planes: 1 | 2, y: number, smoothing: number | undefined, z: Numbers, dz: Numbers | undefined): number {
  const squares = z[0]! * z[0]! + z[1]! * z[1]!;
  const along = dz === undefined ? 0 : z[0]! * dz[0]! + z[1]! * dz[1]!;
  const root = smoothing === undefined ? squares : Math.sqrt(squares + smoothing * smoothing);
  const rho = root - y;
  let [slope, bend] = [rho, 2 * along];
  if (smoothing !== undefined) {
    slope = root === 0 ? 0 : rho / root;
    bend = root === 0 ? 0 : (y / root) * (along / root) / root;
  }
  for (let p = 0; p < planes; p++) z[p] = dz === undefined ? slope * z[p]! : slope * dz[p]! + bend * z[p]!;
  return rho;
}
