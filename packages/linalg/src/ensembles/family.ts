/**
 * What families of factored problems differ in: the residual and its products; and what they have in common, the value and the gradient.
 */
import type { Round } from './rounding.ts';
import { sumOfSquares } from './sum.ts';

/** Sizes of one problem. */
export interface Shape {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** The residuals of one problem at a time, on the host. */
export interface Family {
  /** Takes the data of problem k. */
  select(k: number): void;
  /** |rho|^2 at x, and the gradient of w/2 |rho|^2 by `slope` = w, or 2 w where symmetric, all of it overwritten. */
  evaluate(x: Float64Array, slope: number, gradient: Float64Array): number;
}

/** Weight, ridge and balance of one problem. */
export interface Coefficients {
  weight: number;
  ridge: number;
  balance: number;
}

/**
 * f and its gradient, term by term:
 *
 *     value     ((w/2) |rho|^2 + (l/2) |x|^2) + c |B|^2
 *     gradient  (slope products + l x) + 4 c U B, - 4 c V B
 *
 * B = U^T U - V^T V: entry (a, b) is the sum over the rows of U, in their order, plus minus one times that over the rows of V. Entry
 * (i, a) of U B is the sum over b in its order, times 4 c, added to the entry of the gradient.
 */
export function evaluator(family: Family, { symmetric, rows, cols, rank }: Shape, round: Round) {
  const imbalance = new Float64Array(rank * rank);

  const gram = (x: Float64Array, from: number, count: number, a: number, b: number): number => {
    let sum = 0;
    for (let i = 0, at = from; i < count; i++, at += rank) sum = round(sum + round(x[at + a]! * x[at + b]!));
    return sum;
  };
  const addBalance = (x: Float64Array, from: number, count: number, factor: number, gradient: Float64Array): void => {
    for (let i = 0, at = from; i < count; i++, at += rank) {
      for (let a = 0; a < rank; a++) {
        let sum = 0;
        for (let b = 0; b < rank; b++) sum = round(sum + round(x[at + b]! * imbalance[b * rank + a]!));
        gradient[at + a] = round(round(factor * sum) + gradient[at + a]!);
      }
    }
  };

  /** Writes the gradient and gives the value. */
  return (x: Float64Array, { weight, ridge, balance }: Coefficients, gradient: Float64Array): number => {
    let value = round(round(weight / 2) * family.evaluate(x, symmetric ? 2 * weight : weight, gradient));
    if (ridge !== 0) {
      value = round(value + round(round(ridge / 2) * sumOfSquares(x, 0, x.length, round)));
      for (let k = 0; k < x.length; k++) gradient[k] = round(gradient[k]! + round(ridge * x[k]!));
    }
    if (balance !== 0 && !symmetric) {
      const v = rows * rank;
      for (let a = 0; a < rank; a++) for (let b = 0; b < rank; b++) imbalance[a * rank + b] = round(gram(x, 0, rows, a, b) - gram(x, v, cols, a, b));
      value = round(value + round(balance * sumOfSquares(imbalance, 0, rank * rank, round)));
      addBalance(x, 0, rows, 4 * balance, gradient);
      addBalance(x, v, cols, -4 * balance, gradient);
    }
    return value;
  };
}
