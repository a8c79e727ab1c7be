import type { Capability } from './capability.ts';
import type { Dtype, MaybePromise, Vec } from './device.ts';
import type { Point } from './layout.ts';
import type { Context, State } from './optimizer.ts';

/**
 * Reads the landscape at a point. It gets the objective bound anew, never the run's problem: in f64 when `dtype`
 * says so, whatever the run used. An f64 device is synchronous and has `host()`.
 */
export interface Analysis<R extends Capability, T, U extends Capability = never> {
  readonly id: string;
  readonly requires: readonly R[];
  readonly uses?: readonly U[];
  readonly dtype: Dtype | 'any';
  run(context: Context<R, U>, point: Vec, host: Point): MaybePromise<T>;
}

/** Reads the live state at observations, on the run's own device. */
export interface Tracker<R extends Capability, T> {
  readonly id: string;
  readonly requires: readonly R[];
  start(context: Context<R>): (state: State) => MaybePromise<T>;
}
