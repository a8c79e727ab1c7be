/**
 * The losses of certificates by their own formulas: psi, its derivative, and its convex conjugate psi*(v) = sup over z of v z - psi(z), so that
 * sum of w_k psi(z_k) >= sum of w_k (v_k z_k - psi*(v_k)) for every v, whatever rounding did to it.
 */
import type { CertifiedLoss } from './problem.ts';
import { wrong } from './wrong.ts';

/** A sum with the sum of the absolute values of what was added up. */
export interface Summed {
  readonly value: number;
  readonly magnitude: number;
}

/** psi of number k of a list of data. */
export interface Loss {
  /** A quadratic, of which the dual point may be scaled and shifted. */
  readonly quadratic: boolean;
  value(z: number, k: number): Summed;
  slope(z: number, k: number): number;
  conjugate(v: number, k: number): Summed;
  /** The infimum over z. */
  least(k: number): number;
  /** Whether it is attained for all data. */
  readonly attained: boolean;
  /** By how many units of rounding a slope may leave the domain of the conjugate, which counts it as lying in it. */
  cancelling(k: number): number;
  takes(k: number): boolean;
}

const summed = (...terms: readonly number[]): Summed => ({
  value: terms.reduce((sum, term) => sum + term, 0),
  magnitude: terms.reduce((sum, term) => sum + Math.abs(term), 0),
});

/** 1/2 (z - b)^2 and, of a constraint z = b with multiplier l, l (z - b) + (weight/2)(z - b)^2. */
export function quadratic(b: Float64Array, multipliers: Float64Array | undefined, weight: number): Loss {
  const l = (k: number): number => multipliers?.[k] ?? 0;
  return {
    quadratic: true,
    value: (z, k) => summed(l(k) * (z - b[k]!), (weight * (z - b[k]!) ** 2) / 2),
    slope: (z, k) => l(k) + weight * (z - b[k]!),
    conjugate: (v, k) => summed(v * b[k]!, (v - l(k)) ** 2 / (2 * weight)),
    least: (k) => -(l(k) ** 2) / (2 * weight),
    attained: true,
    cancelling: () => 0,
    takes: (k) => Number.isFinite(b[k]!),
  };
}

/** x log x, 0 at 0. */
const entropy = (x: number): number => (x === 0 ? 0 : x * Math.log(x));

/** @throws LOWLAND_E_CERTIFICATE for a parameter of a loss that has none */
export function lossOf({ loss, parameter }: CertifiedLoss, data: Float64Array): Loss {
  if (parameter !== 0 && loss !== 'huber' && loss !== 'poisson-identity') throw wrong(`the loss ${loss} has no parameter`);
  const b = (k: number): number => data[k]!;
  switch (loss) {
    case 'least-squares':
      return quadratic(data, undefined, 1);
    case 'huber':
      return {
        quadratic: false,
        value: (z, k) => {
          const r = Math.abs(z - b(k));
          return summed(r <= parameter ? (r * r) / 2 : parameter * (r - parameter / 2));
        },
        slope: (z, k) => Math.min(parameter, Math.max(-parameter, z - b(k))),
        conjugate: (v, k) => (Math.abs(v) <= parameter ? summed((v * v) / 2, b(k) * v) : infinite),
        least: () => 0,
        attained: true,
        cancelling: () => 0,
        takes: (k) => Number.isFinite(b(k)),
      };
    case 'logistic':
      return {
        quadratic: false,
        value: (z, k) => summed(Math.max(0, z), Math.log1p(Math.exp(-Math.abs(z))), -b(k) * z),
        slope: (z, k) => (z > 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))) - b(k),
        conjugate: (v, k) => {
          // a label between 0 and 1 may leave [0, 1] by a rounding
          const p = Math.min(1, Math.max(0, v + b(k)));
          return { value: entropy(p) + entropy(1 - p), magnitude: 1 };
        },
        least: (k) => -entropy(b(k)) - entropy(1 - b(k)),
        attained: false,
        cancelling: (k) => (b(k) === 0 || b(k) === 1 ? 0 : 1),
        takes: (k) => b(k) >= 0 && b(k) <= 1,
      };
    case 'poisson':
      return {
        quadratic: false,
        value: (z, k) => summed(Math.exp(z), -b(k) * z),
        slope: (z, k) => Math.exp(z) - b(k),
        conjugate: (v, k) => {
          const mean = v + b(k);
          // mean is off by a rounding of what cancels in it, which its logarithm multiplies
          return mean < 0 ? infinite : { value: entropy(mean) - mean, magnitude: mean + (Math.abs(v) + b(k)) * Math.abs(Math.log(mean === 0 ? 1 : mean)) };
        },
        least: (k) => b(k) - entropy(b(k)),
        attained: false,
        cancelling: () => 0,
        takes: (k) => b(k) >= 0 && b(k) < Infinity,
      };
    case 'poisson-identity':
      return {
        quadratic: false,
        value: (z, k) => (z < -parameter ? infinite : b(k) === 0 ? summed(z) : summed(z, -b(k) * Math.log(z + parameter))),
        slope: (z, k) => (z < -parameter ? NaN : b(k) === 0 ? 1 : 1 - b(k) / (z + parameter)),
        conjugate: (v, k) => {
          const s = 1 - v;
          if (s < 0 || (s === 0 && b(k) > 0)) return infinite;
          return b(k) === 0 ? summed(s * parameter) : summed(-b(k), s * parameter, b(k) * Math.log(b(k)), -b(k) * Math.log(s));
        },
        least: (k) => b(k) - parameter - entropy(b(k)),
        attained: true,
        cancelling: () => 0,
        takes: (k) => b(k) >= 0 && b(k) < Infinity,
      };
  }
}

const infinite: Summed = { value: Infinity, magnitude: Infinity };
