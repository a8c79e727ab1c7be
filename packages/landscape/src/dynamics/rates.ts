/** How fast the three Langevin dynamics move near a stationary point, by their linearisation. */
import { LowlandError } from '@lowland/core';
import { matrix, type Matrix, symmetricEigenvalues } from '@lowland/linalg';

import { eigenvaluesOf } from './general-eigenvalues.ts';

/** J = a [[0, I], [-I, 0]], the first half of the variables against the second, as the drift `rotation`; a variable left over has none. */
export function rotationMatrix(size: number, strength: number): Matrix {
  const j = matrix(size, size);
  const half = Math.floor(size / 2);
  for (let i = 0; i < half; i++) {
    j.data[i * size + half + i] = strength;
    j.data[(half + i) * size + i] = -strength;
  }
  return j;
}

/** (I + J) H */
export function driftMatrix(hessian: Matrix, j: Matrix): Matrix {
  const n = hessian.rows;
  if (hessian.cols !== n || j.rows !== n || j.cols !== n) throw new LowlandError('LOWLAND_E_SHAPE', `J and the Hessian are square and of one size; ${j.rows} x ${j.cols} and ${n} x ${hessian.cols} were given.`);
  const out = matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      let sum = hessian.data[i * n + k]!;
      for (let l = 0; l < n; l++) sum += j.data[i * n + l]! * hessian.data[l * n + k]!;
      out.data[i * n + k] = sum;
    }
  }
  return out;
}

/**
 * The only negative eigenvalue mu* of (I + J) H at a saddle of index 1, J antisymmetric: the rate at which the nonreversible dynamics leaves
 * it. det((I + J) H - mu I) changes its sign there and nowhere else below 0, so it is found by bisection, to the last bits. In two variables
 * with H = diag(-1, k) and J = a [[0, 1], [-1, 0]] it is ((k - 1) - sqrt((k - 1)^2 + 4 k (1 + a^2))) / 2.
 *
 * @throws LOWLAND_E_OPTIONS where H has not exactly one negative eigenvalue, or a zero one
 */
export function leavingRate(hessian: Matrix, j: Matrix): number {
  const values = symmetricEigenvalues(hessian);
  const size = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));
  const negative = values.filter((value) => value < 0).length;
  if (negative !== 1 || values.some((value) => Math.abs(value) <= 1e-12 * size)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The saddle between two minima has exactly one negative and no zero eigenvalue; it has ${negative} negative ones, the eigenvalues are ${[...values].join(', ')}.`);
  }
  const drift = driftMatrix(hessian, j);
  let low = -drift.data.reduce((sum, value) => sum + Math.abs(value), 0) - 1;
  let high = 0;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (signOfDeterminant(drift, middle) > 0) low = middle;
    else high = middle;
  }
}

/** min Re eig((I + J) H): how fast the law of the nonreversible dynamics forgets its start at a minimum, from m up to tr(H) / n. */
export function nonreversibleRate(hessian: Matrix, j: Matrix): number {
  return eigenvaluesOf(driftMatrix(hessian, j)).re.reduce((least, value) => Math.min(least, value), Infinity);
}

/** min Re (gamma -+ sqrt(gamma^2 - 4 m)) / 2: the same with inertia, at its best sqrt(m) for gamma = 2 sqrt(m). */
export function underdampedRate(least: number, friction: number): number {
  const discriminant = friction ** 2 - 4 * least;
  // The smaller root, without cancellation.
  return discriminant <= 0 ? friction / 2 : (2 * least) / (friction + Math.sqrt(discriminant));
}

/** The sign of det(A - mu I) by elimination with row exchanges. */
function signOfDeterminant({ rows: n, data }: Matrix, mu: number): number {
  const a = data.slice();
  for (let i = 0; i < n; i++) a[i * n + i]! -= mu;
  let sign = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) if (Math.abs(a[i * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = i;
    const head = a[pivot * n + column]!;
    if (head === 0) return 0;
    if (pivot !== column) {
      sign = -sign;
      for (let l = column; l < n; l++) [a[pivot * n + l], a[column * n + l]] = [a[column * n + l]!, a[pivot * n + l]!];
    }
    if (head < 0) sign = -sign;
    for (let i = column + 1; i < n; i++) {
      const factor = a[i * n + column]! / head;
      for (let l = column + 1; l < n; l++) a[i * n + l]! -= factor * a[column * n + l]!;
    }
  }
  return sign;
}
