import type { Family, Point, Shape } from './family.ts';
import { type Heap, packed, turned } from './heap.ts';

/**
 * rho = R = U V^T - M, row-major. R_ij begins at -M_ij, the products u_ia v_ja are added in the order of a. Entry (i, a) of the gradient in U is
 * the sum of R_ij v_ja in the order of j, from 0, times the slope; that in V the sum of R_ij u_ia in the order of i.
 *
 * Lanes are neighbouring entries here, so R is turned for the products by rows.
 *
 * Bound by arithmetic: 6 rows cols rank flops, 4 where symmetric.
 */
export function factorization({ symmetric, rows, cols, rank }: Shape, targets: Float64Array, heap: Heap): Family {
  const entries = rows * cols;
  const [target, residual] = [heap.place(rows, cols), heap.place(rows, cols)];
  // one entry after another, for the sum of squares
  const flat = residual.row === cols ? residual : heap.place(1, entries);
  const mirror = symmetric ? residual : heap.place(cols, rows);
  return {
    select(k) {
      const at = targets.length === entries ? 0 : k * entries;
      for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) heap.numbers[target.at + i * target.row + j] = -targets[at + i * cols + j]!;
    },
    evaluate({ left, right, leftSlope, rightSlope }: Point) {
      heap.product(rank, turned(left), right, residual, target);
      if (flat !== residual) heap.copy(rows, cols, 1, residual, packed(flat.at, cols), false);
      heap.product(rows, left, residual, rightSlope);
      if (!symmetric) {
        heap.copy(rows, cols, 1, residual, turned(mirror), false);
        heap.product(cols, right, mirror, leftSlope);
      }
      return heap.squares(flat.at, entries);
    },
  };
}
