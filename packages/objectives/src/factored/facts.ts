import type { Capability, CapabilityMap, Fact, Objective, Truth } from '@lowland/core';

import { hostCapability } from './host-capability.ts';
import type { FactoredProblem } from './problem.ts';

/** The facts that hold. */
export const factsOf = (holds: Readonly<Partial<Record<Fact, boolean>>>): readonly Fact[] => (Object.keys(holds) as Fact[]).filter((fact) => holds[fact]);

/** Whether the least value is stated. It may take a decomposition to tell, so it is not asked for. */
export const statesOptimum = (truth: Truth): boolean => 'optimum' in truth;

/** Whether the group is all of GL(r), of no product of several. */
export const isGeneralLinear = (group = ''): boolean => /^GL\(\d+\)$/.test(group);

/** Whether f is a function of U V^T. */
export const isOfProduct = ({ symmetric, balance, ridge, incoherence }: FactoredProblem): boolean => !symmetric && balance === 0 && ridge === 0 && incoherence === undefined;

export function factsOfFactored(problem: FactoredProblem, routes: Objective<never>['routes']): readonly Fact[] {
  const host = <K extends Capability>(name: K): CapabilityMap[K] | undefined => hostCapability({ routes }, name);
  const truth = host('truth');
  return factsOf({
    optimum: truth !== undefined && statesOptimum(truth),
    penalty: (host('lift')?.penalty ?? 0) > 0,
    'GL(r)': isOfProduct(problem),
  });
}
