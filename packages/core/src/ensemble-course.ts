/** An ensemble under way. */
import type { AnyObjective, AnyOptimizer } from './any.ts';
import type { EnsembleExit } from './capability.ts';
import type { Backend } from './device.ts';

/** What is seen between two calls: arrays are the live ones, to read and not to keep. */
export interface EnsembleView {
  /** Steps that every run has taken, those that ended by themselves aside. */
  readonly steps: number;
  /** count x variables, row-major: the point of run k in row k. */
  readonly points: Float64Array;
  /** Steps that each run has taken. */
  readonly taken: Float64Array;
  /** 1 where a run met numbers that are not finite; its point may be the last finite one. */
  readonly diverged: Uint8Array;
  /** 1 where the method ended a run by itself. */
  readonly ended: Uint8Array;
  /** 1 where a run ended at a bound of `reach`; only with `reach`. */
  readonly reached?: Uint8Array;
}

/** What both ways of running share. Objectives and optimizers: one, or one for each run. */
export interface Course {
  readonly objectives: readonly AnyObjective[];
  readonly optimizers: readonly AnyOptimizer[];
  readonly backend: Backend;
  readonly count: number;
  readonly seed: number;
  readonly points: Float64Array;
  readonly taken: Float64Array;
  readonly diverged: Uint8Array;
  readonly ended: Uint8Array;
  readonly reached: Uint8Array;
  /** Rows of two: bounds of value and gradient norm, -1 for none. */
  readonly limits: Float64Array | undefined;
  readonly exit: EnsembleExit | undefined;
  readonly signal: AbortSignal | undefined;
}

export const rowOf = (rows: Float64Array, count: number, k: number): Float64Array => rows.subarray((k * rows.length) / count, ((k + 1) * rows.length) / count);

/** Whether run k takes no more steps. */
export const isOver = ({ reached, diverged, ended, exit }: Course, k: number): boolean =>
  reached[k] === 1 || diverged[k] === 1 || ended[k] === 1 || (exit !== undefined && exit.at[k]! >= 0);

/** Whether there is nothing left to do, or somebody has ended it. */
export const isDone = (course: Course): boolean => course.signal?.aborted === true || course.taken.every((_, k) => isOver(course, k));
