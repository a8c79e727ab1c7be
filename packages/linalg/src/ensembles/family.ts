/**
 * What families of factored problems differ in: the residual and its products; and what they have in common, the value and the gradient.
 */
import { balanceOn } from './balance.ts';
import { variablesOf } from './contract.ts';
import { type Block, type Heap, packed, turned } from './heap.ts';
import type { Round } from './rounding.ts';

/** Sizes of one problem. */
export interface Shape {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** A point on the heap, factors by columns: entry (i, a) of U in row a. Where symmetric left is right. The slopes are of the same shape. */
export interface Point {
  readonly left: Block;
  readonly right: Block;
  readonly leftSlope: Block;
  readonly rightSlope: Block;
}

/** The residuals of one problem at a time, on the host. */
export interface Family {
  /** Takes the data of problem k. */
  select(k: number): void;
  /** |rho|^2 at the point, and the products of the residual that the gradient is a multiple of: of that in V, and where not symmetric that in U. */
  evaluate(point: Point): number;
  /** What the multiple is of w, or of 2 w where symmetric; default 1. */
  readonly slopeFactor?: number;
}

/** Weight, ridge and balance of one problem. */
export interface Coefficients {
  weight: number;
  ridge: number;
  balance: number;
}

/**
 * f, |grad f| and the gradient, term by term:
 *
 *     value     ((w/2) |rho|^2 + (l/2) |x|^2) + c |B|^2
 *     gradient  (slope products + l x) + 4 c U B, - 4 c V B
 *
 * B = U^T U - V^T V as in `balance.ts`. Terms whose factor is 0 are left out. Squares are summed as in `sumOfSquares`; |grad f| is the root of such a sum.
 */
export function evaluator(family: Family, shape: Shape, heap: Heap, round: Round) {
  const { symmetric, rows, cols, rank } = shape;
  const variables = variablesOf(shape);
  const split = symmetric ? 0 : rows * rank;
  const [x, g] = [heap.place(1, variables), heap.place(1, variables)];
  const [right, rightSlope] = [heap.place(rank, cols), heap.place(rank, cols)];
  const [left, leftSlope] = symmetric ? [right, rightSlope] : [heap.place(rank, rows), heap.place(rank, rows)];
  const point: Point = { left, right, leftSlope, rightSlope };
  /** Factors by rows, as in a point. */
  const byRows = { x: [packed(x.at, rank), packed(x.at + split, rank)], g: [packed(g.at, rank), packed(g.at + split, rank)] } as const;
  const balanced = symmetric ? undefined : balanceOn(heap, shape, point, byRows);
  const { slopeFactor = 1 } = family;

  /** Writes the gradient; gives the value and the size of the gradient. */
  return (at: Float64Array, { weight, ridge, balance }: Coefficients, gradient: Float64Array, out: { value: number; gradientNorm: number }): void => {
    const slope = (symmetric ? 2 : 1) * weight * slopeFactor;
    const { numbers } = heap;
    numbers.set(at, x.at);
    if (!symmetric) heap.copy(rows, rank, 1, byRows.x[0], turned(left), false);
    heap.copy(cols, rank, 1, byRows.x[1], turned(right), false);
    out.value = round(round(weight / 2) * family.evaluate(point));
    if (!symmetric) heap.copy(rows, rank, slope, turned(leftSlope), byRows.g[0], false);
    heap.copy(cols, rank, slope, turned(rightSlope), byRows.g[1], false);
    if (ridge !== 0) {
      out.value = round(out.value + round(round(ridge / 2) * heap.squares(x.at, variables)));
      heap.copy(1, variables, ridge, x, g, true);
    }
    if (balance !== 0 && balanced !== undefined) out.value = round(out.value + round(balance * balanced(4 * balance)));
    for (let k = 0; k < variables; k++) gradient[k] = numbers[g.at + k]!;
    out.gradientNorm = round(Math.sqrt(heap.squares(g.at, variables)));
  };
}
