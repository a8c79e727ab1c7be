/**
 * Proof that a ball holds exactly one solution of a polynomial system, rounding included.
 */
import { unitRoundoff } from '@lowland/core';

import { complexSolver } from './complex-solve.ts';
import { evaluatorOf, type ComplexVector, type PolynomialSystem } from './polynomial-system.ts';

/** A ball in the largest-modulus norm with exactly one solution in it. */
export interface Isolated {
  readonly x: ComplexVector;
  readonly radius: number;
}

/**
 * Krawczyk's test (1969; here with a bound of the second derivatives instead of interval arithmetic): with Y about F'(x)^-1 and
 *
 *     |Y F(x)| + (|I - Y F'(x)| + |Y| M rho) rho < rho,   M a bound of F'' on the ball of radius rho about x,
 *
 * the map y -> y - Y F(y) takes that ball into itself and contracts, so it holds exactly one solution. All norms are of the largest modulus,
 * and every term has the rounding of its evaluation and of the coefficients added. Undefined where no radius passes.
 */
export function isolate(system: PolynomialSystem, x: ComplexVector): Isolated | undefined {
  const { monomials, coefficients, errors } = system;
  const { variables: n, count, exponents, lower, by, degree } = monomials;
  const evaluator = evaluatorOf(system);
  evaluator.at(x);
  const solver = complexSolver(n);
  if (!solver.factor(evaluator.jacobianRe, evaluator.jacobianIm)) return undefined;
  // Y by columns
  const inverseRe = new Float64Array(n * n);
  const inverseIm = new Float64Array(n * n);
  const column = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    solver.solve(column);
    for (let i = 0; i < n; i++) {
      inverseRe[i * n + j] = column[i]!;
      inverseIm[i * n + j] = column[n + i]!;
    }
  }
  const unsure = (at: number): number => errors?.[at] ?? 0;
  const modulus = (re: number, im: number) => Math.hypot(re, im);
  const rowSum = (i: number, of: (k: number) => number): number => Array.from({ length: n }, (_, k) => modulus(inverseRe[i * n + k]!, inverseIm[i * n + k]!) * of(k)).reduce((a, b) => a + b, 0);

  /** Values of all monomials at non-negative numbers. */
  const powers = (at: readonly number[]): Float64Array => {
    const out = new Float64Array(count);
    out[0] = 1;
    for (let m = 1; m < count; m++) out[m] = out[lower[m * n + by[m]!]!]! * at[by[m]!]!;
    return out;
  };
  const here = powers(Array.from({ length: n }, (_, j) => modulus(x[j]!, x[n + j]!)));
  // Every value is a sum of `count` products of at most degree + 1 complex factors.
  const rounding = 8 * (count + 2 * degree + 4) * unitRoundoff.f64;
  const valueError = Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let m = 0; m < count; m++) sum += (rounding * Math.abs(coefficients[i * count + m]!) + unsure(i * count + m)) * here[m]!;
    return sum;
  });
  const slopeError = Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let m = 1; m < count; m++) for (let j = 0; j < n; j++) if (lower[m * n + j]! >= 0) sum += (rounding * Math.abs(coefficients[i * count + m]!) + unsure(i * count + m)) * exponents[m * n + j]! * here[lower[m * n + j]!]!;
    return sum;
  });
  let [first, defect] = [0, 0];
  for (let i = 0; i < n; i++) {
    let [stepRe, stepIm] = [0, 0];
    for (let k = 0; k < n; k++) {
      stepRe += inverseRe[i * n + k]! * evaluator.value[k]! - inverseIm[i * n + k]! * evaluator.value[n + k]!;
      stepIm += inverseRe[i * n + k]! * evaluator.value[n + k]! + inverseIm[i * n + k]! * evaluator.value[k]!;
    }
    const size = rowSum(i, (k) => modulus(evaluator.value[k]!, evaluator.value[n + k]!));
    first = Math.max(first, modulus(stepRe, stepIm) + rowSum(i, (k) => valueError[k]!) + 8 * n * unitRoundoff.f64 * size);
    let off = 0;
    let products = 0;
    for (let j = 0; j < n; j++) {
      let [re, im] = [i === j ? 1 : 0, 0];
      for (let k = 0; k < n; k++) {
        const [a, b, c, d] = [inverseRe[i * n + k]!, inverseIm[i * n + k]!, evaluator.jacobianRe[k * n + j]!, evaluator.jacobianIm[k * n + j]!];
        re -= a * c - b * d;
        im -= a * d + b * c;
        products += modulus(a, b) * modulus(c, d);
      }
      off += modulus(re, im);
    }
    defect = Math.max(defect, off + rowSum(i, (k) => slopeError[k]!) + 8 * n * unitRoundoff.f64 * products);
  }
  const inverseNorm = Math.max(...Array.from({ length: n }, (_, i) => rowSum(i, () => 1)));

  const passes = (radius: number): boolean => {
    const around = powers(Array.from({ length: n }, (_, j) => modulus(x[j]!, x[n + j]!) + radius));
    let bend = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let m = 1; m < count; m++) {
        const size = Math.abs(coefficients[i * count + m]!) + unsure(i * count + m);
        for (let j = 0; j < n; j++) {
          const once = lower[m * n + j]!;
          if (once < 0) continue;
          for (let k = 0; k < n; k++) {
            const twice = lower[once * n + k]!;
            if (twice >= 0) sum += size * exponents[m * n + j]! * exponents[once * n + k]! * around[twice]!;
          }
        }
      }
      bend = Math.max(bend, sum);
    }
    // A thousandth to spare covers the rounding of these few sums of non-negative numbers.
    return 1.001 * (first + (defect + inverseNorm * bend * radius) * radius) < radius;
  };
  for (let radius = Math.max(2 * first, 1e-300); radius < 1; radius *= 4) if (passes(radius)) return { x, radius };
  return undefined;
}
