/**
 * Square systems of polynomials over the complex numbers, all written in the monomials of degree at most d.
 */

/** All monomials of degree at most d in n variables, the constant first, each after those that divide it. */
export interface Monomials {
  readonly variables: number;
  readonly degree: number;
  readonly count: number;
  /** count x n */
  readonly exponents: Uint8Array;
  /** lower[m n + j]: the place of monomial m over x_j, -1 where x_j does not divide it. */
  readonly lower: Int32Array;
  /** A variable that divides monomial m (m > 0), by which it is made. */
  readonly by: Int32Array;
}

export function monomialsOf(variables: number, degree: number): Monomials {
  const all: number[][] = [];
  const place = new Map<string, number>();
  for (let total = 0; total <= degree; total++) {
    const grow = (prefix: number[], left: number) => {
      if (prefix.length === variables - 1) {
        place.set([...prefix, left].join(), all.length);
        all.push([...prefix, left]);
        return;
      }
      for (let k = left; k >= 0; k--) grow([...prefix, k], left - k);
    };
    grow([], total);
  }
  const lower = new Int32Array(all.length * variables).fill(-1);
  const by = new Int32Array(all.length);
  all.forEach((exponent, m) => {
    exponent.forEach((power, j) => {
      if (power === 0) return;
      lower[m * variables + j] = place.get(exponent.map((value, k) => (k === j ? value - 1 : value)).join())!;
      by[m] = j;
    });
  });
  return { variables, degree, count: all.length, exponents: Uint8Array.from(all.flat()), lower, by };
}

/** F: C^n -> C^n with real coefficients: n x count, row-major. */
export interface PolynomialSystem {
  readonly monomials: Monomials;
  readonly coefficients: Float64Array;
  /** What each coefficient may be off by; absent where they are exact. */
  readonly errors?: Float64Array;
}

/** A point of C^n: real parts, then imaginary parts. */
export type ComplexVector = Float64Array;

/** Values and Jacobians of a system, in place. */
export interface SystemEvaluator {
  /** F at x: n complex numbers, real parts first. */
  readonly value: Float64Array;
  /** Real and imaginary parts of dF_i / dx_j, n x n each. */
  readonly jacobianRe: Float64Array;
  readonly jacobianIm: Float64Array;
  at(x: ComplexVector): void;
}

export function evaluatorOf({ monomials, coefficients }: PolynomialSystem): SystemEvaluator {
  const { variables: n, count, lower, by, exponents } = monomials;
  const [re, im] = [new Float64Array(count), new Float64Array(count)];
  const value = new Float64Array(2 * n);
  const [jacobianRe, jacobianIm] = [new Float64Array(n * n), new Float64Array(n * n)];
  return {
    value,
    jacobianRe,
    jacobianIm,
    at(x) {
      re[0] = 1;
      im[0] = 0;
      for (let m = 1; m < count; m++) {
        const j = by[m]!;
        const below = lower[m * n + j]!;
        const [a, b, c, d] = [re[below]!, im[below]!, x[j]!, x[n + j]!];
        re[m] = a * c - b * d;
        im[m] = a * d + b * c;
      }
      for (let i = 0; i < n; i++) {
        let [sumRe, sumIm] = [0, 0];
        const row = i * count;
        for (let m = 0; m < count; m++) {
          sumRe += coefficients[row + m]! * re[m]!;
          sumIm += coefficients[row + m]! * im[m]!;
        }
        value[i] = sumRe;
        value[n + i] = sumIm;
        for (let j = 0; j < n; j++) {
          let [slopeRe, slopeIm] = [0, 0];
          for (let m = 1; m < count; m++) {
            const below = lower[m * n + j]!;
            if (below < 0) continue;
            const factor = coefficients[row + m]! * exponents[m * n + j]!;
            slopeRe += factor * re[below]!;
            slopeIm += factor * im[below]!;
          }
          jacobianRe[i * n + j] = slopeRe;
          jacobianIm[i * n + j] = slopeIm;
        }
      }
    },
  };
}
