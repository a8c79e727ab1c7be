/** Eigenvalues of a small general matrix. */
import { LowlandError } from '@lowland/core';
import type { Matrix } from '@lowland/linalg';

export interface ComplexNumbers {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * The eigenvalues of a real square matrix, in no order: reduction to Hessenberg form by elimination, then the QR iteration in complex
 * arithmetic with Wilkinson's shift. O(n^3) operations, for matrices of some hundred rows at most; errors are of the order of
 * eps |A| times the condition of the eigenvalue. Source: Golub and Van Loan, Matrix Computations, 7.4 and 7.5.
 *
 * @throws LOWLAND_E_NUMERICAL when the iteration does not converge
 */
export function eigenvaluesOf({ rows: n, data }: Matrix): ComplexNumbers {
  const re = data.slice();
  const im = new Float64Array(n * n);
  toHessenberg(re, n);
  const values: ComplexNumbers = { re: new Float64Array(n), im: new Float64Array(n) };
  const norm = Math.sqrt(re.reduce((sum, value) => sum + value * value, 0));
  let last = n - 1;
  for (let sweeps = 0; last >= 0; sweeps++) {
    if (sweeps > 60) throw new LowlandError('LOWLAND_E_NUMERICAL', `The QR iteration for the eigenvalues of a ${n} x ${n} matrix does not converge.`);
    let first = last;
    for (; first > 0; first--) {
      const at = first * n + first - 1;
      const around = size(re, im, first * n + first) + size(re, im, (first - 1) * n + first - 1);
      if (size(re, im, at) <= Number.EPSILON * (around > 0 ? around : norm)) break;
    }
    if (first === last) {
      values.re[last] = re[last * n + last]!;
      values.im[last] = im[last * n + last]!;
      last--;
      sweeps = -1;
      continue;
    }
    // An exceptional shift now and then breaks cycles.
    const [shiftRe, shiftIm] = sweeps % 10 === 9 ? [re[last * n + last]! + size(re, im, last * n + last - 1), im[last * n + last]!] : wilkinson(re, im, n, last);
    sweep(re, im, n, first, last, shiftRe, shiftIm);
  }
  return values;
}

const size = (re: Float64Array, im: Float64Array, at: number): number => Math.hypot(re[at]!, im[at]!);

/** Similar, with zeros below the first subdiagonal. */
function toHessenberg(a: Float64Array, n: number): void {
  for (let m = 1; m < n - 1; m++) {
    let pivot = m;
    for (let i = m + 1; i < n; i++) if (Math.abs(a[i * n + m - 1]!) > Math.abs(a[pivot * n + m - 1]!)) pivot = i;
    if (a[pivot * n + m - 1] === 0) continue;
    if (pivot !== m) {
      for (let l = 0; l < n; l++) [a[pivot * n + l], a[m * n + l]] = [a[m * n + l]!, a[pivot * n + l]!];
      for (let l = 0; l < n; l++) [a[l * n + pivot], a[l * n + m]] = [a[l * n + m]!, a[l * n + pivot]!];
    }
    for (let i = m + 1; i < n; i++) {
      const factor = a[i * n + m - 1]! / a[m * n + m - 1]!;
      if (factor === 0) continue;
      for (let l = 0; l < n; l++) a[i * n + l]! -= factor * a[m * n + l]!;
      for (let l = 0; l < n; l++) a[l * n + m]! += factor * a[l * n + i]!;
      a[i * n + m - 1] = 0;
    }
  }
}

/** The eigenvalue of the last 2 x 2 block that is nearer to its last entry. */
function wilkinson(re: Float64Array, im: Float64Array, n: number, last: number): readonly [number, number] {
  const [a, b, c, d] = [(last - 1) * n + last - 1, (last - 1) * n + last, last * n + last - 1, last * n + last];
  const [halfRe, halfIm] = [(re[a]! - re[d]!) / 2, (im[a]! - im[d]!) / 2];
  const squareRe = halfRe * halfRe - halfIm * halfIm + re[b]! * re[c]! - im[b]! * im[c]!;
  const squareIm = 2 * halfRe * halfIm + re[b]! * im[c]! + im[b]! * re[c]!;
  const radius = Math.hypot(squareRe, squareIm);
  let rootRe = Math.sqrt((radius + Math.abs(squareRe)) / 2);
  let rootIm = rootRe === 0 ? 0 : squareIm / (2 * rootRe);
  if (squareRe < 0) [rootRe, rootIm] = [Math.abs(rootIm), squareIm < 0 ? -rootRe : rootRe];
  // half -+ root, the smaller in size: both are distances from the last entry.
  const sign = halfRe * rootRe + halfIm * rootIm > 0 ? -1 : 1;
  return [re[d]! + halfRe + sign * rootRe, im[d]! + halfIm + sign * rootIm];
}

/** One step A <- R Q + s I with A - s I = Q R on rows and columns first .. last, by Givens rotations. */
function sweep(re: Float64Array, im: Float64Array, n: number, first: number, last: number, shiftRe: number, shiftIm: number): void {
  for (let i = first; i <= last; i++) {
    re[i * n + i]! -= shiftRe;
    im[i * n + i]! -= shiftIm;
  }
  // Rotations [c, s; -conj(s), c], c real.
  const cosines = new Float64Array(last - first);
  const sinesRe = new Float64Array(last - first);
  const sinesIm = new Float64Array(last - first);
  for (let k = first; k < last; k++) {
    const [top, low] = [k * n + k, (k + 1) * n + k];
    const [p, q] = [size(re, im, top), size(re, im, low)];
    const length = Math.hypot(p, q);
    let [c, sRe, sIm] = [1, 0, 0];
    if (length > 0 && q > 0) {
      // s = e^(i arg top) conj(low) / length
      const [uRe, uIm] = p > 0 ? [re[top]! / p, im[top]! / p] : [1, 0];
      c = p / length;
      sRe = (uRe * re[low]! + uIm * im[low]!) / length;
      sIm = (uIm * re[low]! - uRe * im[low]!) / length;
    }
    cosines[k - first] = c;
    sinesRe[k - first] = sRe;
    sinesIm[k - first] = sIm;
    for (let l = k; l <= last; l++) rotate(re, im, k * n + l, (k + 1) * n + l, c, sRe, sIm);
  }
  for (let k = first; k < last; k++) {
    // Columns by the adjoint: the same rotation with s conjugated.
    for (let i = first; i <= Math.min(k + 1, last); i++) rotate(re, im, i * n + k, i * n + k + 1, cosines[k - first]!, sinesRe[k - first]!, -sinesIm[k - first]!);
  }
  for (let i = first; i <= last; i++) {
    re[i * n + i]! += shiftRe;
    im[i * n + i]! += shiftIm;
  }
}

/** (x, y) <- (c x + s y, -conj(s) x + c y) */
function rotate(re: Float64Array, im: Float64Array, x: number, y: number, c: number, sRe: number, sIm: number): void {
  const [xRe, xIm, yRe, yIm] = [re[x]!, im[x]!, re[y]!, im[y]!];
  re[x] = c * xRe + sRe * yRe - sIm * yIm;
  im[x] = c * xIm + sRe * yIm + sIm * yRe;
  re[y] = c * yRe - sRe * xRe - sIm * xIm;
  im[y] = c * yIm - sRe * xIm + sIm * xRe;
}
