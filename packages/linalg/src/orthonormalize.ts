import { columns, scaleColumns, type Matrix } from './matrix.ts';
import { gram, multiply } from './multiply.ts';
import { thinQr } from './qr.ts';
import { thinSvd } from './svd.ts';

/**
 * An orthonormal basis of the span of A's columns: the left singular vectors with σ > cut·σ₁ (rigour: relative cut 1e-8).
 *
 * Its number of columns is the numerical rank; 0 for a zero matrix.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 */
export function orthonormalize(a: Matrix, cut = 1e-8): Matrix {
  const orthogonal = scaledIfOrthogonal(a, cut);
  if (orthogonal !== undefined) return orthogonal;
  const { q, r } = thinQr(a);
  const { u, s } = thinSvd(r);
  let rank = 0;
  while (rank < s.length && s[rank]! > cut * s[0]!) rank++;
  return multiply(q, columns(u, 0, rank));
}

/** A with its columns scaled to length 1, if they are orthogonal to rounding and none is negligible; a quarter of the cost of a QR. */
function scaledIfOrthogonal(a: Matrix, cut: number): Matrix | undefined {
  const g = gram(a);
  const lengths = Float64Array.from({ length: a.cols }, (_, j) => Math.sqrt(g.data[j * a.cols + j]!));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (!(longest > safeLength && longest < 1 / safeLength)) return undefined;
  const rounding = 8 * Math.sqrt(a.rows) * 2 ** -53;
  for (let i = 0; i < a.cols; i++) {
    if (!(lengths[i]! > cut * longest)) return undefined;
    for (let j = 0; j < i; j++) {
      if (!(Math.abs(g.data[i * a.cols + j]!) <= rounding * lengths[i]! * lengths[j]!)) return undefined;
    }
  }
  return scaleColumns(a, lengths.map((length) => 1 / length));
}

/** Squares of such lengths neither overflow nor lose digits. */
const safeLength = 1e-140;

/** x −= Q Qᵀ x, for orthonormal columns Q. `coefficients` is room for Q's number of columns. */
export function projectOut(q: Matrix, x: Float64Array, coefficients: Float64Array): void {
  if (q.cols === 0) return;
  coefficients.fill(0);
  for (let i = 0; i < q.rows; i++) {
    for (let j = 0; j < q.cols; j++) coefficients[j] = coefficients[j]! + q.data[i * q.cols + j]! * x[i]!;
  }
  for (let i = 0; i < q.rows; i++) {
    let sum = 0;
    for (let j = 0; j < q.cols; j++) sum += q.data[i * q.cols + j]! * coefficients[j]!;
    x[i] = x[i]! - sum;
  }
}
