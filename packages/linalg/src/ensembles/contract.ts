/**
 * Ensembles of factored problems: what their kernels are given, how a run's state lies in memory, what methods take.
 *
 * A kernel moves `count` runs of one method on problems of one shape by `steps` steps in one call. What a run computes is written out in
 * `family.ts`, `methods.ts` and `run.ts`, operation by operation: each is rounded to the number type of the device, only + - * / and the
 * square root are used, and the order of every sum is fixed. A kernel on another device mirrors them.
 */
import type { EnsembleSlots, NoiseRule, Vec } from '@lowland/core';

/**
 * The methods, with the numbers each takes, in this order:
 *
 * - `gradient-descent`: step
 * - `scaled-gradient-descent`: step, damping, adaptive, optimum: lambda = damping + adaptive sqrt(max(0, f - optimum))
 * - `perturbed-gradient-descent`: step, radius, gradient, value, steps, stop: the thresholds of Jin and others 2017; with `stop` 1 a run ends where
 *   noise gained too little, with 0 it never does
 * - `langevin`: step, strength, spread: x - step (I + strength J) g + spread xi
 */
export const ensembleMethods = ['gradient-descent', 'scaled-gradient-descent', 'perturbed-gradient-descent', 'langevin'] as const;
export type EnsembleMethod = (typeof ensembleMethods)[number];

/** Many runs of one method on factored problems of one shape. Rows: one for all runs, or one for each. */
export interface FactoredEnsemble {
  readonly method: EnsembleMethod;
  /** X X^T with X: rows x rank, rows = cols; else U V^T with U: rows x rank before V: cols x rank. Row-major. */
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
  readonly count: number;
  readonly steps: number;
  /** Steps that the runs have taken before. */
  readonly firstStep: number;
  /** Run k draws from the streams (seed + k, method's purpose, index): `langevin` with the step, `perturbation` with the number of noises before. */
  readonly seed: number;
  readonly noise: NoiseRule;
  /**
   * Rows of three: weight w, ridge l and balance c of
   *
   *     f = (w/2) |rho|^2 + (l/2) |x|^2 + c |U^T U - V^T V|^2
   *
   * (no balance where symmetric). Terms whose factor is 0 are left out.
   */
  readonly coefficients: Vec;
  /** Rows of `parameterCount(method)`. */
  readonly parameters: Vec;
  /** Rows of two: the value and the gradient norm at or below which a run has reached its end; -1 where it has no such limit. */
  readonly limits: Vec;
  /** count rows of `stateLength(method, variables)`. */
  readonly states: Vec;
}

/** Numbers of a point. */
export const variablesOf = ({ symmetric, rows, cols, rank }: Pick<FactoredEnsemble, 'symmetric' | 'rows' | 'cols' | 'rank'>): number => (symmetric ? rows : rows + cols) * rank;

const parameterCounts: Readonly<Record<EnsembleMethod, number>> = {
  'gradient-descent': 1,
  'scaled-gradient-descent': 4,
  'perturbed-gradient-descent': 6,
  langevin: 3,
};
export const parameterCount = (method: EnsembleMethod): number => parameterCounts[method];

/** Where in a run's state what is known of its point lies: behind the `variables` numbers of the point. */
export const slotsOf = (variables: number): EnsembleSlots => ({
  value: variables,
  gradientNorm: variables + 1,
  reached: variables + 2,
  diverged: variables + 3,
  ended: variables + 4,
});
const slotCount = 5;

/** Where a method's own numbers begin. */
export const ownAt = (variables: number): number => variables + slotCount;

/**
 * The state of a run: its point, the five slots, and what the method keeps. All zeros behind the point at the start.
 *
 * `perturbed-gradient-descent` keeps 1 + the steps since the last noise (0 before the first), the number of noises, the value at the point before
 * the last noise, and that point.
 */
export const stateLength = (method: EnsembleMethod, variables: number): number => ownAt(variables) + (method === 'perturbed-gradient-descent' ? 3 + variables : 0);

declare module '@lowland/core' {
  interface ExtraKernels {
    /**
     * Ensembles on rho = X - M. targets: rows x cols numbers, row-major, or so many for each run, symmetric where the ensemble is.
     *
     * @throws LOWLAND_E_ENSEMBLE where the device has not the method, or not problems of this size
     * @throws LOWLAND_E_SHAPE when lengths do not fit
     */
    'ensemble/factorization'(ensemble: FactoredEnsemble, targets: Vec): void;
    /**
     * Ensembles on rho_k = <A_k, X> - b_k, so many `measurements` each, with dense A_k, symmetric where the ensemble is. matrices: one A_k after another, rows x cols numbers each, or
     * so many for each run; data: the b_k, likewise.
     *
     * @throws as `ensemble/factorization`
     */
    'ensemble/sensing'(ensemble: FactoredEnsemble, measurements: number, matrices: Vec, data: Vec): void;
    /**
     * Ensembles on magnitudes of <a_k, x> for one vector x of `rows` numbers, cols = rows, rank 1, symmetric: where `complex`, pairs (re, im). vectors: one
     * a_k^* after another, rows numbers each, or so many for each run; data: likewise. smoothing: -1 for rho_k = |z_k|^2 - y_k, else t >= 0 of
     * rho_k = sqrt(|z_k|^2 + t^2) - y_k.
     *
     * @throws as `ensemble/factorization`
     */
    'ensemble/phase-retrieval'(ensemble: FactoredEnsemble, measurements: number, complex: boolean, smoothing: number, vectors: Vec, data: Vec): void;
  }
}
