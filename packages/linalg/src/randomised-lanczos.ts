import type { RitzState } from './lanczos.ts';

/** Checks at which one run may stop; each takes this share of the failure probability. */
const maxChecks = 32;

/**
 * What k steps of Lanczos from a uniformly random start prove about the top eigenvalue λ₁ of a positive semidefinite operator:
 * the smallest ε with P[λ₁ − θ > ε·λ₁] ≤ failure, from P ≤ 1.648·√n·exp(−√ε·(2k − 1)).
 *
 * Source: J. Kuczyński, H. Woźniakowski, SIAM J. Matrix Anal. Appl. 13 (1992), theorem 4.1(b). 1 or more: nothing is proved.
 */
export function lanczosEpsilon(size: number, steps: number, failure: number): number {
  if (size <= 1) return 0;
  return (Math.log((1.648 * Math.sqrt(size)) / failure) / (2 * steps - 1)) ** 2;
}

/** The number of steps that `lanczosEpsilon` needs for a given ε. */
export function lanczosSteps(size: number, epsilon: number, failure: number): number {
  return Math.ceil((Math.log((1.648 * Math.sqrt(size)) / failure) / Math.sqrt(epsilon) + 1) / 2);
}

/** Keeps the account of one run of single-vector, randomly started Lanczos that may stop at any check. */
export interface LanczosAccount {
  /**
   * Looks at a state: `epsilon`, the relative error that the steps before any breakdown bought (≥ 1: none), and `excess`, an absolute
   * distance beyond which no eigenvalue lies outside the Ritz interval (∞: not known). Use whichever is better.
   */
  look(state: RitzState): { readonly epsilon: number; readonly excess: number };
  /** The union over all looks so far; 0 when the basis was complete. */
  readonly failureProbability: number;
}

/**
 * Where the Krylov space becomes invariant with remainder β, the start vector has only a component of size 2β/x on the eigenvectors
 * more than x beyond the Ritz interval (sin Θ theorem), while one of size δ has probability at most √n·δ. With s independent restarts,
 * P[an eigenvalue lies more than x outside] ≤ (√n·2β/x)^s, β the root of the sum of squares.
 *
 * @param size Dimension of the space that the start was drawn in.
 * @param failure Probability of failure that the whole run may use up.
 * @param rounding ‖fl(Ax) − Ax‖ for unit x, in the units of the operator, at a state.
 */
export function lanczosAccount(size: number, failure: number, rounding: (state: RitzState) => number): LanczosAccount {
  const share = failure / maxChecks;
  let looks = 0;
  let complete = false;
  return {
    look(state) {
      looks += 1;
      complete = state.complete;
      if (state.complete) return { epsilon: 0, excess: 0 };
      if (looks > maxChecks) return { epsilon: 1, excess: Infinity };
      const restarts = state.breakdowns.length;
      if (restarts === 0) return { epsilon: lanczosEpsilon(size, state.steps, share), excess: Infinity };
      const remainder = Math.hypot(...state.breakdowns) + rounding(state);
      return { epsilon: 1, excess: (2 * remainder * Math.sqrt(size)) / share ** (1 / restarts) };
    },
    get failureProbability() {
      return complete ? 0 : Math.min(looks, maxChecks) * share;
    },
  };
}
