import { type Definition, type Infer, number, options, parseOptions } from '@lowland/core';
import { backtrack } from '@lowland/linalg';

import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { createLine } from '../line.ts';
import type { StepRule } from './step-rule.ts';

const schema = options({
  initial: number({ above: 0, default: 1, summary: 'First trial of the run.' }),
  decrease: number({ above: 0, below: 1, default: 1e-4, summary: 'c in f(x+) <= f(x) - c t |grad|^2.' }),
  shrink: number({ above: 0, below: 1, default: 0.5, summary: 'Factor after a refusal.' }),
  expand: number({ min: 1, default: 2, summary: 'Factor on the accepted step for the next first trial.' }),
});
export type ArmijoOptions = Partial<Infer<typeof schema>>;

/**
 * Backtracking from twice the last step until f(x+) <= f(x) - c t |grad|^2 (Armijo 1966), the norm being that of the geometry.
 * Where values cannot tell, slopes decide: see `backtrack` in @lowland/linalg.
 *
 * One read at the start and one a trial. Ends `stalled` by `precision-floor` or `line-search` when no trial is accepted.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function armijo(given: ArmijoOptions = {}): StepRule {
  const { initial, decrease, shrink, expand } = parseOptions(schema, given, 'step rule "armijo"');
  return {
    id: 'armijo',
    requires: [],
    options: { initial, decrease, shrink, expand },
    claims: ['monotone', 'deterministic'],
    readsPerStep: 2,
    start(context, geometry) {
      const { state: slots, evaluate } = firstOrder(context);
      const state: FirstOrderState & { firstTrial: number } = Object.assign(slots, { firstTrial: initial });
      const line = createLine(context, geometry, state);
      return {
        state,
        init: evaluate,
        async step() {
          await geometry.refresh?.(state.value);
          const start = await line.start(geometry.gradient(state.point, state.gradient), -1);
          if (start.slope === 0) return restsHere;
          const found = await backtrack(line.at, start, state.firstTrial, { decrease, shrink, dtype: context.device.dtype });
          if (found.accepted === undefined) return { stop: 'stalled', rule: found.failure };
          line.accept();
          state.firstTrial = expand * found.accepted.step;
          return undefined;
        },
      };
    },
  };
}

export const armijoDefinition = {
  apiVersion: 1,
  id: 'armijo',
  summary: 'Backtracking until the value has fallen enough, from twice the last step.',
  whenToUse: 'The default: no constant to know, and values never rise.',
  formula: 'f(x+) <= f(x) - c t |grad f(x)|^2, t = t0, t0 / 2, ...',
  reference: 'Armijo 1966, doi:10.2140/pjm.1966.16.1',
  requires: [],
  options: schema,
  create: armijo,
} as const satisfies Definition<Infer<typeof schema>, StepRule>;
