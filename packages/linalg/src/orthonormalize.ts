import { symmetricEigen } from './eigen.ts';
import { columns, scaleColumns, type Matrix } from './matrix.ts';
import { gram, multiply } from './multiply.ts';
import { thinQr } from './qr.ts';
import { thinSvd } from './svd.ts';

/**
 * An orthonormal basis of the span of A's columns, as many as there are singular values σ > cut·σ₁ (rigour: relative cut 1e-8).
 *
 * Its number of columns is the numerical rank; 0 for a zero matrix.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 */
export function orthonormalize(a: Matrix, cut = 1e-8): Matrix {
  const quick = orthonormalByGram(a, cut);
  if (quick !== undefined) return quick;
  const { q, r } = thinQr(a);
  const { u, s } = thinSvd(r);
  let rank = 0;
  while (rank < s.length && s[rank]! > cut * s[0]!) rank++;
  return multiply(q, columns(u, 0, rank));
}

/**
 * A basis of all columns from their Gram matrix, where that is accurate: columns that are orthogonal to rounding are only scaled; many
 * long ones, whose QR is bound by memory, become A·V·Λ^(−1/2) if the eigenvalues Λ of AᵀA spread by less than 1e4 (orthonormal to 1e-11).
 */
function orthonormalByGram(a: Matrix, cut: number): Matrix | undefined {
  const g = gram(a);
  const lengths = Float64Array.from({ length: a.cols }, (_, j) => Math.sqrt(g.data[j * a.cols + j]!));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (!(longest > safeLength && longest < 1 / safeLength)) return undefined;
  if (areOrthogonal(g, lengths, a.rows) && lengths.every((length) => length > cut * longest)) return scaleColumns(a, lengths.map((length) => 1 / length));
  if (a.cols < manyColumns || a.rows < 8 * a.cols) return undefined;
  const { values, vectors } = symmetricEigen(g);
  if (!(values[a.cols - 1]! > Math.max(1e-4, cut * cut) * values[0]!)) return undefined;
  return multiply(a, scaleColumns(vectors, values.map((value) => 1 / Math.sqrt(value))));
}

const manyColumns = 64;

function areOrthogonal(g: Matrix, lengths: Float64Array, terms: number): boolean {
  const rounding = 8 * Math.sqrt(terms) * 2 ** -53;
  for (let i = 0; i < g.rows; i++) {
    for (let j = 0; j < i; j++) if (!(Math.abs(g.data[i * g.cols + j]!) <= rounding * lengths[i]! * lengths[j]!)) return false;
  }
  return true;
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
