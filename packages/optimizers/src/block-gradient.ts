import type { CapabilityMap, Context } from '@lowland/core';

/**
 * What writes at least that block of grad f(x): `blockGradient`, or the whole gradient where the objective has no other, at about
 * twice the cost. The plan warns of it.
 */
export function blockGradientOf({ problem }: Context<'gradient', 'blockGradient'>): CapabilityMap['blockGradient'] {
  const { blockGradient, gradient } = problem;
  return blockGradient ?? ((x, _block, out) => { gradient(x, out); });
}
