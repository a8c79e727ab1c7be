import { type Definition, number, options, parseOptions } from '@lowland/core';

import { firstOrder } from '../first-order.ts';
import type { StepRule } from './step-rule.ts';

/** The options of a fixed step with another default. */
export const fixedOptions = (step: number) => options({ step: number({ above: 0, default: step, summary: 'The step.' }) });
const schema = fixedOptions(0.1);

/**
 * x+ = x - step grad f(x). No reads, so it keeps any device busy. Diverges where step > 2 / (largest curvature).
 *
 * @param given step: default 0.1
 * @throws LOWLAND_E_OPTIONS unless the step is positive
 */
export function fixed(given: { readonly step?: number } = {}): StepRule {
  const { step } = parseOptions(schema, given, 'step rule "fixed"');
  return {
    id: 'fixed',
    requires: [],
    options: { step },
    constant: step,
    claims: ['deterministic'],
    readsPerStep: 0,
    start(context, geometry) {
      const { state, evaluate } = firstOrder(context);
      const { point, gradient, value } = state;
      const { refresh } = geometry;

      const move = () => {
        geometry.retract(point, -step, geometry.gradient(point, gradient), point);
        evaluate();
      };
      const moveAfterRefresh = async () => {
        await refresh?.(value);
        move();
      };
      return { state, init: evaluate, step: refresh === undefined ? move : moveAfterRefresh };
    },
  };
}

export const fixedDefinition = {
  apiVersion: 1,
  id: 'fixed',
  summary: 'The same step always.',
  whenToUse: 'To compare with theory, and on devices where each read costs. Below 2 / (largest curvature), or it diverges.',
  formula: 'x+ = x - step grad f(x)',
  requires: [],
  options: schema,
  create: fixed,
} as const satisfies Definition<{ readonly step: number }, StepRule>;
