import type { Family, Shape } from './family.ts';
import type { Round } from './rounding.ts';
import { sumOfSquares } from './sum.ts';

/**
 * rho = R = U V^T - M, row-major. R_ij begins at -M_ij, the products u_ia v_ja are added in the order of a. Entry (i, a) of the gradient in U is
 * the sum of R_ij v_ja in the order of j, times the slope; that in V the sum of R_ij u_ia in the order of i.
 *
 * Bound by arithmetic: 6 rows cols rank flops, 4 where symmetric.
 */
export function factorization({ symmetric, rows, cols, rank }: Shape, targets: Float64Array, round: Round): Family {
  const entries = rows * cols;
  const residual = new Float64Array(entries);
  let target = 0;
  return {
    select(k) {
      target = targets.length === entries ? 0 : k * entries;
    },
    evaluate(x, slope, gradient) {
      const v = symmetric ? 0 : rows * rank;
      gradient.fill(0);
      for (let i = 0; i < rows; i++) {
        const [u, row] = [i * rank, i * cols];
        for (let j = 0, q = v; j < cols; j++, q += rank) {
          let sum = -targets[target + row + j]!;
          for (let a = 0; a < rank; a++) sum = round(sum + round(x[u + a]! * x[q + a]!));
          residual[row + j] = sum;
          for (let a = 0; a < rank; a++) gradient[u + a] = round(gradient[u + a]! + round(sum * x[q + a]!));
          if (!symmetric) for (let a = 0; a < rank; a++) gradient[q + a] = round(gradient[q + a]! + round(sum * x[u + a]!));
        }
      }
      for (let k = 0; k < gradient.length; k++) gradient[k] = round(slope * gradient[k]!);
      return sumOfSquares(residual, 0, entries, round);
    },
  };
}
