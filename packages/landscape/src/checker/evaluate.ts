import { matrix, multiply, thinQr, thinSvd, type Matrix } from '@lowland/linalg';

import type { Pair } from './maps.ts';
import type { Model } from './model.ts';
import { wrong } from './wrong.ts';

/** f at a point, number by number. */
export interface Evaluation {
  readonly value: number;
  /** f at zero factors. */
  readonly zeroValue: number;
  /** v_k = psi'(z_k) of every part, as doubles: whatever rounding did to z, they are slopes of planes under the losses. */
  readonly slopes: readonly Float64Array[];
  /** How far the slopes of others may lie from these, for rounding of z alone. */
  readonly spreads: readonly Float64Array[];
  /** Terms summed, and the sum of their absolute values. */
  readonly terms: number;
  readonly absoluteSum: number;
  /** What rounding of the entries of X may have done to the value. */
  readonly blur: number;
}

export function evaluate({ parts, linear, pair, penalty, balance, rows, cols }: Model): Evaluation {
  const { left, right } = pair;
  const slopes: Float64Array[] = [];
  const spreads: Float64Array[] = [];
  let [value, zeroValue, absoluteSum, blur] = [0, 0, 0, 0];
  let terms = left.data.length + right.data.length + left.cols ** 2;
  for (const { map, loss, weight } of parts) {
    const at = map.image(pair);
    for (let k = 0; k < map.length; k++) {
      const [z, w, delta] = [at.z[k]!, weight[k]!, at.blur[k]!];
      if (w === 0) continue;
      const here = loss.value(z, k);
      value += w * here.value;
      absoluteSum += w * here.magnitude;
      zeroValue += w * loss.value(0, k).value;
      // convex: the slope is steepest at an end
      const steepest = Math.max(Math.abs(loss.slope(z - delta, k)), Math.abs(loss.slope(z + delta, k)));
      blur += w * delta * (Number.isNaN(steepest) ? Infinity : steepest);
    }
    slopes.push(at.z.map((z, k) => loss.slope(z, k)));
    spreads.push(at.z.map((z, k) => loss.slope(z + at.blur[k]!, k) - loss.slope(z - at.blur[k]!, k)));
    terms += map.length;
  }
  if (linear !== undefined) {
    const x = multiply(left, right, { transposeB: true }).data;
    const size = multiply(absolute(left), absolute(right), { transposeB: true }).data;
    let magnitude = 0;
    for (let e = 0; e < x.length; e++) {
      value += linear[e]! * x[e]!;
      magnitude += Math.abs(linear[e]!) * size[e]!;
    }
    absoluteSum += magnitude;
    blur += (left.cols + 4) * 2 ** -53 * magnitude;
    terms += rows * cols;
  }
  const rest = (penalty / 2) * (squares(left) + squares(right)) + (balance === 0 ? 0 : balance * imbalance(left, right));
  return { value: value + rest, zeroValue, slopes, spreads, terms, absoluteSum: absoluteSum + rest, blur };
}

const absolute = ({ rows, cols, data }: Matrix): Matrix => matrix(rows, cols, data.map(Math.abs));

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
  const core = multiply(thinQr(left).r, thinQr(right).r, { transposeB: true });
  if (!core.data.every(Number.isFinite)) throw wrong('the product of its factors is not finite');
  const { s } = thinSvd(core);
  const above = (cut: number): number => s.filter((value) => value > cut * s[0]!).length;
  return { least: above(1.001e-6), most: above(0.999e-6) };
}
