import type { FactoredProblem } from './problem.ts';
import type { FactoredCapability } from './routes.ts';
import { isSmooth } from './smoothness.ts';

/** What a problem has not of the shared capabilities, and why. */
export function lacksOf(problem: FactoredProblem): Partial<Record<FactoredCapability, string>> {
  const { symmetric, ridge, linear, loss, incoherence } = problem;
  const rows = symmetric ? 'its rows are penalised' : 'its penalty on rows is no function of U V^T';
  return {
    ...((linear !== undefined || loss !== undefined || incoherence !== undefined) && { residual: 'it is no sum of squares' }),
    ...(loss !== undefined && loss.psi.kind !== 'huber' && { estimate: 'its data are not those of X itself' }),
    ...(!isSmooth(problem) && { smoothness: `the curvature of its ${incoherence === undefined ? 'loss' : 'row penalty'} has no bound` }),
    ...(ridge > 0 && { fixedRank: 'its penalty on factors, lambda > 0, has no part on matrices of fixed rank: leave it out' }),
    ...(incoherence !== undefined && { ...(!symmetric && { lift: rows }), convexForm: rows, fixedRank: rows }),
  };
}
