import type { SymmetricEigen } from '@lowland/linalg';

export interface CubicStep {
  readonly step: Float64Array;
  /** |y| */
  readonly length: number;
  /** -m(y), not negative. */
  readonly decrease: number;
}

/**
 * The global minimum of m(y) = <g, y> + 1/2 <y, T y> + (sigma / 6) |y|^3 with g = (slope, 0, 0, …), from the eigenvalues and vectors of T.
 *
 * It is y = -(T + l)^-1 g with l = sigma |y| / 2 and T + l positive semidefinite (Nesterov and Polyak 2006, section 5). |y| falls and l
 * grows with l, so bisection finds it. In the hard case, where g has no part along the lowest eigenvector and l is minus its
 * eigenvalue, a multiple of that vector makes up for the length. O(k^2) flops.
 */
export function minimizeCubic({ values, vectors }: SymmetricEigen, slope: number, sigma: number): CubicStep {
  const k = values.length;
  const lowest = values[k - 1]!;
  const base = Math.max(0, -lowest);
  // l = base + delta; curvatures are counted from the least that l allows, so that small delta keep all their digits
  const g = Float64Array.from({ length: k }, (_, i) => slope * vectors.data[i]!);
  const above = values.map((value) => value + base);
  const lengthAt = (delta: number): number => Math.sqrt(g.reduce((sum, gi, i) => sum + (gi === 0 ? 0 : (gi / (above[i]! + delta)) ** 2), 0));

  let low = 0;
  let high = (-Math.abs(lowest) + Math.sqrt(lowest * lowest + 2 * sigma * slope)) / 2;
  const size = Math.max(Math.abs(values[0]!), Math.abs(lowest));
  if (!(high > Number.EPSILON * size)) high = Number.EPSILON * size + Math.sqrt(sigma * slope);
  const tiny = Number.EPSILON * Math.min(size, high);
  while (high - low > 2 * Number.EPSILON * high && high > tiny) {
    const middle = low + (high - low) / 2;
    if (lengthAt(middle) > (2 * (base + middle)) / sigma) low = middle;
    else high = middle;
  }

  const y = g.map((gi, i) => (gi === 0 ? 0 : -gi / (above[i]! + high)));
  const wanted = (2 * (base + high)) / sigma;
  if (high <= tiny && base > 0) {
    const others = y.reduce((sum, yi, i) => (i === k - 1 ? sum : sum + yi * yi), 0);
    y[k - 1] = (g[k - 1]! > 0 ? -1 : 1) * Math.sqrt(Math.max(0, wanted * wanted - others));
  }
  const length = Math.sqrt(y.reduce((sum, yi) => sum + yi * yi, 0));
  const step = new Float64Array(k);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) step[i] = step[i]! + vectors.data[i * k + j]! * y[j]!;
  const descent = -g.reduce((sum, gi, i) => sum + gi * y[i]!, 0);
  return { step, length, decrease: 0.5 * descent + (sigma / 12) * length * length * length };
}
