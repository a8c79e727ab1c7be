import { type Context, type Layout, LowlandError, type MaybePromise, type Optimizer, type Slot, type State, type Stepper, type Vec } from '@lowland/core';

import type { FirstOrderState } from '../first-order.ts';

/** A method that runs inside another, on a function that the outer one changes from time to time. */
export interface InnerMethod {
  readonly state: FirstOrderState;
  step: Stepper['step'];
  /** Begins anew at the present point: the function has changed. */
  restart(): MaybePromise<void>;
  /** Makes the slots of the inner state slots of the outer one too, named `inner.…`, so that a checkpoint holds them. */
  show(outer: State): void;
}

/** Lists copied, vectors the same. */
const copied = (slot: Slot | undefined): Slot | undefined => (Array.isArray(slot) ? (slot as readonly Slot[]).map((part) => copied(part)!) : slot);

/** @throws LOWLAND_E_OPTIONS when the method keeps no value and gradient at its point */
export function innerMethod(
  context: Context<never>,
  method: Optimizer<'valueAndGradient'>,
  layout: Layout,
  length: number,
  valueAndGradient: (x: Vec, value: Vec, gradient: Vec) => void,
): InnerMethod {
  const { device } = context;
  const stepper = method.start({
    device,
    problem: { layout, device, valueAndGradient },
    state: (n = length) => context.state(n),
    scratch: (n = length) => context.scratch(n),
    random: context.random,
  });
  const { state } = stepper;
  if (state.value === undefined || state.gradient === undefined) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `"${method.id}" keeps no value and gradient at its point, which an inner method does. Choose another.`);
  }
  const fresh = Object.fromEntries(Object.entries(state).map(([name, slot]) => [name, copied(slot)]));
  return {
    state: state as FirstOrderState,
    step: () => stepper.step(),
    restart() {
      for (const name of Object.keys(state)) state[name] = copied(fresh[name]);
      return stepper.init?.();
    },
    show(outer) {
      for (const name of Object.keys(state)) {
        if (state[name] === outer.point) continue;
        Object.defineProperty(outer, `inner.${name}`, {
          enumerable: true,
          get: () => state[name],
          set: (slot: Slot | undefined) => {
            state[name] = slot;
          },
        });
      }
    },
  };
}
