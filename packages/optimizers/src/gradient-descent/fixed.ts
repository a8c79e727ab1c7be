import { firstOrder } from '../first-order.ts';
import { requirePositive } from '../require.ts';
import type { StepRule } from './step-rule.ts';

/**
 * x+ = x - step grad f(x). No reads, so it keeps any device busy. Diverges where step > 2 / (largest curvature).
 *
 * @param step Default 0.1.
 * @throws LOWLAND_E_OPTION unless the step is positive
 */
export function fixed({ step = 0.1 }: { readonly step?: number } = {}): StepRule {
  requirePositive({ step });
  return {
    id: 'fixed',
    requires: [],
    options: { step },
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
