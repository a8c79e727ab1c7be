import type { Backend, Dtype, KernelName, MaybePromise } from './device.ts';
import type { Point } from './layout.ts';
import type { RouteLabel } from './objective.ts';
import type { ErrorCode } from './errors.ts';
import type { Capability } from './capability.ts';
import type { Initializer } from './plugin.ts';
import type { Tracker } from './analysis.ts';

export type StopReason = 'converged' | 'budget' | 'diverged' | 'stalled' | 'aborted';

/** What was seen at an iteration. `value` and `gradientNorm` are NaN when no rule or record asked for them. */
export interface Observation {
  readonly iteration: number;
  readonly seconds: number;
  readonly value: number;
  readonly gradientNorm: number;
  /** What the trackers returned, by id. */
  readonly tracked?: Readonly<Record<string, unknown>>;
}

/** A gradient tolerance that a rule asks for, absolute or relative to the start: `plan()` refuses what the number type cannot reach. */
export interface GradientTolerance {
  readonly value: number;
  readonly relative: boolean;
}

/**
 * A rule names what it looks at, so that nothing else is evaluated; its memory is plain data and is checkpointed.
 * What was not looked at is NaN in the observation: the rule then keeps its memory and does not fire for it. Without
 * `seconds` among its needs, a rule may see a time some iterations old.
 */
export interface StopRule {
  readonly needs: readonly ('value' | 'gradientNorm' | 'seconds')[];
  readonly gradientTolerances?: readonly GradientTolerance[];
  /** The memory at the start. */
  readonly memory: readonly number[];
  /** May write to `memory`. */
  check(observation: Observation, memory: number[]): { readonly reason: StopReason; readonly rule: string } | undefined;
}

/** Calls of oracles, split: `method` is reproduced bit for bit by a resumed run, `driver` is not promised. */
export interface Counts {
  readonly method: Readonly<Record<string, number>>;
  readonly driver: Readonly<Record<string, number>>;
  readonly reads: number;
}

/** Enough to rebuild it by name: id, options, and for an objective the fingerprint of its data. */
export interface Named {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly data?: string;
}

/**
 * A run at an iteration, as plain JSON. Vectors are base64 of little-endian f64.
 *
 * Resumed under the same rules, a run that had ended is at its end at once, for the same reason; under larger budgets or
 * tighter tolerances it goes on. What the method itself said to end it stands. A diverged run is not resumed.
 */
export interface Checkpoint {
  readonly format: 1;
  readonly objective: Named;
  readonly optimizer: Named;
  /** What made the start; absent where it was the objective or a given point. */
  readonly init?: Named;
  readonly dtype: Dtype;
  readonly seed: number;
  readonly iteration: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly state: unknown;
  readonly stop: unknown;
}

export interface RunOptions {
  readonly backend: Backend;
  /** Where to start; without it what `init` makes, and without that the objective's `initial` from the stream (seed, `init`, 0). */
  readonly point?: Point;
  /** Makes the start; never beside `point`. A resumed run may leave it out: it has started already, from this one alone. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- initialisers of every requirement; plan() checks them
  readonly init?: Initializer<any>;
  /** Default 0; of a resumed run the checkpoint's. */
  readonly seed?: number;
  /**
   * Default `anyOf(gradientTolerance(1e-8), maxIterations(10_000))`; in f32 the tolerance is 1e-6, and for a method that
   * claims `escapesSaddles` there is none.
   */
  readonly stop?: StopRule;
  readonly signal?: AbortSignal;
  /** Iterations between observations: default 1 on a synchronous device, 32 on an asynchronous one. */
  readonly every?: number;
  readonly record?: (observation: Observation) => void;
  readonly resume?: Checkpoint;
  /** Seconds between checkpoints handed to `checkpoint`; default 10. */
  readonly checkpointEvery?: number;
  readonly checkpoint?: (checkpoint: Checkpoint) => MaybePromise<void>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- trackers of every requirement; plan() checks them
  readonly trackers?: readonly Tracker<any, unknown>[];
}

/** How a capability will be supplied. */
export interface PlannedCapability {
  readonly name: Capability;
  /** `driver`: neither the method nor a tracker asks for it; observations and the final evaluation use it. */
  readonly need: 'required' | 'used' | 'driver';
  readonly route: RouteLabel | 'derived' | 'missing';
  readonly kernels: readonly KernelName[];
  readonly why?: string;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** What could be reached instead, such as the least gradient tolerance in f32. */
  readonly reachable?: number;
}

/** Whether objective, optimizer and backend fit, as plain JSON. */
export interface Plan {
  readonly ok: boolean;
  readonly objective: string;
  readonly optimizer: string;
  /** What makes the start; absent where it is the objective or a given point. */
  readonly init?: string;
  readonly backend: string;
  readonly dtype: Dtype;
  readonly variables: number;
  readonly bytes: number;
  readonly readsPerStep: number;
  readonly determinism: Backend['determinism'];
  readonly capabilities: readonly PlannedCapability[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly string[];
}

export interface Solution {
  /** The last point reached; of a diverged run the last observed finite one. */
  readonly point: Point;
  readonly value: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly stop: { readonly reason: StopReason; readonly rule: string; readonly detail?: string };
  readonly counts: Counts;
  readonly plan: Plan;
  readonly seed: number;
  checkpoint(): Checkpoint;
}
