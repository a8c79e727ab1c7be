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

export const scalarLosses: Readonly<Record<LossKind, ScalarLoss>> = {
  huber: {
    value(x, y, p) {
      const size = Math.abs(x - y);
      return size <= p ? (size * size) / 2 : p * (size - p / 2);
    },
    first: (x, y, p) => Math.min(Math.max(x - y, -p), p),
    second(x, y, p) {
      const size = Math.abs(x - y);
      return size <= p ? 1 : size > p ? 0 : NaN;
    },
  },
  // With t = e^-|x| <= 1 nothing overflows, and nothing cancels at labels 0 and 1.
  logistic: {
    value: (x, y) => (x > 0 ? (1 - y) * x : -y * x) + logOnePlus(exp(-Math.abs(x))),
    first(x, y) {
      const t = exp(-Math.abs(x));
      return (x > 0 ? 1 - y - y * t : t * (1 - y) - y) / (1 + t);
    },
    second(x) {
      const t = exp(-Math.abs(x));
      return t / ((1 + t) * (1 + t));
    },
  },
  poisson: {
    value: (x, y) => exp(x) - y * x,
    first: (x, y) => exp(x) - y,
    second: (x) => exp(x),
  },
  'poisson-identity': {
    value: (x, y, p) => (x < -p ? Infinity : y === 0 ? x : x - y * log(x + p)),
    first: (x, y, p) => (x < -p ? NaN : y === 0 ? 1 : 1 - y / (x + p)),
    second: (x, y, p) => (x < -p ? NaN : y === 0 ? 0 : y / ((x + p) * (x + p))),
  },
  'quartic-hinge': {
    value(x, y) {
      const over = Math.sqrt(x) - y;
      return over <= 0 ? 0 : over * over * (over * over);
    },
    first(x, y) {
      const root = Math.sqrt(x);
      const over = root - y;
      return over <= 0 ? 0 : (2 * over * over * over) / root;
    },
    second(x, y) {
      const root = Math.sqrt(x);
      const over = root - y;
      return over <= 0 ? 0 : (over * over * (2 * root + y)) / (root * root * root);
    },
  },
};
