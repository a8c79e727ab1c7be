import type { AnyObjective } from './any.ts';
import type { Capability, NoiseRule, Problem } from './capability.ts';
import type { Device, KernelName, MaybePromise, Vec } from './device.ts';
import type { Manifold } from './manifold.ts';
import type { Fact } from './facts.ts';
import type { Lacks } from './objective.ts';
import type { StreamKey } from './philox.ts';
import type { Refusal } from './run.ts';

/** What a state may hold: the driver saves and restores it, authors write no code for it. */
export type Slot = number | string | boolean | Vec | readonly Slot[];

/** Live state of a method. Its slots always describe `point`. */
export interface State {
  point: Vec;
  /** grad f at `point`, if the method has it. */
  gradient?: Vec;
  /** f at `point` (a vector of length 1), if the method has it. */
  value?: Vec;
  [slot: string]: Slot | undefined;
}

/** What a method gets at its start. All memory it asks for is freed by the driver, however the run ends. */
export interface Context<R extends Capability, U extends Capability = never> {
  readonly problem: Problem<R, U>;
  readonly device: Device;
  /** Why the objective lacks what is used: analyses are told. */
  readonly lacks?: Lacks;
  /** Where the points of the objective live, when not in all of space: analyses are told. */
  readonly manifold?: Manifold;
  /** A vector that is saved in checkpoints when a slot holds it; default length that of the point. */
  state(length?: number): Vec;
  /** A vector whose content may be forgotten between steps; default length that of the point. */
  scratch(length?: number): Vec;
  random(purpose: string, index: number): StreamKey;
}

/** Nothing: go on. A method that knows better says so; the driver decides what becomes of it. */
export type StepResult = void | undefined | { readonly stop: 'converged' | 'stalled'; readonly rule: string; readonly detail?: string };

export interface Stepper<S extends State = State> {
  /** Slots are assigned in place; the object is the same for the whole run. */
  readonly state: S;
  /** First evaluation at `state.point`. Not called on resume: the slots already hold it, so counts and bits agree. */
  init?(): MaybePromise<void>;
  step(): MaybePromise<StepResult>;
}

/**
 * What a method promises; the optimizer suite checks it.
 *
 * - `monotone`: the value never rises beyond rounding
 * - `deterministic`: no random stream is drawn
 * - `escapesSaddles`: it leaves strict saddles, from the very point too. The default stopping rule then has no gradient
 *   tolerance: the method says itself when it is done
 */
export type Claim = 'monotone' | 'deterministic' | 'escapesSaddles';

export interface Optimizer<R extends Capability, U extends Capability = never> {
  readonly id: string;
  readonly requires: readonly R[];
  readonly uses?: readonly U[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Kernels that the method calls itself, beyond those of its oracles. Needed for those outside the base set and for `posvRight`. */
  readonly kernels?: readonly KernelName[];
  /** Facts that must hold of what it requires: `plan` refuses an objective that does not state them. */
  readonly needs?: readonly Fact[];
  /** Why the method cannot serve an objective that provides all it requires: a method for U V^T one in X alone. `plan` shows it. */
  readonly refuses?: (objective: AnyObjective) => Refusal | undefined;
  readonly claims?: readonly Claim[];
  /** Slots of its state that serve stopping rules where the objective has no such oracle: a gradient of its own kind, a value it knows. */
  readonly keeps?: readonly ('value' | 'gradient')[];
  /**
   * Under which name and with which numbers an objective's `ensemble` runs this very method; absent where none can. Numbers may depend on how
   * many variables there are and on f at the start of the run. `noise`: where the method's noise comes from, by default normals.
   */
  readonly ensemble?: { readonly method: string; readonly parameters: readonly number[] | ((variables: number, value: number) => readonly number[]); readonly noise?: NoiseRule };
  /** Reads a step at most, trials of a line search counted once. */
  readonly readsPerStep: number;
  start(context: Context<R, U>): Stepper;
}
