import type { Capability, Context, Fact, Optimizer, Part, Stepper } from '@lowland/core';

import type { BoundGeometry } from './geometry.ts';

/** A part that decides how far gradient descent walks. It owns the step, and with it the slots that the step needs. */
export interface StepRule<R extends Capability = never> extends Part<R> {
  readonly options: Readonly<Record<string, unknown>>;
  readonly claims: NonNullable<Optimizer<never>['claims']>;
  /** As in `Optimizer`. */
  readonly needs?: readonly Fact[];
  /** The step, where it is the same always: ensembles know gradient descent of this form. */
  readonly constant?: number;
  /** As in `Optimizer`. */
  readonly readsPerStep: number;
  start(context: Context<R | 'valueAndGradient'>, geometry: BoundGeometry): Stepper;
}
