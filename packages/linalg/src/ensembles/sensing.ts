import type { Family, Shape } from './family.ts';
import type { Round } from './rounding.ts';
import { sumOfSquares } from './sum.ts';

/**
 * rho_k = <A_k, X> - b_k with dense A_k, rows x cols each, row-major. X_ij is the sum of u_ia v_ja in the order of a, from 0. rho_k begins at -b_k, the
 * products of A_k and X are added entry by entry, row by row. Z_ij is the sum of rho_k (A_k)_ij in the order of k, from 0. Entry (i, a) of the gradient in U
 * is the sum of Z_ij v_ja in the order of j, times the slope; that in V the sum of Z_ij u_ia in the order of i. Where symmetric so must be the A_k.
 *
 * Bound by memory: 4 flops for each number of the A_k, which are read twice.
 */
export function sensing({ symmetric, rows, cols, rank }: Shape, count: number, matrices: Float64Array, data: Float64Array, round: Round): Family {
  const entries = rows * cols;
  const [product, adjoint, residual] = [new Float64Array(entries), new Float64Array(entries), new Float64Array(count)];
  let [matrix, datum] = [0, 0];
  return {
    select(k) {
      matrix = matrices.length === count * entries ? 0 : k * count * entries;
      datum = data.length === count ? 0 : k * count;
    },
    evaluate(x, slope, gradient) {
      const v = symmetric ? 0 : rows * rank;
      for (let i = 0, at = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++, at++) {
          let sum = 0;
          for (let a = 0; a < rank; a++) sum = round(sum + round(x[i * rank + a]! * x[v + j * rank + a]!));
          product[at] = sum;
        }
      }
      adjoint.fill(0);
      for (let k = 0, at = matrix; k < count; k++, at += entries) {
        let sum = -data[datum + k]!;
        for (let e = 0; e < entries; e++) sum = round(sum + round(matrices[at + e]! * product[e]!));
        residual[k] = sum;
        for (let e = 0; e < entries; e++) adjoint[e] = round(adjoint[e]! + round(sum * matrices[at + e]!));
      }
      gradient.fill(0);
      for (let i = 0, at = 0; i < rows; i++) {
        for (let j = 0, u = i * rank; j < cols; j++, at++) {
          const [z, q] = [adjoint[at]!, v + j * rank];
          for (let a = 0; a < rank; a++) gradient[u + a] = round(gradient[u + a]! + round(z * x[q + a]!));
          if (!symmetric) for (let a = 0; a < rank; a++) gradient[q + a] = round(gradient[q + a]! + round(z * x[u + a]!));
        }
      }
      for (let k = 0; k < gradient.length; k++) gradient[k] = round(slope * gradient[k]!);
      return sumOfSquares(residual, 0, count, round);
    },
  };
}
