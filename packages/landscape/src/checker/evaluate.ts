import { thinQr, thinSvd, multiply, type Matrix } from '@lowland/linalg';

import type { Cells, Pair } from './data.ts';

/** f at a point, cell by cell. */
export interface Evaluation {
  readonly value: number;
  /** f at zero factors. */
  readonly zeroValue: number;
  /** y_k = weight (X - b): the entries of G, as doubles, whatever rounding did to X. */
  readonly slopes: Float64Array;
  /** Terms summed, and the sum of their absolute values. */
  readonly terms: number;
  readonly absoluteSum: number;
  /** What rounding of the entries of X may have done to the value. */
  readonly blur: number;
}

/** f = 1/2 sum of weight (X_ij - b)^2 + penalty (|X|^2 or (|U|^2 + |V|^2)/2) + balance |U^T U - V^T V|^2, never by expanded squares. */
export function evaluate({ row, col, b, weight, penalty }: Cells, { left, right }: Pair, balance: number): Evaluation {
  const r = left.cols;
  const slopes = new Float64Array(b.length);
  let [fit, zeroValue, blur] = [0, 0, 0];
  for (let k = 0; k < b.length; k++) {
    const [i, j, w] = [row[k]! * r, col[k]! * r, weight[k]!];
    let [entry, magnitude] = [0, Math.abs(b[k]!)];
    for (let c = 0; c < r; c++) {
      const product = left.data[i + c]! * right.data[j + c]!;
      entry += product;
      magnitude += Math.abs(product);
    }
    const residual = entry - b[k]!;
    const delta = (r + 4) * 2 ** -53 * magnitude;
    slopes[k] = w * residual;
    fit += (w * residual * residual) / 2;
    blur += w * (Math.abs(residual) * delta + (delta * delta) / 2);
    zeroValue += (w * b[k]! * b[k]!) / 2;
  }
  const rest = (penalty / 2) * (squares(left) + squares(right)) + (balance === 0 || left === right ? 0 : balance * imbalance(left, right));
  const terms = b.length + left.data.length + right.data.length + r * r;
  return { value: fit + rest, zeroValue, slopes, terms, absoluteSum: fit + rest, blur };
}

function squares({ data }: Matrix): number {
  let sum = 0;
  for (const entry of data) sum += entry * entry;
  return sum;
}

/** |U^T U - V^T V|^2 */
function imbalance(left: Matrix, right: Matrix): number {
  const r = left.cols;
  let sum = 0;
  for (let p = 0; p < r; p++) {
    for (let q = 0; q < r; q++) sum += (inner(left, p, q) - inner(right, p, q)) ** 2;
  }
  return sum;
}

function inner({ rows, cols, data }: Matrix, p: number, q: number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * cols + p]! * data[i * cols + q]!;
  return sum;
}

/** How many singular values of left right^T lie above 1e-6 of the largest: at least and at most, for those within 1e-3 of that cut. */
export function rankRange({ left, right }: Pair): { readonly least: number; readonly most: number } {
  const { s } = thinSvd(multiply(thinQr(left).r, thinQr(right).r, { transposeB: true }));
  const above = (cut: number): number => s.filter((value) => value > cut * s[0]!).length;
  return { least: above(1.001e-6), most: above(0.999e-6) };
}
