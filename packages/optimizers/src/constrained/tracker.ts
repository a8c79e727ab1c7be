import { type Definition, layoutLength, options, type Tracker, type Vec } from '@lowland/core';

import { type Optimality, optimalityTest } from './optimality.ts';

/**
 * |c(x)| and |grad phi + c'^T l| at every observation, whatever the method: l are its multipliers where it keeps some, else the
 * least-squares estimate at the point.
 */
export function firstOrderConditions(): Tracker<'constraints', Optimality> {
  return {
    id: 'first-order-conditions',
    requires: ['constraints'],
    start(context) {
      const { constraints } = context.problem;
      const estimate = context.scratch(constraints.length);
      const optimality = optimalityTest(context, layoutLength(context.problem.layout), 0);
      return async (state) => {
        const kept = state['multipliers'] as Vec | undefined;
        if (kept === undefined) constraints.multipliers(state.point, estimate);
        const { infeasibility, lagrangianGradient } = await optimality.at(state.point, kept ?? estimate, 1);
        return { infeasibility, lagrangianGradient };
      };
    },
  };
}

export const firstOrderConditionsDefinition: Definition<object, Tracker<'constraints', Optimality>> = {
  apiVersion: 1,
  id: 'first-order-conditions',
  summary: 'Feasibility and the gradient of the Lagrangian along a run on a constrained problem.',
  whenToUse: 'To see whether a run on a merit function becomes feasible.',
  formula: '|c(x)|, |grad phi(x) + c\'(x)^T l|',
  requires: ['constraints'],
  options: options({}),
  create: firstOrderConditions,
};
