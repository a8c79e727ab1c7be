/**
 * Roots of the secular function 1/ρ + Σ zᵢ²/(dᵢ − λ), the eigenvalues of diag(d) + ρ z zᵀ.
 *
 * Sources: R.-C. Li, Solving secular equations stably and efficiently, LAPACK Working Note 89 (1993); LAPACK's dlaed4. Every step is kept
 * inside a bracket, so the iteration ends.
 */
import type { Workspace } from './workspace.ts';

/** Values of the function within its rounding error are zero. */
const rounding = 2 ** -51;
/** Steps by rational interpolation, then by halves; three are usual. */
const maxSteps = 40;

/**
 * Root j of n, between poles j and j + 1 or behind the last one. d is ascending at the place `d`, without equal entries, z has unit norm and
 * ρ > 0 is given by `inverse` = 1/ρ. The root is data[out] + data[out + 1]: the pole next to it and the distance from there, which keeps
 * differences with all poles accurate. `out` has room for six numbers.
 */
export function secularRoot(w: Workspace, n: number, j: number, d: number, z: number, inverse: number, out: number): void {
  const { data } = w;
  const last = j === n - 1;
  if (n === 1) {
    data[out] = data[d]!;
    data[out + 1] = (data[z]! * data[z]!) / inverse;
    return;
  }
  const split = last ? j : j + 1;
  const value = (origin: number, tau: number): number => {
    w.secular.evaluate(n, split, d, z, origin, tau, out + 2);
    return inverse + data[out + 2]! + data[out + 4]!;
  };
  // The two poles that the interpolation keeps, and the middle of the interval.
  const first = last ? j - 1 : j;
  const gap = data[d + first + 1]! - data[d + first]!;
  const [weight1, weight2] = [data[z + first]! * data[z + first]!, data[z + first + 1]! * data[z + first + 1]!];
  const half = last ? 0.5 / inverse : gap / 2;
  let f = value(data[d + j]!, half);
  const leftwards = f >= 0;
  const atRight = last || !leftwards;
  const origin = data[d + (last || leftwards ? j : j + 1)]!;
  const [pole1, pole2] = atRight ? [-gap, 0] : [0, gap];
  let low = last ? (leftwards ? 0 : half) : leftwards ? 0 : half - gap;
  let high = last ? (leftwards ? half : (1 + rounding) / inverse) : leftwards ? half : 0;
  const middle = atRight && !last ? half - gap : half;
  let tau = interpolate(f - weight1 / (pole1 - middle) - weight2 / (pole2 - middle), gap, weight1, weight2, atRight, last);
  if (!(tau > low && tau < high)) tau = (low + high) / 2;

  let before = Infinity;
  let fixed = true;
  for (let step = 0; ; step++) {
    f = value(origin, tau);
    const [psi, psiSlope, phi, phiSlope] = [data[out + 2]!, data[out + 3]!, data[out + 4]!, data[out + 5]!];
    if (Math.abs(f) <= rounding * (inverse + Math.abs(psi) + Math.abs(phi))) break;
    if (f < 0) low = tau;
    else high = tau;
    if (Math.abs(f) > Math.abs(before) / 10) fixed = !fixed;
    before = f;
    let next = NaN;
    if (step < maxSteps) {
      const [delta1, delta2] = [pole1 - tau, pole2 - tau];
      const slope = psiSlope + phiSlope;
      const a = (delta1 + delta2) * f - delta1 * delta2 * slope;
      const b = delta1 * delta2 * f;
      let eta: number;
      if (last) {
        const c = Math.abs(f - delta1 * psiSlope - delta2 * phiSlope);
        const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
        eta = a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root);
      } else {
        let c: number;
        if (!fixed) c = f - delta1 * psiSlope - delta2 * phiSlope;
        else if (atRight) c = f - delta1 * slope - gap * (weight2 / delta2 / delta2);
        else c = f - delta2 * slope + gap * (weight1 / delta1 / delta1);
        const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
        eta = a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
      }
      // A step uphill, or none: Newton's.
      if (!(f * eta < 0)) eta = -f / slope;
      next = tau + eta;
    }
    if (next === tau) break;
    if (!(next > low && next < high)) {
      next = (low + high) / 2;
      if (!(next > low && next < high)) break;
    }
    tau = next;
  }
  data[out] = origin;
  data[out + 1] = tau;
}

/** The first guess: c + weight1/(pole1 − τ) + weight2/(pole2 − τ) = 0, between the poles or, for the last root, behind them. */
function interpolate(c: number, gap: number, weight1: number, weight2: number, atRight: boolean, last: boolean): number {
  if (!atRight) {
    const a = c * gap + weight1 + weight2;
    const b = weight1 * gap;
    const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
    return a > 0 ? (2 * b) / (a + root) : (a - root) / (2 * c);
  }
  const b = weight2 * gap;
  if (last) {
    const a = weight1 + weight2 - c * gap;
    const root = Math.sqrt(Math.abs(a * a + 4 * b * c));
    return a < 0 ? (2 * b) / (root - a) : (a + root) / (2 * c);
  }
  const a = c * gap - weight1 - weight2;
  const root = Math.sqrt(Math.abs(a * a + 4 * b * c));
  return a < 0 ? (2 * b) / (a - root) : -(a + root) / (2 * c);
}
