import type { Capability, Context, MaybePromise, Vec } from '@lowland/core';
import type { LineFunction, LineSample } from '@lowland/linalg';

import type { FirstOrderState } from './first-order.ts';
import type { BoundGeometry } from './gradient-descent/geometry.ts';

/** The curve t -> retract(x, sign t v) of a state, as a line search sees it. Each sample is one evaluation and one read. */
export interface Line {
  /** Fixes v and its sign; f and its slope at t = 0, by one read. */
  start(v: Vec, sign: 1 | -1): MaybePromise<LineSample>;
  readonly at: LineFunction;
  /** Moves the state to the last sample. */
  accept(): void;
  /** out = another vector of the point, carried to the last sample. */
  carry(vector: Vec, out: Vec): void;
  /** v carried to the last sample; valid until the next sample. */
  carried(): Vec;
}

export function createLine<R extends Capability>(
  context: Context<R | 'valueAndGradient'>,
  geometry: Pick<BoundGeometry, 'flat' | 'retract' | 'transport'>,
  state: FirstOrderState,
): Line {
  const { device } = context;
  const { copy, dot } = device.kernels;
  const { valueAndGradient } = (context as Context<'valueAndGradient'>).problem;
  const { point, gradient, value } = state;
  const trial = context.scratch();
  const trialGradient = context.scratch();
  const numbers = context.scratch(2);
  const trialValue = device.view(numbers, 0, 1);
  const there = geometry.flat ? undefined : context.scratch();
  let v = gradient;
  let sign = 1;

  const sample = async (): Promise<LineSample> => {
    const read = await device.read(numbers);
    return { value: read[0]!, slope: sign * read[1]! };
  };
  return {
    start(vector, direction) {
      v = vector;
      sign = direction;
      copy(value, trialValue);
      // <grad f, v> is the same in every geometry: a gradient is defined by <gradient, v>_x = Df(x)[v].
      dot(gradient, v, numbers, 1);
      return sample();
    },
    at(step) {
      geometry.retract(point, sign * step, v, trial);
      valueAndGradient(trial, trialValue, trialGradient);
      if (there !== undefined) geometry.transport(point, trial, v, there);
      dot(trialGradient, there ?? v, numbers, 1);
      return sample();
    },
    accept() {
      copy(trial, point);
      copy(trialGradient, gradient);
      copy(trialValue, value);
    },
    carry: (vector, out) => {
      geometry.transport(point, trial, vector, out);
    },
    carried: () => there ?? v,
  };
}
