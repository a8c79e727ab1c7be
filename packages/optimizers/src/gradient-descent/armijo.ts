import { backtrack } from '@lowland/linalg';

import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { createLine } from '../line.ts';
import { requirePositive } from '../require.ts';
import type { StepRule } from './step-rule.ts';

export interface ArmijoOptions {
  /** First trial of the run. Default 1. */
  readonly initial?: number;
  /** c in f(x+) <= f(x) - c t |grad|^2. Default 1e-4. */
  readonly decrease?: number;
  /** Factor after a refusal. Default 0.5. */
  readonly shrink?: number;
  /** Factor on the accepted step for the next first trial. Default 2. */
  readonly expand?: number;
}

/**
 * Backtracking from twice the last step until f(x+) <= f(x) - c t |grad|^2 (Armijo 1966), the norm being that of the geometry.
 * Where values cannot tell, slopes decide: see `backtrack` in @lowland/linalg.
 *
 * One read at the start and one a trial. Ends `stalled` by `precision-floor` or `line-search` when no trial is accepted.
 *
 * @throws LOWLAND_E_OPTION when an option is not positive
 */
export function armijo({ initial = 1, decrease = 1e-4, shrink = 0.5, expand = 2 }: ArmijoOptions = {}): StepRule {
  requirePositive({ initial, decrease, shrink, expand });
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
