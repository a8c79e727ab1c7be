/**
 * grad f = 0 as a polynomial system, for f = 1/2 |r|^2 with polynomial residuals of few variables.
 */
import type { Context, Problem, Vec } from '@lowland/core';
import { matrix, multiply, thinQr } from '@lowland/linalg';

import { levels } from '../slice/lagrange.ts';
import { smallInverse } from '../slice/small-inverse.ts';
import { monomialsOf, type PolynomialSystem } from './polynomial-system.ts';

export interface GradientSystem extends PolynomialSystem {
  /** Variables of the system times this are those of the objective. */
  readonly unit: number;
}

/**
 * The residual's coefficients come from its values at (n + L choose L) nodes, where interpolation by polynomials of degree L is unique. With
 * G = C^T C of the coefficients, df/dx_i has the coefficient sum of beta_i G_(alpha beta) at alpha + beta - e_i. Variables are scaled so that
 * the constant and the leading part of r are of one size.
 */
export function gradientSystem({ device, scratch }: Pick<Context<never>, 'device' | 'scratch'>, residual: Problem<'residual'>['residual'], degree: number, variables: number): GradientSystem {
  const inner = monomialsOf(variables, degree);
  const { count, exponents } = inner;
  const power = (m: number, j: number) => exponents[m * variables + j]!;
  const nodes = Array.from({ length: count }, (_, m) => Array.from({ length: variables }, (_unused, j) => levels[power(m, j)]!));
  const values = matrix(Math.max(residual.length, count), count);
  const x: Vec = scratch();
  const r = scratch(residual.length);
  nodes.forEach((node, k) => {
    device.write(x, Float64Array.from(node));
    residual.evaluate(x, r);
    const host = device.host!(r);
    for (let i = 0; i < residual.length; i++) values.data[i * count + k] = host[i]!;
  });
  const weights = matrix(count, count, Float64Array.from(smallInverse(nodes.map((node) => Array.from({ length: count }, (_, m) => node.reduce((product, value, j) => product * value ** power(m, j), 1)))).flat()));
  // values = C V^T with V[k][m] = monomial m at node k, and `weights` is V^-1.
  const coefficients = multiply(thinQr(values).r, weights, { transposeB: true });
  const totals = Array.from({ length: count }, (_, m) => Array.from({ length: variables }, (_unused, j) => power(m, j)).reduce((a, b) => a + b, 0));
  const size = (total: number): number => {
    let sum = 0;
    for (let k = 0; k < count; k++) for (let m = 0; m < count; m++) if (totals[m] === total) sum += coefficients.data[k * count + m]! ** 2;
    return Math.sqrt(sum);
  };
  const [constant, leading] = [size(0), size(degree)];
  // Powers of two, so that scaling is exact.
  const unit = constant > 0 && leading > 0 ? 2 ** Math.round(Math.log2(constant / leading) / degree) : 1;
  for (let k = 0; k < count; k++) for (let m = 0; m < count; m++) coefficients.data[k * count + m]! *= unit ** totals[m]!;

  const gram = multiply(coefficients, coefficients, { transposeA: true });
  const outer = monomialsOf(variables, 2 * degree - 1);
  const place = new Map(Array.from({ length: outer.count }, (_, m) => [outer.exponents.subarray(m * variables, (m + 1) * variables).join(), m]));
  const system = new Float64Array(variables * outer.count);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      for (let i = 0; i < variables; i++) {
        if (power(b, i) === 0) continue;
        const sum = Array.from({ length: variables }, (_, j) => power(a, j) + power(b, j) - (i === j ? 1 : 0));
        system[i * outer.count + place.get(sum.join())!]! += power(b, i) * gram.data[a * count + b]!;
      }
    }
  }
  const most = system.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  return { monomials: outer, coefficients: system.map((value) => value / most), unit };
}
