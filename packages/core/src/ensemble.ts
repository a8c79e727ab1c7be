/**
 * Many runs in one call: particles of a diffusion, starts of a census, cells of a phase diagram.
 */
import type { AnyObjective, AnyOptimizer } from './any.ts';
import { bind } from './bind.ts';
import type { Capability, Closed } from './capability.ts';
import type { Backend } from './device.ts';
import { type Course, type EnsembleView, isDone, rowOf } from './ensemble-course.ts';
import { runFused } from './ensemble-fused.ts';
import { oneAfterAnother } from './ensemble-loop.ts';
import { LowlandError } from './errors.ts';
import { layoutLength } from './layout.ts';
import type { Objective } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import { streamKey } from './philox.ts';
import { plan, refused } from './plan.ts';
import type { Plan } from './run.ts';
import { maxIterations } from './stop.ts';

export interface EnsembleOptions {
  readonly backend: Backend;
  /** Number of runs; default as many as there are objectives or optimizers. */
  readonly count?: number;
  /** Steps of each run at most; a method may end a run earlier. */
  readonly steps: number;
  /** Run k is the run from seed + k; default 0. */
  readonly seed?: number;
  /** count x variables; default the objective's own starts from (seed + k, `init`, 0). */
  readonly points?: Float64Array;
  /** A run ends where its value or gradient norm is at or below such a bound, one for all or one for each run; looked at from the start on, after every step. */
  readonly reach?: { readonly value?: number | readonly number[]; readonly gradientNorm?: number | readonly number[] };
  /** Steps between observations; default all of them at once. */
  readonly every?: number;
  /** Called after every `every` steps; `false` ends the ensemble. */
  readonly observe?: (view: EnsembleView) => boolean | undefined;
  /** Ends a run where it holds, asked at its start and after each of its steps: exit times. The array is live, to read and not to keep. */
  readonly until?: (point: Float64Array) => boolean;
  readonly signal?: AbortSignal;
}

export interface EnsembleSolution extends EnsembleView {
  /** f at the points. */
  readonly values: Float64Array;
  /** Steps after which `until` ended each run, -1 where it has not; only with `until`. The points are those of the exits. */
  readonly exits?: Float64Array;
  /** `fused`: by the objective's `ensemble`; `loop`: one `solve` after another. */
  readonly route: 'fused' | 'loop';
  /** Why not `fused`. */
  readonly note?: string;
  /** Of the first run. */
  readonly plan: Plan;
}

/**
 * Runs a method many times, run k from seed + k: on one objective or on the k-th of several, by one method or the k-th of several. Where the
 * objectives have an `ensemble` with the method, are of one kind and of one size, all runs go on in one call, without the cost of a driver; where
 * not, they are `solve`d one after another, and `note` says why. With `reach` or `until` each run ends by itself, and the ensemble when all have.
 *
 * Points in f64 on a CPU are those of `solve`, to the bit, of factorizations of up to 2 million products an evaluation by gradient descent, Langevin
 * dynamics or a scaled method with a damping that is fixed; otherwise, as of measurements, and in f32, up to the order of sums.
 *
 * @throws LOWLAND_E_OPTIONS when `count`, `steps` or `every` is no positive integer, a bound is no number, or there are not as many of something as runs
 * @throws LOWLAND_E_SEED when the first or the last seed is no integer from 0 to 2^53 - 1
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_POINT when the objectives' variables differ, or the starts do not fit or are not finite
 * @throws what `solve` throws for a plan that is refused
 */
export async function solveEnsemble<P extends Capability, R extends Closed<P>, U extends Capability = never>(
  objective: Objective<P> | readonly Objective<P>[],
  optimizer: Optimizer<R, U> | readonly Optimizer<R, U>[],
  options: EnsembleOptions,
): Promise<EnsembleSolution> {
  const { backend, steps, every = steps, seed = 0 } = options;
  const objectives = [objective].flat().map((each) => each as AnyObjective);
  const optimizers = [optimizer].flat().map((each) => each as AnyOptimizer);
  const { count = Math.max(objectives.length, optimizers.length) } = options;
  requireCount('count', count);
  requireCount('steps', steps);
  requireCount('every', every);
  requireOneOrEach('objectives', objectives.length, count);
  requireOneOrEach('optimizers', optimizers.length, count);
  // The last run has a seed too, and no two the same.
  streamKey(seed, 'ensemble');
  streamKey(seed + (count - 1), 'ensemble');
  const planned = planAll(objectives, optimizers, backend, count, steps);

  const points = Float64Array.from(startsOf(objectives, options, count, seed));
  const { until } = options;
  const course: Course = {
    objectives,
    optimizers,
    backend,
    count,
    seed,
    points,
    taken: new Float64Array(count),
    diverged: new Uint8Array(count),
    ended: new Uint8Array(count),
    reached: new Uint8Array(count),
    limits: limitsOf(options.reach, count),
    exit: until && { test: until, at: Float64Array.from({ length: count }, (_, k) => (until(rowOf(points, count, k)) ? 0 : -1)) },
    signal: options.signal,
  };
  let gone = 0;
  const view = (): EnsembleView => {
    const { taken, diverged, ended, reached, limits } = course;
    return { steps: gone, points, taken, diverged, ended, ...(limits && { reached }) };
  };
  /** Goes on until the steps are taken, all runs have ended or somebody ends it. */
  const drive = async (advance: Advance) => {
    while (gone < steps && !isDone(course)) {
      gone += await advance(Math.min(every, steps - gone), gone);
      if (options.observe?.(view()) === false) break;
    }
  };
  const fused = await runFused(course, drive);
  if (fused.note !== undefined) await drive(oneAfterAnother(course));

  const values = fused.values ?? (await valuesOf(course));
  for (let k = 0; k < count; k++) if (!(Number.isFinite(values[k]!) && rowOf(points, count, k).every(Number.isFinite))) course.diverged[k] = 1;
  const route = fused.note === undefined ? ({ route: 'fused' } as const) : ({ route: 'loop', note: `${fused.note}: the runs go one after another` } as const);
  return { ...view(), values, plan: planned, ...(course.exit && { exits: course.exit.at }), ...route };
}

