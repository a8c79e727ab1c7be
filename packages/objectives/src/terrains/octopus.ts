import type { Objective } from '@lowland/core';

import { finiteGroup, requireDimension, requirePositive, terrain, type TerrainCapability } from './terrain.ts';

export interface OctopusOptions {
  /** Number of variables, and of saddles on the way; default 5. */
  readonly dimension?: number;
  /** Half the curvature of the stable directions, above 0; default 1. */
  readonly L?: number;
  /** Half the negative curvature of the saddles, above 0; default 1. */
  readonly gamma?: number;
  /** The length scale, above 0; default e. */
  readonly tau?: number;
}

/**
 * The octopus function: a chain of strict saddles that gradient descent takes exponentially long to pass, and perturbed
 * gradient descent does not. With a = |x| and i the first index with a_i <= 2 tau,
 *
 *     f(x) = sum_{j<i} (L (a_j - 4 tau)^2 - nu)
 *          + { -gamma a_i^2 + L sum_{j>i} a_j^2                            a_i <= tau
 *            { g1(a_i) + g2(a_i) a_{i+1}^2 + L sum_{j>i+1} a_j^2           tau < a_i <= 2 tau  (g1(a_i) for the last i)
 *
 *     g1(t) = -gamma t^2 + (10 gamma - 14 L)/(3 tau) u^3 + (5 L - 3 gamma)/(2 tau^2) u^4,               u = t - tau
 *     g2(t) = -gamma - (L + gamma) (10 w^3/tau^3 + 15 w^4/tau^4 + 6 w^5/tau^5),                          w = t - 2 tau
 *     nu = (13 gamma + 37 L) tau^2 / 6
 *
 * on the domain a_j <= 6 tau for all j, a_j <= tau for j > i, where it is twice continuously differentiable; f is infinite
 * elsewhere. The stationary points are (±4 tau, …, ±4 tau, 0, …, 0): 2^n global minima, f = -n nu, and strict saddles with one
 * direction of curvature -2 gamma, all others 2 L. Starts are uniform on [-1, 1]^n; the paper takes the step 1/(4 L).
 *
 * The waiting coordinate of gradient descent shrinks by 1 - 2 step L each iteration: with many saddles it underflows to 0 in double
 * precision, and the descent then never ends.
 *
 * Source: Du, Jin, Lee, Jordan, Singh, Poczos 2017 (arXiv 1705.10412).
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of range
 */
export function octopus({ dimension = 5, L = 1, gamma = 1, tau = Math.E }: OctopusOptions = {}): Objective<TerrainCapability | 'symmetry'> {
  requireDimension(dimension);
  for (const [name, given] of Object.entries({ L, gamma, tau })) requirePositive(name, given);
  const last = dimension - 1;
  const far = 4 * tau;
  const nu = ((13 * gamma + 37 * L) * tau * tau) / 6;
  const [cubic, quartic] = [(10 * gamma - 14 * L) / (3 * tau), (5 * L - 3 * gamma) / (2 * tau * tau)];
  const [p, minusGamma] = [L + gamma, -gamma];

  const g1 = (t: number): number => -gamma * t * t + (cubic + quartic * (t - tau)) * (t - tau) ** 3;
  const g1Slope = (t: number): number => -2 * gamma * t + (3 * cubic + 4 * quartic * (t - tau)) * (t - tau) ** 2;
  const g1Curvature = (t: number): number => -2 * gamma + (6 * cubic + 12 * quartic * (t - tau)) * (t - tau);
  /** In the unit of tau: w = t/tau - 2 in [-1, 0]. */
  const g2 = (w: number): number => minusGamma - p * w * w * w * (10 + w * (15 + 6 * w));
  const g2Slope = (w: number): number => (-30 * p * (w * (1 + w)) ** 2) / tau;
  const g2Curvature = (w: number): number => (-60 * p * w * (1 + w) * (1 + 2 * w)) / (tau * tau);

  /** The first index with |x_i| <= 2 tau, n if there is none; -1 outside the domain. */
  const waiting = (x: Float64Array): number => {
    let i = 0;
    for (; i < dimension && !(Math.abs(x[i]!) <= 2 * tau); i++) if (Math.abs(x[i]!) > 6 * tau) return -1;
    for (let j = i + 1; j < dimension; j++) if (Math.abs(x[j]!) > tau) return -1;
    return i;
  };

  return terrain({
    id: 'octopus',
    scale: 'f = -n nu at the minima, nu = (13 gamma + 37 L) tau^2 / 6',
    options: { dimension, L, gamma, tau },
    dimension,
    radius: 1,
    symmetry: finiteGroup(`O(1)^${dimension}`),
    optimum: -dimension * nu,
    value(x) {
      const i = waiting(x);
      if (i < 0) return Infinity;
      let sum = 0;
      for (let j = 0; j < i; j++) sum += L * (Math.abs(x[j]!) - far) ** 2 - nu;
      if (i === dimension) return sum;
      const a = Math.abs(x[i]!);
      const passing = a > tau;
      sum += passing ? g1(a) : minusGamma * a * a;
      if (passing && i < last) sum += g2(a / tau - 2) * x[i + 1]! ** 2;
      for (let j = i + (passing ? 2 : 1); j < dimension; j++) sum += L * x[j]! ** 2;
      return sum;
    },
    gradient(x, out) {
      const i = waiting(x);
      if (i < 0) {
        out.fill(NaN);
        return;
      }
      for (let j = 0; j < dimension; j++) out[j] = j < i ? 2 * L * (x[j]! - Math.sign(x[j]!) * far) : 2 * L * x[j]!;
      if (i === dimension) return;
      const a = Math.abs(x[i]!);
      if (a <= tau) {
        out[i] = -2 * gamma * x[i]!;
        return;
      }
      const sign = Math.sign(x[i]!);
      out[i] = sign * g1Slope(a);
      if (i === last) return;
      const [w, next] = [a / tau - 2, x[i + 1]!];
      out[i] += sign * g2Slope(w) * next * next;
      out[i + 1] = 2 * g2(w) * next;
    },
    hessianVectorProduct(x, v, out) {
      const i = waiting(x);
      if (i < 0) {
        out.fill(NaN);
        return;
      }
      for (let j = 0; j < dimension; j++) out[j] = 2 * L * v[j]!;
      if (i === dimension) return;
      const a = Math.abs(x[i]!);
      if (a <= tau) {
        out[i] = -2 * gamma * v[i]!;
        return;
      }
      out[i] = g1Curvature(a) * v[i]!;
      if (i === last) return;
      const [w, next] = [a / tau - 2, x[i + 1]!];
      const mixed = 2 * Math.sign(x[i]!) * g2Slope(w) * next;
      out[i] += g2Curvature(w) * next * next * v[i]! + mixed * v[i + 1]!;
      out[i + 1] = 2 * g2(w) * v[i + 1]! + mixed * v[i]!;
    },
    *stationaryPoints() {
      for (let passed = 0; passed <= dimension; passed++) {
        for (let signs = 0; signs < 2 ** passed; signs++) {
          yield Float64Array.from({ length: dimension }, (_, j) => (j < passed ? (Math.floor(signs / 2 ** j) % 2 === 0 ? far : -far) : 0));
        }
      }
    },
  });
}
