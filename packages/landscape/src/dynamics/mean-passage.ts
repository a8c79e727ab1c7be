/** The exact mean time of first passage in one dimension. */
import { LowlandError } from '@lowland/core';

export interface PassageProblem {
  /** V */
  readonly potential: (x: number) => number;
  /** Inverse temperature, above 0. */
  readonly beta: number;
  /** The start, below `to`. */
  readonly from: number;
  /** Where the passage ends. */
  readonly to: number;
  /** Where the potential is so high that nothing comes by: the integral to the left of `from` begins here. */
  readonly lowest: number;
}

/**
 * E tau of dX = -V'(X) dt + sqrt(2 / beta) dW from `from` until it meets `to`, by double quadrature (exact but for the grid):
 *
 *     E tau = beta int_from^to e^(beta V(y)) int_-inf^y e^(-beta V(z)) dz dy
 *
 * Composite Simpson on `cells` cells for the outer integral, and on half cells for the inner one, which it carries along; the error is
 * O(cells^-4). Source: Gardiner, Handbook of Stochastic Methods, 5.2.7.
 *
 * @throws LOWLAND_E_OPTIONS unless lowest <= from < to, and beta is above 0
 */
export function meanPassageTime({ potential, beta, from, to, lowest }: PassageProblem, { cells = 4000 }: { readonly cells?: number } = {}): number {
  if (!(lowest <= from && from < to && beta > 0 && Number.isFinite(beta + lowest + to))) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `A passage has lowest <= from < to and beta > 0; lowest ${lowest}, from ${from}, to ${to}, beta ${beta} were given.`);
  }
  // Only differences of V count, and they are taken from V(from), so that no factor overflows before their product would.
  const reference = potential(from);
  const weight = (x: number): number => Math.exp(-beta * (potential(x) - reference));
  const simpson = (left: number, right: number): number => ((right - left) / 6) * (weight(left) + 4 * weight((left + right) / 2) + weight(right));
  let inner = 0;
  for (let k = 0, width = (from - lowest) / cells; k < cells && width > 0; k++) inner += simpson(lowest + k * width, lowest + (k + 1) * width);
  const width = (to - from) / cells;
  let outer = 0;
  for (let k = 0; k < cells; k++) {
    const [left, right] = [from + k * width, from + (k + 1) * width];
    const middle = (left + right) / 2;
    const halfway = inner + simpson(left, middle);
    const whole = halfway + simpson(middle, right);
    outer += (width / 6) * (inner / weight(left) + (4 * halfway) / weight(middle) + whole / weight(right));
    inner = whole;
  }
  return beta * outer;
}
