import { type Definition, type Infer, integer, number, options, parseOptions } from '@lowland/core';
import { backtrack } from '@lowland/linalg';

import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { createLine } from '../line.ts';
import type { StepRule } from './step-rule.ts';

const schema = options({
  variant: integer({ min: 1, max: 2, default: 1, summary: '1: <s,s>/<s,y>, the longer step; 2: <s,y>/<y,y>.' }),
  memory: integer({ min: 1, default: 10, summary: 'A trial must stay below the largest of so many last values.' }),
  decrease: number({ above: 0, below: 1, default: 1e-4, summary: 'c in f(x+) <= max f - c t |grad|^2.' }),
  least: number({ above: 0, default: 1e-6, summary: 'The shortest step.' }),
  most: number({ above: 0, default: 1e6, summary: 'The longest step.' }),
});
export type BarzilaiBorweinOptions = Partial<Infer<typeof schema>>;

interface BarzilaiBorweinState extends FirstOrderState {
  stepSize: number;
  /** Values of the last points, the present one last. */
  recent: readonly number[];
}

/**
 * With s = x+ - x and y = grad+ - grad, the next step is <s,s>/<s,y> or <s,y>/<y,y> (Barzilai and Borwein 1988,
 * doi:10.1093/imanum/8.1.141), guarded by the nonmonotone search of Grippo, Lampariello and Lucidi (Raydan 1997,
 * doi:10.1137/S1052623494266365): without it the method runs off to infinity on ill-conditioned factorisations.
 * The first step, and the one after negative curvature <s,y> <= 0, is 1.
 *
 * Two reads a step and one a trial.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function barzilaiBorwein(given: BarzilaiBorweinOptions = {}): StepRule {
  const { variant, memory, decrease, least, most } = parseOptions(schema, given, 'step rule "barzilai-borwein"');
  return {
    id: 'barzilai-borwein',
    requires: [],
    options: { variant, memory, decrease, least, most },
    claims: ['deterministic'],
    readsPerStep: 3,
    start(context, geometry) {
      const { device } = context;
      const { state: slots, evaluate } = firstOrder(context);
      const state: BarzilaiBorweinState = Object.assign(slots, { stepSize: 1, recent: [] });
      const line = createLine(context, geometry, state);
      const before = context.scratch();
      const products = context.scratch(3);
      return {
        state,
        init: evaluate,
        async step() {
          const { point, gradient } = state;
          await geometry.refresh?.(state.value);
          const start = await line.start(geometry.gradient(point, gradient), -1);
          if (start.slope === 0) return restsHere;
          const recent = state.recent.length === 0 ? [start.value] : state.recent;

          const found = await backtrack(line.at, start, state.stepSize, {
            decrease,
            reference: Math.max(...recent),
            dtype: device.dtype,
          });
          if (found.accepted === undefined) return { stop: 'stalled', rule: found.failure };
          device.kernels.copy(line.carried(), before);
          line.accept();
          state.recent = [...recent, found.accepted.value].slice(-memory);

          // s = -t before and y = now - before, both at the new point.
          const now = geometry.gradient(point, gradient);
          geometry.inner(point, before, before, products, 0);
          geometry.inner(point, before, now, products, 1);
          geometry.inner(point, now, now, products, 2);
          const [bb = NaN, bn = NaN, nn = NaN] = await device.read(products);
          const t = found.accepted.step;
          const next = variant === 1 ? (t * bb) / (bb - bn) : (t * (bb - bn)) / (nn - 2 * bn + bb);
          state.stepSize = bb - bn > 0 ? Math.min(Math.max(next, least), most) : 1;
          return undefined;
        },
      };
    },
  };
}

export const barzilaiBorweinDefinition = {
  apiVersion: 1,
  id: 'barzilai-borwein',
  summary: 'The step that a secant of the gradient suggests, with a nonmonotone search.',
  whenToUse: 'Usually much faster than `armijo` at the same cost; values rise now and then.',
  formula: 't = <s,s>/<s,y> or <s,y>/<y,y>, s = x - x-, y = grad - grad-',
  reference: 'Barzilai and Borwein 1988, doi:10.1093/imanum/8.1.141; Raydan 1997, doi:10.1137/S1052623494266365',
  requires: [],
  options: schema,
  create: barzilaiBorwein,
} as const satisfies Definition<Infer<typeof schema>, StepRule>;
