/** Steps and starts for the two phases. */
import { LowlandError } from '@lowland/core';

export interface TwoPhaseScales {
  /** Standard deviation of the entries of the start: eps = sigma_d / (sqrt(d sigma_1) (m + n)). It does not depend on the accuracy wanted. */
  readonly eps: number;
  /** eta of the theorem with its constant at 1, sigma_d eps^2 / (d sigma_1^3): impractical, tens of thousands of iterations for matrices of ten rows. */
  readonly impracticalStep: number;
  /** A tenth over the largest singular value, below the 1 / (3 sigma_1) up to which |J| and |K| must fall. */
  readonly practicalStep: number;
}

/**
 * What Ye and Du 2021 (arXiv:2106.14289, theorem 1.1) ask of the start and the step, with the constants that they leave open at 1 and logarithms left
 * out, and a step that serves in practice. For m = n = 10, sigma = (2, 1): eps = .025, steps of 3.9e-5 and .05.
 *
 * @param sigma the singular values of the matrix, descending, as many as its rank
 * @throws LOWLAND_E_OPTIONS for values that do not descend to a positive one
 */
export function twoPhaseScales(sigma: readonly number[], rows: number, cols: number): TwoPhaseScales {
  const [largest, least] = [sigma[0] ?? NaN, sigma.at(-1) ?? NaN];
  if (!(least > 0 && largest < Infinity && sigma.every((value, k) => k === 0 || value <= sigma[k - 1]!))) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `Singular values descend and are positive; ${sigma.join(', ')} were given.`);
  }
  const d = sigma.length;
  const eps = least / (Math.sqrt(d * largest) * (rows + cols));
  return { eps, impracticalStep: (least * eps * eps) / (d * largest ** 3), practicalStep: 0.1 / largest };
}
