/**
 * grad f = 0 as a polynomial system, for f = 1/2 |r|^2 with polynomial residuals of few variables.
 */
import { matrix, type Matrix, multiply, norm, thinQr } from '@lowland/linalg';

import { levels } from '../slice/lagrange.ts';
import { smallInverse } from '../slice/small-inverse.ts';
import { monomialsOf, type PolynomialSystem } from './polynomial-system.ts';

export interface GradientSystem extends PolynomialSystem {
  /** Variables of the system times this are those of the objective. */
  readonly unit: number;
}

/** r as a function of few variables. */
export interface PolynomialResidual {
  readonly length: number;
  readonly degree: number;
  /** r(x), which the next call may write over. */
  at(x: Float64Array): Float64Array;
  /** A bound of the rounding of what `at` gave last, in the norm; absent: none is reckoned with. */
  rounding?(): number;
}

/**
 * The residual's coefficients come from its values at (n + L choose L) nodes, where interpolation by polynomials of degree L is unique. With
 * G = C^T C of the coefficients, df/dx_i has the coefficient sum of beta_i G_(alpha beta) at alpha + beta - e_i. Variables are scaled so that
 * no part of r drowns the leading one at the nodes, nor is drowned by it.
 */
export function gradientSystem({ length, degree, at, rounding }: PolynomialResidual, variables: number): GradientSystem {
  const inner = monomialsOf(variables, degree);
  const { count, exponents } = inner;
  const power = (m: number, j: number) => exponents[m * variables + j]!;
  const nodes = Array.from({ length: count }, (_, m) => Array.from({ length: variables }, (_unused, j) => levels[power(m, j)]!));
  const weights = matrix(count, count, Float64Array.from(smallInverse(nodes.map((node) => Array.from({ length: count }, (_, m) => node.reduce((product, value, j) => product * value ** power(m, j), 1)))).flat()));
  const totals = Array.from({ length: count }, (_, m) => Array.from({ length: variables }, (_unused, j) => power(m, j)).reduce((a, b) => a + b, 0));
  /** The coefficients of r(unit x), times a power of two that makes the largest value at a node about 1. */
  const coefficientsAt = (unit: number): { readonly c: Matrix; readonly errors: Float64Array } => {
    const values = matrix(Math.max(length, count), count);
    let off = 0;
    nodes.forEach((node, k) => {
      const r = at(Float64Array.from(node, (value) => unit * value));
      for (let i = 0; i < length; i++) values.data[i * count + k] = r[i]!;
      off = Math.max(off, rounding?.() ?? 0);
    });
    const most = values.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
    const factor = 2 ** -Math.floor(Math.log2(most));
    // values = C V^T with V[k][m] = monomial m at node k, and `weights` is V^-1.
    const { r } = thinQr(matrix(values.rows, count, values.data.map((value) => factor * value)));
    // QR and the product are off by a few units of rounding of what is added up, column by column.
    const sizes = columnNorms(r);
    const errors = Float64Array.from({ length: count }, (_, m) => sizes.reduce((sum, size, k) => sum + ((count + 4) * Number.EPSILON * size + factor * off) * Math.abs(weights.data[m * count + k]!), 0));
    return { c: multiply(r, weights, { transposeB: true }), errors };
  };
  /**
   * The power of two that makes the largest ratio (|r_k| / |r_L|)^(1/(L - k)) of the parts of degree k one, which bounds the zeros as Cauchy's bound does; of
   * what is not drowned by the largest part: that comes out step by step.
   */
  const balanceOf = ({ c: { data } }: { readonly c: Matrix }): number => {
    const sizes = Array.from({ length: degree + 1 }, (_, total) => norm(data.filter((_value, k) => totals[k % count] === total)));
    const leading = sizes.findLastIndex((size) => size > 2 ** -40 * Math.max(...sizes));
    if (leading <= 0) return leading === 0 ? 26 : 0;
    const ratio = Math.max(...sizes.slice(0, leading).map((size, k) => (size / sizes[leading]!) ** (1 / (leading - k))));
    return ratio === 0 ? 0 : Math.round(Math.log2(ratio));
  };
  // Powers of two, so that scaling is exact.
  let unit = 1;
  let coefficients = coefficientsAt(unit);
  for (let pass = 0, change = balanceOf(coefficients); pass < 30 && change !== 0; pass++, change = balanceOf(coefficients)) {
    unit *= 2 ** change;
    coefficients = coefficientsAt(unit);
  }

  const { c, errors: off } = coefficients;
  const sizes = columnNorms(c);
  const gram = multiply(c, c, { transposeA: true });
  const outer = monomialsOf(variables, 2 * degree - 1);
  const place = new Map(Array.from({ length: outer.count }, (_, m) => [outer.exponents.subarray(m * variables, (m + 1) * variables).join(), m]));
  const system = new Float64Array(variables * outer.count);
  const errors = new Float64Array(system.length);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      for (let i = 0; i < variables; i++) {
        if (power(b, i) === 0) continue;
        const sum = Array.from({ length: variables }, (_, j) => power(a, j) + power(b, j) - (i === j ? 1 : 0));
        const at = i * outer.count + place.get(sum.join())!;
        system[at]! += power(b, i) * gram.data[a * count + b]!;
        errors[at]! += power(b, i) * (sizes[a]! * off[b]! + sizes[b]! * off[a]! + count * Number.EPSILON * sizes[a]! * sizes[b]!);
      }
    }
  }
  const most = system.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  return { monomials: outer, coefficients: system.map((value) => value / most), errors: errors.map((value) => value / most), unit };
}

function columnNorms({ cols, data }: Matrix): Float64Array {
  const squares = new Float64Array(cols);
  data.forEach((value, k) => (squares[k % cols]! += value * value));
  return squares.map(Math.sqrt);
}
