import { smallInverse } from './small-inverse.ts';

/**
 * Polynomials of two variables and degree at most L by their values at (L + 1)(L + 2) / 2 nodes of [-1, 1]^2.
 */

export interface LagrangeBasis {
  readonly degree: number;
  /** (s, t) of each node; the first is the centre. */
  readonly nodes: readonly (readonly [s: number, t: number])[];
  /** out[k] = the k-th basis polynomial at (s, t): 1 at node k, 0 at the others, to rounding. */
  at(s: number, t: number, out: Float64Array): void;
  /** out[k] = the sum of absolute values of what `at` adds up: in the norm its rounding is less than 2^-52 of these. */
  magnitudes(s: number, t: number, out: Float64Array): void;
  /** Its derivatives. */
  derivatives(s: number, t: number, alongS: Float64Array, alongT: Float64Array): void;
}

/** Exponents (i, j) of the monomials s^i t^j of degree at most L, by degree. */
export function monomials(degree: number): readonly (readonly [number, number])[] {
  return Array.from({ length: degree + 1 }, (_, total) => Array.from({ length: total + 1 }, (_unused, j) => [total - j, j] as const)).flat();
}

/** The places of nodes along each axis, in the order in which they are used. */
export const levels = [0, 1, -1, 1 / 2, -1 / 2, 3 / 4, -3 / 4, 1 / 4, -1 / 4];

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
  const coefficients = Float64Array.from(smallInverse(nodes.map(([s, t]) => exponents.map(([i, j]) => s ** i * t ** j))).flat());
  const ofS = Int32Array.from(exponents, ([i]) => i);
  const ofT = Int32Array.from(exponents, ([, j]) => j);
  const [powersOfS, powersOfT] = [new Float64Array(degree + 1), new Float64Array(degree + 1)];
  const monomial = new Float64Array(size);
  const raise = (s: number, t: number) => {
    powersOfS[0] = powersOfT[0] = 1;
    for (let k = 1; k <= degree; k++) {
      powersOfS[k] = powersOfS[k - 1]! * s;
      powersOfT[k] = powersOfT[k - 1]! * t;
    }
  };
  const combine = (out: Float64Array) => {
    out.fill(0);
    for (let m = 0; m < size; m++) {
      const value = monomial[m]!;
      for (let k = 0; k < size; k++) out[k]! += coefficients[m * size + k]! * value;
    }
  };
  return {
    degree,
    nodes,
    at(s, t, out) {
      raise(s, t);
      for (let m = 0; m < size; m++) monomial[m] = powersOfS[ofS[m]!]! * powersOfT[ofT[m]!]!;
      combine(out);
    },
    magnitudes(s, t, out) {
      raise(Math.abs(s), Math.abs(t));
      out.fill(0);
      for (let m = 0; m < size; m++) {
        const value = powersOfS[ofS[m]!]! * powersOfT[ofT[m]!]!;
        for (let k = 0; k < size; k++) out[k]! += Math.abs(coefficients[m * size + k]!) * value;
      }
    },
    derivatives(s, t, alongS, alongT) {
      raise(s, t);
      for (let m = 0; m < size; m++) monomial[m] = ofS[m] === 0 ? 0 : ofS[m]! * powersOfS[ofS[m]! - 1]! * powersOfT[ofT[m]!]!;
      combine(alongS);
      for (let m = 0; m < size; m++) monomial[m] = ofT[m] === 0 ? 0 : ofT[m]! * powersOfS[ofS[m]!]! * powersOfT[ofT[m]! - 1]!;
      combine(alongT);
    },
  };
}
