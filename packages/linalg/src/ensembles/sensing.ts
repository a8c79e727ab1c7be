import type { Family, Point, Shape } from './family.ts';
import { type Heap, packed, turned } from './heap.ts';
import { Measured } from './measured.ts';

/**
 * rho_k = <A_k, X> - b_k with dense A_k, rows x cols each, row-major. X_ij is the sum of u_ia v_ja in the order of a, from 0. rho_k begins at -b_k, the
 * products of A_k and X are added entry by entry, row by row. Z_ij is the sum of rho_k (A_k)_ij in the order of k, from 0. Entry (i, a) of the gradient in U
 * is the sum of Z_ij v_ja in the order of j, from 0, times the slope; that in V the sum of Z_ij u_ia in the order of i. Where symmetric so must be the A_k.
 *
 * Bound by arithmetic where the A_k are shared: 4 flops for each of their numbers and each run, read once for all lanes. Else by memory.
 */
export function sensing({ symmetric, rows, cols, rank }: Shape, count: number, matrices: Float64Array, data: Float64Array, heap: Heap): Family {
  const measured = new Measured(heap, count, rows * cols, matrices, data);
  const [product, adjoint] = [packed(measured.signal, cols), packed(measured.back, cols)];
  return {
    select(lane, k) {
      measured.select(lane, k);
    },
    evaluate({ left, right, leftSlope, rightSlope }: Point) {
      heap.product(rows, cols, rank, left, turned(right), product);
      measured.through(measured.negativeData);
      heap.product(cols, rank, rows, turned(adjoint), left, rightSlope);
      if (!symmetric) heap.product(rows, rank, cols, adjoint, right, leftSlope);
      return heap.squares(measured.image, count);
    },
  };
}
