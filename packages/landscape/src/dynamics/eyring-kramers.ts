/** The law of Eyring and Kramers for exits over a barrier. */
import { LowlandError } from '@lowland/core';
import { type Matrix, symmetricEigenvalues } from '@lowland/linalg';

import { leavingRate, rotationMatrix } from './rates.ts';

export interface Barrier {
  /** Hessian at the minimum, positive definite. */
  readonly minimum: Matrix;
  /** Hessian at the saddle, one negative eigenvalue. */
  readonly saddle: Matrix;
  /** f(saddle) - f(minimum), above 0. */
  readonly height: number;
  /** Inverse temperature, above 0. */
  readonly beta: number;
}

export interface Dynamics {
  /** J, antisymmetric; default 0. */
  readonly j?: Matrix;
  /** gamma of the underdamped dynamics; left out: the overdamped one. */
  readonly friction?: number;
}

/**
 * The mean time until Langevin dynamics leaves a minimum over a saddle, in the limit of low temperature, up to a factor 1 + O(1 / beta):
 *
 *     E tau ~ 2 pi / rate  sqrt(|det H_s| / det H_m)  e^(beta height)
 *
 * `rate` is |mu| of the negative eigenvalue of H_s for the reversible dynamics, |mu*| of that of (I + J) H_s for the nonreversible one, and
 * (sqrt(gamma^2 + 4 |mu|) - gamma) / 2 with inertia. Sources: Bovier, Eckhoff, Gayrard and Klein 2004 (JEMS 6:399); Gao, Gürbüzbalaban and
 * Zhu 2018 (arXiv:1812.07725).
 *
 * @throws LOWLAND_E_OPTIONS where the points are not a minimum and a saddle of index 1, a number is out of range, or both J and a friction are given
 */
export function eyringKramers({ minimum, saddle, height, beta }: Barrier, { j, friction }: Dynamics = {}): { readonly time: number; readonly rate: number } {
  const wells = symmetricEigenvalues(minimum);
  const passes = symmetricEigenvalues(saddle);
  if (!(height > 0 && beta > 0) || (friction !== undefined && !(friction > 0))) throw new LowlandError('LOWLAND_E_OPTIONS', `A barrier's height, beta and a friction are above 0; ${height}, ${beta} and ${String(friction)} were given.`);
  if (j !== undefined && friction !== undefined) throw new LowlandError('LOWLAND_E_OPTIONS', 'The dynamics with inertia has no antisymmetric drift here; give J or a friction.');
  if (wells.some((value) => !(value > 0))) throw new LowlandError('LOWLAND_E_OPTIONS', `The Hessian at the minimum is positive definite; its eigenvalues are ${[...wells].join(', ')}.`);
  const mu = -leavingRate(saddle, j ?? rotationMatrix(saddle.rows, 0));
  const rate = friction === undefined ? mu : (2 * mu) / (Math.sqrt(friction ** 2 + 4 * mu) + friction);
  const logs = (values: Float64Array): number => values.reduce((sum, value) => sum + Math.log(Math.abs(value)), 0);
  return { rate, time: ((2 * Math.PI) / rate) * Math.exp((logs(passes) - logs(wells)) / 2 + beta * height) };
}
