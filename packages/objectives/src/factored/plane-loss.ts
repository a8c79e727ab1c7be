/**
 * The kernel `planeLoss` on live arrays: data by data in blocks that stay in the first-level cache, and within a block point by point.
 */
import type { Device, Vec } from '@lowland/core';
import { hostKernels, type PlaneLossKind } from '@lowland/linalg';

import type { PlaneLoss } from './plane.ts';

/** Data at once: what belongs to them fills 28 kB. */
const block = 512;

/** Some data on a line of the plane, s going along it: q = constant + s (linear + s square), with y and w. */
interface Line {
  readonly constant: Float64Array;
  readonly linear: Float64Array;
  readonly square: Float64Array;
  readonly y: Float64Array;
  readonly w: Float64Array;
}

/** sum of w psi(q; y) at s, of the first `length` data. */
type Sum = (line: Line, s: number, length: number) => number;

const sumOfSquares: Sum = ({ constant, linear, square, y, w }, s, length) => {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const r = constant[i]! + s * (linear[i]! + s * square[i]!) - y[i]!;
    sum += w[i]! * (r * r);
  }
  return sum / 2;
};

/** l (|r| - l/2), l = min(|r|, p) = |r| - (|r| - p)_+: without branches, which no processor could foresee; rounding takes |r| / p units of large residuals. */
const sumOfHuber =
  (p: number): Sum =>
  ({ constant, linear, square, y, w }, s, length) => {
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const size = Math.abs(constant[i]! + s * (linear[i]! + s * square[i]!) - y[i]!);
      const over = size - p;
      const least = size - (over + Math.abs(over)) / 2;
      sum += w[i]! * (least * (size - least / 2));
    }
    return sum;
  };

/** Any loss, one array after another: bound by its exponential or root. */
function sumOf(pass: (q: Float64Array, y: Float64Array, out: Float64Array) => void): Sum {
  const [whole, values] = [new Float64Array(block), new Float64Array(block)];
  return ({ constant, linear, square, y, w }, s, length) => {
    for (let i = 0; i < length; i++) whole[i] = constant[i]! + s * (linear[i]! + s * square[i]!);
    pass(whole, y, values);
    let sum = 0;
    for (let i = 0; i < length; i++) sum += w[i]! * values[i]!;
    return sum;
  };
}

const atLeastZero = (q: Float64Array): void => { for (let i = 0; i < q.length; i++) q[i] = Math.max(q[i]!, 0); };

function sumsOf(kind: PlaneLossKind, parameters: Float64Array): Sum {
  const [p = 0] = parameters;
  switch (kind) {
    case 'least-squares':
      return sumOfSquares;
    case 'huber':
      return sumOfHuber(p);
    case 'difference':
      return sumOf((q, y, out) => { for (let i = 0; i < q.length; i++) out[i] = q[i]! - y[i]!; });
    case 'amplitude':
      return sumOf((q, y, out) => {
        for (let i = 0; i < q.length; i++) {
          const r = Math.sqrt(Math.max(q[i]!, 0) + p * p) - y[i]!;
          out[i] = (r * r) / 2;
        }
      });
    case 'quartic-hinge':
      return sumOf((q, y, out) => {
        atLeastZero(q);
        hostKernels.loss(kind, parameters, q, y, out);
      });
    default:
      return sumOf((q, y, out) => { hostKernels.loss(kind, parameters, q, y, out); });
  }
}

/** Along a line of the grid (t fixed) four operations a number, and the loss. Of the last block what lies behind the data is left over, and not summed. */
export const planeLossOn = (device: Device): PlaneLoss => (kind, parameters, c, y, weights, at, scale, out) => {
  const host = (x: Vec): Float64Array => device.host!(x);
  const [all, data, w, points, sums] = [host(c), host(y), weights && host(weights), host(at), host(out)];
  const n = c.cols;
  const sum = sumsOf(kind, host(parameters).slice());
  const numbers = (): Float64Array => new Float64Array(block);
  const line: Line = { constant: numbers(), linear: numbers(), square: numbers(), y: numbers(), w: numbers() };
  for (let from = 0; from < n; from += block) {
    const length = Math.min(block, n - from);
    const row = (k: number): Float64Array => all.subarray(k * n + from, k * n + from + length);
    const [c0, c1, c2, c4, c5] = [row(0), row(1), row(2), row(4), row(5)];
    line.square.set(row(3));
    line.y.set(data.subarray(from, from + length));
    if (w === undefined) line.w.fill(1);
    else line.w.set(w.subarray(from, from + length));
    let t = NaN;
    for (let k = 0; k < sums.length; k++) {
      if (points[2 * k + 1] !== t) {
        t = points[2 * k + 1]!;
        for (let i = 0; i < length; i++) {
          line.constant[i] = c0[i]! + t * (c2[i]! + t * c5[i]!);
          line.linear[i] = c1[i]! + t * c4[i]!;
        }
      }
      sums[k]! += scale * sum(line, points[2 * k]!, length);
    }
  }
};
