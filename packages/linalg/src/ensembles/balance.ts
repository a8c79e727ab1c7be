import type { Point, Shape } from './family.ts';
import { type Heap, packed, type Places, turned } from './heap.ts';

/**
 * |B|^2 for B = U^T U - V^T V, and its part of the gradient, 4 c U B and -4 c V B.
 *
 * Entry (a, b) of B is the sum of u_ia u_ib over the rows of U in their order, from 0, minus that over the rows of V. Entry (i, a) of U B is the sum of
 * u_ib B_ba in the order of b, from 0; times 4 c it is added to what the gradient has.
 *
 * Bound by arithmetic: 4 (rows + cols) rank^2 flops, two thirds more in lanes that are not needed.
 */
export function balanceOn(heap: Heap, { rows, cols, rank }: Shape, { left, right }: Point, byRows: { readonly x: readonly [Places, Places]; readonly g: readonly [Places, Places] }) {
  const sides = ([[left, rows, 0], [right, cols, 1]] as const).map(([factor, count, side]) => ({
    factor,
    count,
    from: byRows.x[side],
    to: byRows.g[side],
    rows: heap.place(count, rank),
    gram: heap.place(rank, rank),
    product: heap.place(rank, count),
  }));
  const flat = heap.place(1, rank * rank);
  const imbalance = sides[0]!.gram;
  return (factor: number): number => {
    for (const side of sides) {
      heap.copy(side.count, rank, 1, side.from, side.rows, false);
      heap.product(side.count, side.factor, side.rows, side.gram);
    }
    heap.copy(rank, rank, -1, sides[1]!.gram, imbalance, true);
    sides.forEach((side, i) => {
      heap.product(rank, turned(imbalance), side.factor, side.product);
      heap.copy(side.count, rank, i === 0 ? factor : -factor, turned(side.product), side.to, true);
    });
    heap.copy(rank, rank, 1, imbalance, packed(flat.at, rank), false);
    return heap.squares(flat.at, rank * rank);
  };
}
