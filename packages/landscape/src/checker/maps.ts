/**
 * Measurements z_k = <A_k, X> of a product, and sums of the A_k: each kind by its plain formula, with what rounding may have done to it.
 */
import { matrix, multiply, type Matrix } from '@lowland/linalg';

/** X = left right^T; right is left for X X^T. */
export interface Pair {
  readonly left: Matrix;
  readonly right: Matrix;
}

/** In the Frobenius norm: at least that of the sum for any signs of the p_k, and what rounding may have done to it, that of the p_k included. */
export interface Summation {
  readonly size: number;
  readonly rounding: number;
}

export interface MeasuredMap {
  readonly length: number;
  /** z = a(X); blur[k] is at least what rounding did to z_k. */
  image(pair: Pair): { readonly z: Float64Array; readonly blur: Float64Array };
  /** Adds sum of p_k A_k to g. */
  adjoint(p: Float64Array, g: Matrix): Summation;
}

const unit = 2 ** -53;

/** <row i of a, row j of b> and the sum of the absolute values of its terms. */
function inner(a: Matrix, i: number, b: Matrix, j: number): readonly [value: number, magnitude: number] {
  let [value, magnitude] = [0, 0];
  for (let c = 0; c < a.cols; c++) {
    const product = a.data[i * a.cols + c]! * b.data[j * b.cols + c]!;
    value += product;
    magnitude += Math.abs(product);
  }
  return [value, magnitude];
}

/** Of sums of at most `terms` numbers each. */
const summation = (terms: number, size: number): Summation => ({ size, rounding: (terms + 6) * unit * size });

/** z_k = sum over its entries of value X_row,col; every A_k may have many, none is stored. */
export function sparseMap(length: number, { measurement, row, col, value }: { readonly measurement: Int32Array; readonly row: Int32Array; readonly col: Int32Array; readonly value: Float64Array }): MeasuredMap {
  const count = new Int32Array(length);
  for (const k of measurement) count[k]!++;
  return {
    length,
    image({ left, right }) {
      const [z, blur] = [new Float64Array(length), new Float64Array(length)];
      measurement.forEach((k, e) => {
        const [entry, magnitude] = inner(left, row[e]!, right, col[e]!);
        z[k]! += value[e]! * entry;
        blur[k]! += (left.cols + count[k]! + 4) * unit * Math.abs(value[e]!) * magnitude;
      });
      return { z, blur };
    },
    adjoint(p, g) {
      // of each place of G how many numbers were added up, and their absolute values
      const places = new Map<number, { terms: number; size: number }>();
      measurement.forEach((k, e) => {
        const at = row[e]! * g.cols + col[e]!;
        const product = p[k]! * value[e]!;
        const place = places.get(at) ?? { terms: 0, size: 0 };
        g.data[at]! += product;
        places.set(at, { terms: place.terms + 1, size: place.size + Math.abs(product) });
      });
      let [squares, most] = [0, 0];
      for (const { terms, size } of places.values()) {
        squares += size * size;
        most = Math.max(most, terms);
      }
      return summation(most, Math.sqrt(squares));
    },
  };
}

/** z_k = X_row,col, each place once. */
export function cellsMap(row: Int32Array, col: Int32Array): MeasuredMap {
  return {
    length: row.length,
    image({ left, right }) {
      const [z, blur] = [new Float64Array(row.length), new Float64Array(row.length)];
      for (let k = 0; k < row.length; k++) {
        const [entry, magnitude] = inner(left, row[k]!, right, col[k]!);
        z[k] = entry;
        blur[k] = (left.cols + 4) * unit * magnitude;
      }
      return { z, blur };
    },
    adjoint(p, g) {
      let squares = 0;
      for (let k = 0; k < row.length; k++) {
        g.data[row[k]! * g.cols + col[k]!]! += p[k]!;
        squares += p[k]! ** 2;
      }
      return summation(2, Math.sqrt(squares));
    },
  };
}

/** The A_k written out, rows x cols row-major, one after another by `each`. */
export function denseMap(length: number, each: (visit: (a: Float64Array, k: number) => void) => void): MeasuredMap {
  return {
    length,
    image({ left, right }) {
      const [z, blur] = [new Float64Array(length), new Float64Array(length)];
      const x = multiply(left, right, { transposeB: true }).data;
      const sizes = multiply(absolute(left), absolute(right), { transposeB: true }).data;
      each((a, k) => {
        let [value, magnitude] = [0, 0];
        for (let e = 0; e < a.length; e++) {
          value += a[e]! * x[e]!;
          magnitude += Math.abs(a[e]!) * sizes[e]!;
        }
        z[k] = value;
        blur[k] = (a.length + left.cols + 4) * unit * magnitude;
      });
      return { z, blur };
    },
    adjoint(p, g) {
      let size = 0;
      each((a, k) => {
        let squares = 0;
        for (let e = 0; e < a.length; e++) {
          g.data[e]! += p[k]! * a[e]!;
          squares += a[e]! * a[e]!;
        }
        size += Math.abs(p[k]!) * Math.sqrt(squares);
      });
      return summation(length, size);
    },
  };
}

const absolute = ({ rows, cols, data }: Matrix): Matrix => matrix(rows, cols, data.map(Math.abs));

/** A_k = a_k b_k^T, by the rows of two matrices. */
export function rankOneMap(a: Matrix, b: Matrix): MeasuredMap {
  return {
    length: a.rows,
    image({ left, right }) {
      const [z, blur] = [new Float64Array(a.rows), new Float64Array(a.rows)];
      const [p, q] = [multiply(a, left), multiply(b, right)];
      const [sizeP, sizeQ] = [multiply(absolute(a), absolute(left)), multiply(absolute(b), absolute(right))];
      for (let k = 0; k < a.rows; k++) {
        z[k] = inner(p, k, q, k)[0];
        blur[k] = (a.cols + b.cols + left.cols + 4) * unit * inner(sizeP, k, sizeQ, k)[0];
      }
      return { z, blur };
    },
    adjoint(p, g) {
      const scaled = matrix(a.rows, a.cols, a.data.map((value, e) => p[Math.floor(e / a.cols)]! * value));
      multiply(scaled, b, { transposeA: true }).data.forEach((value, e) => (g.data[e]! += value));
      let size = 0;
      for (let k = 0; k < a.rows; k++) size += Math.abs(p[k]!) * Math.sqrt(inner(a, k, a, k)[0] * inner(b, k, b, k)[0]);
      return summation(a.rows + 2, size);
    },
  };
}
