import type { Optimizer } from '@lowland/core';

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
