import { matrix, type Matrix, multiply, symmetricEigen } from '@lowland/linalg';

/** A rank below the number of columns, and how to bring the factors to it. */
export interface RankEstimate {
  readonly rank: number;
  /** U left and V right are the balanced factors of the best approximation of U V^T of that rank, zero in the columns beyond. */
  readonly left: Matrix;
  readonly right: Matrix;
}

/**
 * Looks for one large drop in the singular values s_1 >= … >= s_k of U V^T, k its rank so far: with q_i = s_i / s_(i+1) and p the
 * place of the largest, the rank becomes p where (k - 1) q_p > jump times the sum of the other q_i (Wen, Yin and Zhang 2012, section 2.3;
 * there of the diagonal of a QR factorisation of U, with a jump of 10). From the r x r Gram matrices alone, so values below 1e-8 s_1 are noise.
 *
 * @param left U^T U
 * @param right V^T V
 */
export function estimateRank(left: Matrix, right: Matrix, k: number, jump: number): RankEstimate | undefined {
  if (k < 3) return undefined;
  const r = left.rows;
  const { values: d, vectors: q } = symmetricEigen(right);
  const root = d.map((value) => (value > 1e-15 * d[0]! ? Math.sqrt(value) : 0));
  // U V^T = (U Q D^1/2) (V Q D^-1/2)^T, the second factor orthonormal
  const scaled = columns(q, root);
  const { values: squares, vectors: p } = symmetricEigen(multiply(multiply(scaled, left, { transposeA: true }), scaled));
  const s = squares.map((value) => Math.sqrt(Math.max(value, 1e-16 * squares[0]!)));
  let rank = 0;
  let largest = 0;
  let sum = 0;
  for (let i = 0; i + 1 < k; i++) {
    const quotient = s[i]! / s[i + 1]!;
    sum += quotient;
    if (quotient > largest) [rank, largest] = [i + 1, quotient];
  }
  if (!((k - 1) * largest > jump * (sum - largest))) return undefined;
  const kept = (power: number) => Float64Array.from({ length: r }, (_, i) => (i < rank ? (power > 0 ? Math.sqrt(s[i]!) : 1 / Math.sqrt(s[i]!)) : 0));
  return {
    rank,
    left: columns(multiply(scaled, p), kept(-1)),
    right: columns(multiply(columns(q, root.map((value) => (value > 0 ? 1 / value : 0))), p), kept(1)),
  };
}

/** a diag(factors) */
function columns(a: Matrix, factors: Float64Array): Matrix {
  return matrix(a.rows, a.cols, a.data.map((value, k) => value * factors[k % a.cols]!));
}
