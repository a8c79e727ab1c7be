/**
 * Polynomials of two variables and degree at most L by their values at (L + 1)(L + 2) / 2 nodes of [-1, 1]^2.
 */

export interface LagrangeBasis {
  readonly degree: number;
  /** (s, t) of each node; the first is the centre. */
  readonly nodes: readonly (readonly [s: number, t: number])[];
  /** out[k] = the k-th basis polynomial at (s, t): 1 at node k, 0 at the others, to rounding. */
  at(s: number, t: number, out: Float64Array): void;
  /** Its derivatives. */
  derivatives(s: number, t: number, alongS: Float64Array, alongT: Float64Array): void;
}

/** Exponents (i, j) of the monomials s^i t^j of degree at most L, by degree. */
export function monomials(degree: number): readonly (readonly [number, number])[] {
  return Array.from({ length: degree + 1 }, (_, total) => Array.from({ length: total + 1 }, (_unused, j) => [total - j, j] as const)).flat();
}

/** The places of nodes along each axis, in the order in which they are used. */
const levels = [0, 1, -1, 1 / 2, -1 / 2, 3 / 4, -3 / 4, 1 / 4, -1 / 4];

/** Beyond it interpolation in powers loses too many digits. */
export const largestDegree = levels.length - 1;

/**
 * Basis polynomials on the nodes (a_i, a_j), i + j <= L, a the levels. On such a set interpolation is unique (principal lattice). The
 * coefficients come from a small linear system; for L = 2 they are 0, ±1/2 and ±1 exactly.
 */
export function lagrangeBasis(degree: number): LagrangeBasis {
  const exponents = monomials(degree);
  const nodes = exponents.map(([i, j]) => [levels[i]!, levels[j]!] as const);
  const size = nodes.length;
  const coefficients = inverse(nodes.map(([s, t]) => exponents.map(([i, j]) => s ** i * t ** j)));
  const powers = (x: number) => Array.from({ length: degree + 1 }, (_, k) => x ** k);
  const combine = (values: readonly number[], out: Float64Array) => {
    for (let k = 0; k < size; k++) {
      let sum = 0;
      for (let m = 0; m < size; m++) sum += coefficients[m]![k]! * values[m]!;
      out[k] = sum;
    }
  };
  return {
    degree,
    nodes,
    at(s, t, out) {
      const [ps, pt] = [powers(s), powers(t)];
      combine(exponents.map(([i, j]) => ps[i]! * pt[j]!), out);
    },
    derivatives(s, t, alongS, alongT) {
      const [ps, pt] = [powers(s), powers(t)];
      combine(exponents.map(([i, j]) => (i === 0 ? 0 : i * ps[i - 1]! * pt[j]!)), alongS);
      combine(exponents.map(([i, j]) => (j === 0 ? 0 : j * ps[i]! * pt[j - 1]!)), alongT);
    },
  };
}

/** By Gauss-Jordan with row pivoting; the matrices are small and well conditioned. */
function inverse(rows: readonly (readonly number[])[]): number[][] {
  const n = rows.length;
  const work = rows.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(work[i]![k]!) > Math.abs(work[pivot]![k]!)) pivot = i;
    [work[k], work[pivot]] = [work[pivot]!, work[k]!];
    const lead = work[k]![k]!;
    for (let j = k; j < 2 * n; j++) work[k]![j]! /= lead;
    for (let i = 0; i < n; i++) {
      const factor = work[i]![k]!;
      if (i === k || factor === 0) continue;
      for (let j = k; j < 2 * n; j++) work[i]![j]! -= factor * work[k]![j]!;
    }
  }
  return work.map((row) => row.slice(n));
}
