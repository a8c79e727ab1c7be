/**
 * Phase retrieval: a sum of squares, of which an exact fit is the least value. Nothing else is proved about it.
 */
import { streamKey, uniforms, type Measurements } from '@lowland/core';
import type { Matrix } from '@lowland/linalg';

import type { LowerBound } from './bounds.ts';
import { blocksOf, isMeasurements, type CertifiedData } from './data.ts';
import type { CertificateDocument } from './document.ts';
import { eachDrawn, requireNumbers } from './ensembles.ts';
import type { PhaseProblem } from './problem.ts';
import { wrong } from './wrong.ts';

/** Calls for every a_k, `width` numbers an entry: pairs (re, im) where complex. */
interface Vectors {
  readonly width: 1 | 2;
  each(visit: (a: Float64Array, k: number) => void): void;
}

const unit = 2 ** -53;

export function phaseValue(document: CertificateDocument, data: CertifiedData): { readonly value: number; readonly zeroValue: number; readonly found: LowerBound } {
  const { problem, evidence } = document;
  const { rows: n, loss, smoothing, real } = problem as PhaseProblem;
  if (evidence.rule !== 'lower-bound-zero' || evidence.multiplier !== null || evidence.multipliers !== null || evidence.shift !== null) throw wrong('of phase retrieval only exact fits are proved');
  if (!isMeasurements(data) || data.rows !== n || data.cols !== n || data.values.length === 0) throw wrong(`it is about intensities of a signal of ${n} numbers`);
  if (data.weights !== undefined || data.linear !== undefined) throw wrong('phase retrieval has neither weights nor a linear term');
  requireNumbers(data.values, data.values.length);
  if (loss !== 'intensity' && data.values.some((y) => y < 0)) throw wrong('amplitudes are roots of intensities, one of which is negative');
  if ((loss === 'smoothed-amplitude') !== smoothing > 0) throw wrong('smoothed amplitudes alone have a smoothing');
  const vectors = vectorsOf(data);
  const width = vectors.width === 2 && !real ? 2 : 1;
  const [x] = blocksOf(document, [['x', n, width]]);

  const count = data.values.length;
  const weight = (loss === 'intensity' && vectors.width === 1 ? 1 / 4 : 1 / 2) / count;
  const compared = (square: number): number => (loss === 'intensity' ? square : Math.sqrt(square + smoothing ** 2));
  let [value, zeroValue, blur] = [0, 0, 0];
  vectors.each((a, k) => {
    const { square, delta } = squareOf(a, x!, vectors.width);
    const y = data.values[k]!;
    const wanted = compared(y);
        const root = compared(square);
    const residual = root - wanted;
    // the root of what is off by delta is off by no more than the root of delta
    const lost = loss === 'intensity' ? delta : root === 0 ? Math.sqrt(delta) : Math.min(Math.sqrt(delta), delta / root);
    const off = lost + 4 * unit * (root + Math.abs(wanted));
    value += weight * residual ** 2;
    blur += weight * (2 * Math.abs(residual) + off) * off;
    zeroValue += weight * (compared(0) - wanted) ** 2;
  });
  return { value, zeroValue, found: { lowerBound: 0, slack: 4 * (count + 10) * unit * value + blur, normBound: null, size: 0, rounding: 0, feasible: true } };
}

/** |a^* x|^2 and what rounding may have done to it. */
function squareOf(a: Float64Array, { data: x, cols: signal }: Matrix, width: 1 | 2): { readonly square: number; readonly delta: number } {
  let [re, im, size] = [0, 0, 0];
  const n = a.length / width;
  for (let j = 0; j < n; j++) {
    const [ar, ai] = width === 2 ? [a[2 * j]!, a[2 * j + 1]!] : [a[j]!, 0];
    const [xr, xi] = signal === 2 ? [x[2 * j]!, x[2 * j + 1]!] : [x[j]!, 0];
    re += ar * xr + ai * xi;
    im += ar * xi - ai * xr;
    size += (Math.abs(ar) + Math.abs(ai)) * (Math.abs(xr) + Math.abs(xi));
  }
  const off = (n + 8) * unit * size;
  const length = Math.hypot(re, im);
  return { square: re * re + im * im, delta: (2 * length + off) * off + 4 * unit * length * length };
}

/** @throws LOWLAND_E_CERTIFICATE unless measured by a_k a_k^* */
function vectorsOf({ rows: n, values: { length }, ensemble }: Measurements): Vectors {
  if (ensemble.kind === 'rank-one' && ensemble.right === undefined) {
    const width = ensemble.complex === true ? 2 : 1;
    requireNumbers(ensemble.left, length * n * width);
    return {
      width,
      each(visit) {
        for (let k = 0; k < length; k++) visit(ensemble.left.subarray(k * n * width, (k + 1) * n * width), k);
      },
    };
  }
  if (ensemble.kind === 'coded-diffraction') return coded(n, length, ensemble.masks);
  if (ensemble.kind === 'seeded' && (ensemble.version as number) === 1) {
    const { name, seed } = ensemble;
    if (name === 'rank-one-symmetric') return { width: 1, each: (visit) => { eachDrawn(seed, length, n, visit); } };
    if (name === 'rank-one-complex') {
      return {
        width: 2,
        each(visit) {
          eachDrawn(seed, length, 2 * n, (drawn, k) => { visit(drawn.map((value) => Math.SQRT1_2 * value), k); });
        },
      };
    }
    if (name === 'coded-diffraction') return coded(n, length, octanary(seed, Math.floor(length / n), n));
  }
  throw wrong('phase retrieval is measured by a_k a_k^*, drawn by a rule that is known here');
}

/** a_(l n + k)(j) = mask_l(j) exp(2 pi i j k / n) */
function coded(n: number, length: number, masks: Float64Array): Vectors {
  if (length % n !== 0) throw wrong(`every mask gives ${n} intensities; ${length} are no multiple of that`);
  requireNumbers(masks, 2 * length);
  return {
    width: 2,
    each(visit) {
      const a = new Float64Array(2 * n);
      for (let k = 0; k < length; k++) {
        const from = 2 * n * Math.floor(k / n);
        for (let j = 0; j < n; j++) {
          const angle = (2 * Math.PI * ((j * (k % n)) % n)) / n;
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          const [re, im] = [masks[from + 2 * j]!, masks[from + 2 * j + 1]!];
          a[2 * j] = re * c - im * s;
          a[2 * j + 1] = re * s + im * c;
        }
        visit(a, k);
      }
    },
  };
}

/** Entry j of mask l: 1, i, -1 or -i by the number 2 j of the stream (seed, `ensemble`, l), times sqrt 3 where number 2 j + 1 is below 1/5, else 1 / sqrt 2. */
function octanary(seed: number, count: number, n: number): Float64Array {
  const masks = new Float64Array(2 * count * n);
  const drawn = new Float64Array(2 * n);
  for (let l = 0; l < count; l++) {
    uniforms(streamKey(seed, 'ensemble', l), drawn);
    for (let j = 0; j < n; j++) {
      const length = drawn[2 * j + 1]! < 1 / 5 ? Math.sqrt(3) : Math.SQRT1_2;
      const [re, im] = [[length, 0], [0, length], [-length, 0], [0, -length]][Math.floor(4 * drawn[2 * j]!)] as [number, number];
      masks[2 * (l * n + j)] = re;
      masks[2 * (l * n + j) + 1] = im;
    }
  }
  return masks;
}
