import type { Point, Shape } from './family.ts';
import { type Heap, packed, turned } from './heap.ts';

/**
 * |B|^2 for B = U^T U - V^T V, and its part of the gradient, 4 c U B and -4 c V B.
 *
 * Entry (a, b) of B is the sum of u_ia u_ib over the rows of U in their order, from 0, minus that over the rows of V. Entry (i, a) of U B is the sum of
 * u_ib B_ba in the order of b, from 0; times 4 c it is added to what the gradient has.
 *
 * Bound by arithmetic: 4 (rows + cols) rank^2 flops.
 */
export function balanceOn(heap: Heap, { rows, cols, rank }: Shape, { left, right, leftSlope, rightSlope }: Point) {
  const sides = ([[left, leftSlope, rows], [right, rightSlope, cols]] as const).map(([factor, slope, count]) => ({ factor, slope, count, gram: packed(heap.place(rank * rank), rank) }));
  const product = packed(heap.place(Math.max(rows, cols) * rank), rank);
  const minus = heap.place(1);
  heap.numbers.fill(-1, minus, minus + heap.lanes);
  const imbalance = sides[0]!.gram;
  /** Factors: the items 4 c and -4 c. Gives the place of |B|^2. */
  return (factors: readonly [left: number, right: number]): number => {
    for (const { count, factor, gram } of sides) heap.product(rank, rank, count, turned(factor), factor, gram);
    heap.addScaled(minus, sides[1]!.gram.at, imbalance.at, rank * rank);
    sides.forEach(({ count, factor, slope }, i) => {
      heap.product(count, rank, rank, factor, imbalance, product);
      heap.addScaled(factors[i]!, product.at, slope.at, count * rank);
    });
    return heap.squares(imbalance.at, rank * rank);
  };
}
