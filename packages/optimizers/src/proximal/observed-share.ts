import type { Context } from '@lowland/core';

/** p: measurements a cell, at most 1; 1 where the problem does not say how many there are. */
export function observedShare({ problem }: Context<never, 'residual'>, cells: number): number {
  return Math.min(1, (problem.residual?.length ?? cells) / cells);
}
