/**
 * Spectra of matrices on the host: X = U diag(s) V^T, or X = U diag(s) U^T over symmetric ones, s descending.
 */
import type { Device, MaybePromise, Vec } from '@lowland/core';
import { columns, matrix, multiply, scaleColumns, symmetricEigen, thinSvd, type Matrix } from '@lowland/linalg';

export interface Spectrum {
  readonly u: Matrix;
  /** Eigenvalues may be negative. */
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** Which matrices X ranges over. */
export interface MatrixSpace {
  readonly rows: number;
  readonly cols: number;
  /** Symmetric ones alone: what is skew in X is rounding. */
  readonly symmetric: boolean;
}

/** @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite */
export function spectrumOf({ rows, cols, symmetric }: MatrixSpace, x: Float64Array): Spectrum {
  const a = matrix(rows, cols, x);
  if (!symmetric) return thinSvd(a);
  const { values, vectors } = symmetricEigen(matrix(rows, cols, x.map((entry, k) => (entry + x[(k % rows) * rows + Math.floor(k / rows)]!) / 2)));
  return { u: vectors, s: values, v: vectors };
}

/** U diag(s) V^T of the first triples. Symmetric to the bit where U is V. */
function productOf({ u, v }: Spectrum, s: Float64Array): Float64Array {
  const kept = s.length;
  if (u !== v) return multiply(scaleColumns(columns(u, 0, kept), s), columns(v, 0, kept), { transposeB: true }).data;
  const half = scaleColumns(columns(u, 0, kept), s.map(Math.sqrt));
  const { data, rows } = multiply(half, half, { transposeB: true });
  for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) data[j * rows + i] = data[i * rows + j]!;
  return data;
}

/** How many leading values are above `least`, which is not negative. */
export function countAbove(s: Float64Array, least: number): number {
  let count = 0;
  while (count < s.length && s[count]! > least) count++;
  return count;
}

/** Cuts the spectra of device matrices on the host: one read, a decomposition, one write. */
export interface SpectralCut {
  /** out = x with its values lowered by `amount` and cut at 0; their sum is handed to `then`. */
  shrink(x: Vec, amount: number, out: Vec, then?: (sum: number) => void): MaybePromise<void>;
  /** out = x with all but its first `rank` values 0, and those that are negative */
  truncate(x: Vec, rank: number, out: Vec): MaybePromise<void>;
}

/** Bound by arithmetic: about 10 n^3 flops a call. What is not finite gives NaN. */
export function spectralCut(space: MatrixSpace, device: Device): SpectralCut {
  const cut = (x: Vec, out: Vec, kept: (s: Float64Array) => Float64Array, then?: (sum: number) => void): MaybePromise<void> => {
    const use = (numbers: Float64Array): void => {
      if (!numbers.every(Number.isFinite)) {
        device.kernels.fill(out, NaN);
        then?.(NaN);
        return;
      }
      const spectrum = spectrumOf(space, numbers);
      const s = kept(spectrum.s);
      device.write(out, productOf(spectrum, s));
      then?.(s.reduce((sum, value) => sum + value, 0));
    };
    const numbers = device.read(x);
    return 'then' in numbers ? numbers.then(use) : use(numbers);
  };
  return {
    shrink: (x, amount, out, then) => cut(x, out, (s) => s.slice(0, countAbove(s, amount)).map((value) => value - amount), then),
    truncate: (x, rank, out) => cut(x, out, (s) => s.slice(0, Math.min(rank, countAbove(s, 0)))),
  };
}