/** Moves all runs by `steps` more, after `gone` ones; fewer where they are done before. Gives how many. */
export type Advance = (steps: number, gone: number) => Promise<number>;

/** The plan of the first run. @throws for the first plan that is refused */
function planAll(objectives: readonly AnyObjective[], optimizers: readonly AnyOptimizer[], backend: Backend, count: number, steps: number): Plan {
  const distinct = Math.max(objectives.length, optimizers.length);
  const plans = Array.from({ length: Math.min(count, distinct) }, (_, k) => plan(objectives[k] ?? objectives[0]!, optimizers[k] ?? optimizers[0]!, backend, { stop: maxIterations(steps) }));
  const bad = plans.find(({ ok }) => !ok);
  if (bad !== undefined) throw refused(bad);
  return plans[0]!;
}

/** Rows of two, -1 where there is no bound. */
function limitsOf(reach: EnsembleOptions['reach'], count: number): Float64Array | undefined {
  if (reach === undefined) return undefined;
  const limits = new Float64Array(2 * count).fill(-1);
  [reach.value, reach.gradientNorm].forEach((given, column) => {
    if (given === undefined) return;
    const bounds = typeof given === 'number' ? [given] : given;
    requireOneOrEach('bounds to reach', bounds.length, count);
    for (let k = 0; k < count; k++) {
      const bound = bounds[bounds.length === 1 ? 0 : k]!;
      if (!(bound >= 0)) throw new LowlandError('LOWLAND_E_OPTIONS', `A value or a gradient norm to reach is a number from 0; ${bound} was given.`, { details: { given: bound } });
      limits[2 * k + column] = bound;
    }
  });
  return limits;
}

async function valuesOf({ objectives, backend, points, count }: Course): Promise<Float64Array> {
  const values = new Float64Array(count);
  using device = await backend.open();
  using memory = device.memory();
  const x = memory.vector(points.length / count);
  const out = memory.vector(1);
  const each = objectives.length === count ? 1 : count;
  for (let k = 0; k < count; k += each) {
    using binding = bind(objectives[k]! as Objective<'value'>, device, ['value']);
    for (let run = k; run < k + each; run++) {
      device.write(x, rowOf(points, count, run));
      binding.problem.value(x, out);
      values[run] = await device.scalar(out);
    }
  }
  return values;
}

function startsOf(objectives: readonly AnyObjective[], { points }: EnsembleOptions, count: number, seed: number): Float64Array {
  const variables = layoutLength(objectives[0]!.layout);
  const other = objectives.find(({ layout }) => layoutLength(layout) !== variables);
  if (other !== undefined) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The objectives of an ensemble have as many variables each; "${other.id}" has ${layoutLength(other.layout)}, and the first one ${variables}.`);
  }
  if (points === undefined) {
    const starts = new Float64Array(count * variables);
    for (let k = 0; k < count; k++) starts.set((objectives[k] ?? objectives[0]!).initial(streamKey(seed + k, 'init', 0)).data, k * variables);
    return starts;
  }
  if (points.length !== count * variables) {
    throw new LowlandError('LOWLAND_E_SHAPE', `Starts of ${count} runs with ${variables} variables have ${count * variables} numbers; ${points.length} were given.`, {
      details: { expected: count * variables, given: points.length },
    });
  }
  const wrong = points.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    throw new LowlandError('LOWLAND_E_POINT', `Every number of a start is finite; number ${wrong % variables} of run ${Math.floor(wrong / variables)} is ${points[wrong]!}.`);
  }
  return points;
}

function requireCount(name: string, given: number): void {
  if (Number.isSafeInteger(given) && given > 0) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `${name} of an ensemble is a positive integer; ${given} was given.`, { details: { name, given } });
}

function requireOneOrEach(name: string, given: number, count: number): void {
  if (given === 1 || given === count) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `An ensemble of ${count} runs has one or ${count} ${name}; ${given} were given.`, { details: { name, given } });
}
