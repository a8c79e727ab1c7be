import { type Optimizer, options } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';

/**
 * Alternating least squares: for every pair, U+ = argmin_U f(U, V), then V+ = argmin_V f(U+, V). One step is both.
 *
 * The value never rises. No step size and no reads; each half costs one linear solve a row.
 * Lee and Stöger 2022 (arXiv:2204.11516) treat random starts.
 */
export function alternatingLeastSquares(): Optimizer<'blockSolve' | 'factors'> {
  return {
    id: 'alternating-least-squares',
    requires: ['blockSolve', 'factors'],
    options: {},
    claims: ['monotone', 'deterministic'],
    readsPerStep: 0,
    start(context) {
      const { blockSolve, factors } = context.problem;
      const point = context.state();
      return {
        state: { point },
        step() {
          for (const pair of factors.pairs) {
            for (const block of pair) blockSolve(point, block, point);
          }
        },
      };
    },
  };
}

export const alternatingLeastSquaresDefinition: OptimizerDefinition<object, 'blockSolve' | 'factors'> = {
  apiVersion: 1,
  id: 'alternating-least-squares',
  summary: 'Solves for one factor with the other fixed, in turn. No step size.',
  whenToUse: 'The first choice for completion and sensing at moderate rank: no step to choose, exact block solutions. Slow where the condition number is high; then `gnmr` or `trust-region`.',
  formula: 'U+ = argmin_U f(U, V), V+ = argmin_V f(U+, V)',
  reference: 'Jain, Netrapalli and Sanghavi 2013, arXiv:1212.0467; Lee and Stöger 2022, arXiv:2204.11516',
  requires: ['blockSolve', 'factors'],
  options: options({}),
  create: alternatingLeastSquares,
};
