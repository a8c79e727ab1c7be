import type { Family, Point, Shape } from './family.ts';
import { type Heap, packed, turned } from './heap.ts';
import { Measured } from './measured.ts';

/**
 * rho_k = <A_k, X> - b_k with dense A_k, rows x cols each, row-major. X_ij is the sum of u_ia v_ja in the order of a, from 0. rho_k begins at -b_k, the
 * products of A_k and X are added entry by entry, row by row. Z_ij is the sum of rho_k (A_k)_ij in the order of k, from 0. Entry (i, a) of the gradient in U
 * is the sum of Z_ij v_ja in the order of j, from 0, times the slope; that in V the sum of Z_ij u_ia in the order of i. Where symmetric so must be the A_k.
 *
 * Bound by memory: 4 flops for each number of the A_k, which are held twice, by rows and by columns, and read once each.
 */
export function sensing({ symmetric, rows, cols, rank }: Shape, count: number, matrices: Float64Array, data: Float64Array, heap: Heap): Family {
  const measured = new Measured(heap, count, rows * cols, matrices, data);
  const [product, adjoint] = [heap.place(rows, cols), heap.place(rows, cols)];
  const mirror = symmetric ? adjoint : heap.place(cols, rows);
  const { signal, image, back } = measured;
  return {
    select(k) {
      measured.select(k);
    },
    evaluate({ left, right, leftSlope, rightSlope }: Point) {
      heap.product(rank, turned(left), right, product);
      heap.copy(rows, cols, 1, product, packed(signal.at, cols), false);
      measured.forward(measured.negativeData);
      measured.backward(image);
      heap.copy(rows, cols, 1, packed(back.at, cols), adjoint, false);
      heap.product(rows, left, adjoint, rightSlope);
      if (!symmetric) {
        heap.copy(rows, cols, 1, adjoint, turned(mirror), false);
        heap.product(cols, right, mirror, leftSlope);
      }
      return heap.squares(image.at, count);
    },
  };
}
