import type { Capability, Closed, Objective, Optimizer } from '@lowland/core';

import type { CertifiedSolution, SolveToCertificateOptions } from './certified-solution.ts';
import { solveToCertificate } from './solve-to-certificate.ts';
import type { Growing } from './stage.ts';

/**
 * BM-Global: minimises phi(X) + penalty |X|_* (tr X over X psd) by turns,
 *
 *     (W, H) = a factored solve from W, H at the present rank,      X+ = S_{penalty/L}(W Hᵀ − ∇phi(W Hᵀ)/L) = W+ H+ᵀ, balanced,
 *
 * S lowering singular values and L the Lipschitz constant of ∇phi: one proximal-gradient step on X, which the factored solve cannot undo and
 * whose decrease alone leads to the optimum, whatever rank and stationary point the solve was stuck at. The rank follows from the step. L is
 * known, so there is no search for it; the step is as in the paper but for that.
 *
 * That is `solveToCertificate` with `growth: 'proximal'`: rounds, accuracies, certificates, checkpoints and errors are as there.
 *
 * Source: Lee, Liang, Tang, Toh 2022 (arXiv:2204.14067).
 */
export function convexLifting<P extends Capability, R extends Closed<P | Growing>, U extends Capability = never>(
  objective: Objective<P | Growing>,
  optimizer: Optimizer<R, U>,
  options: Omit<SolveToCertificateOptions, 'growth'>,
): Promise<CertifiedSolution> {
  return solveToCertificate(objective, optimizer, { ...options, growth: 'proximal' });
}
