import type { Family, Point, Shape } from './family.ts';
import { type Heap, packed, turned } from './heap.ts';

/**
 * rho = R = U V^T - M, row-major. R_ij begins at -M_ij, the products u_ia v_ja are added in the order of a. Entry (i, a) of the gradient in U is
 * the sum of R_ij v_ja in the order of j, from 0, times the slope; that in V the sum of R_ij u_ia in the order of i.
 *
 * Bound by arithmetic: 6 rows cols rank flops, 4 where symmetric.
 */
export function factorization({ symmetric, rows, cols, rank }: Shape, targets: Float64Array, heap: Heap): Family {
  const entries = rows * cols;
  const { lanes } = heap;
  const [target, residual] = [packed(heap.place(entries), cols), packed(heap.place(entries), cols)];
  const write = (lane: number, from: number) => {
    const { numbers } = heap;
    for (let e = 0, p = target.at + lane; e < entries; e++, p += lanes) numbers[p] = -targets[from + e]!;
  };
  const shared = targets.length === entries;
  if (shared) for (let lane = 0; lane < lanes; lane++) write(lane, 0);
  return {
    select(lane, k) {
      if (!shared) write(lane, k * entries);
    },
    evaluate({ left, right, leftSlope, rightSlope }: Point) {
      heap.product(rows, cols, rank, left, turned(right), residual, target);
      heap.product(cols, rank, rows, turned(residual), left, rightSlope);
      if (!symmetric) heap.product(rows, rank, cols, residual, right, leftSlope);
      return heap.squares(residual.at, entries);
    },
  };
}
