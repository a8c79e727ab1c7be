import type { Numbers } from './cpu/arrays.ts';
import { exp, log, logOnePlus } from './elementary.ts';

/** The closed list of scalar losses. */
export const lossKinds = ['huber', 'logistic', 'poisson', 'poisson-identity', 'quartic-hinge'] as const;
export type LossKind = (typeof lossKinds)[number];

/**
 * A convex function psi(x; y) of one number x with a datum y and at most one parameter p, with its derivatives in x.
 *
 *     huber              r^2/2 for |r| <= p, p (|r| - p/2) beyond, r = x - y             (Huber 1964)
 *     logistic           log(1 + e^x) - y x, labels 0 <= y <= 1                          (one-bit)
 *     poisson            e^x - y x, counts y >= 0                                        (log link)
 *     poisson-identity   x - y log(x + p), counts y >= 0, for x >= -p; +Infinity below   (identity link)
 *     quartic-hinge      (sqrt(x) - y)_+^4, x >= 0                                       (row penalty: x = |row|^2)
 *
 * A parameter that a loss has not is not read. Outside the domain values are Infinity and derivatives NaN. At its kinks Huber's second
 * derivative is 1.
 */
export interface ScalarLoss {
  value(x: number, y: number, p: number): number;
  first(x: number, y: number, p: number): number;
  second(x: number, y: number, p: number): number;
}

/** One pass over the numbers, in f64 and rounded once: what value and derivatives share is computed once, what is absent not at all. */
type Pass = (x: Numbers, y: Numbers, p: number, value?: Numbers, first?: Numbers, second?: Numbers) => void;

export const lossPasses: Readonly<Record<LossKind, Pass>> = {
  huber(x, y, p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const r = x[i]! - y[i]!;
      const size = Math.abs(r);
      if (value !== undefined) value[i] = size <= p ? (size * size) / 2 : p * (size - p / 2);
      if (first !== undefined) first[i] = Math.min(Math.max(r, -p), p);
      if (second !== undefined) second[i] = size <= p ? 1 : size > p ? 0 : NaN;
    }
  },
  logistic(x, y, _p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const [z, b] = [x[i]!, y[i]!];
      const t = exp(-Math.abs(z));
      const sum = 1 + t;
      if (value !== undefined) value[i] = (z > 0 ? (1 - b) * z : -b * z) + logOnePlus(t);
      if (first !== undefined) first[i] = (z > 0 ? 1 - b - b * t : t * (1 - b) - b) / sum;
      if (second !== undefined) second[i] = t / (sum * sum);
    }
  },
  poisson(x, y, _p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const [z, b] = [x[i]!, y[i]!];
      const mean = exp(z);
      if (value !== undefined) value[i] = mean - b * z;
      if (first !== undefined) first[i] = mean - b;
      if (second !== undefined) second[i] = mean;
    }
  },
  'poisson-identity'(x, y, p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const [z, b] = [x[i]!, y[i]!];
      const mean = z + p;
      const outside = z < -p;
      if (value !== undefined) value[i] = outside ? Infinity : b === 0 ? z : z - b * log(mean);
      if (first !== undefined) first[i] = outside ? NaN : b === 0 ? 1 : 1 - b / mean;
      if (second !== undefined) second[i] = outside ? NaN : b === 0 ? 0 : b / (mean * mean);
    }
  },
  'quartic-hinge'(x, y, _p, value, first, second) {
    for (let i = 0; i < x.length; i++) {
      const root = Math.sqrt(x[i]!);
      const over = root - y[i]!;
      const square = over * over;
      if (value !== undefined) value[i] = over <= 0 ? 0 : square * square;
      if (first !== undefined) first[i] = over <= 0 ? 0 : (2 * over * over * over) / root;
      if (second !== undefined) second[i] = over <= 0 ? 0 : (square * (2 * root + y[i]!)) / (root * root * root);
    }
  },
};

/** One number at a time, by the pass. */
export const scalarLosses = Object.fromEntries(lossKinds.map((kind) => [kind, scalar(lossPasses[kind])])) as Readonly<Record<LossKind, ScalarLoss>>;

function scalar(pass: Pass): ScalarLoss {
  const [at, datum, out] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
  const ask =
    (...before: undefined[]) =>
    (x: number, y: number, p: number): number => {
      at[0] = x;
      datum[0] = y;
      pass(at, datum, p, ...before, out);
      return out[0]!;
    };
  return { value: ask(), first: ask(undefined), second: ask(undefined, undefined) };
}
