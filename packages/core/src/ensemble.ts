/**
 * Many runs of one method on one objective: particles of a diffusion, starts of a census, cells of a phase diagram.
 */
import type { AnyObjective, AnyOptimizer } from './any.ts';
import { bind } from './bind.ts';
import type { Capability, Closed, EnsembleExit } from './capability.ts';
import type { Backend } from './device.ts';
import { LowlandError } from './errors.ts';
import { createPoint, layoutLength } from './layout.ts';
import type { Objective } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import { streamKey } from './philox.ts';
import { choose } from './routes.ts';
import type { Checkpoint, Plan } from './run.ts';
import { plan, refused } from './plan.ts';
import { solve } from './solve.ts';
import { maxIterations } from './stop.ts';

/** What is seen between two calls: arrays are the live ones, to read and not to keep. */
export interface EnsembleView {
  /** Steps that every run has taken, those that ended by themselves aside. */
  readonly steps: number;
  /** count x variables, row-major: the point of run k in row k. */
  readonly points: Float64Array;
}

export interface EnsembleOptions {
  readonly backend: Backend;
  /** Number of runs. */
  readonly count: number;
  /** Steps of each run at most; a method may end a run earlier. */
  readonly steps: number;
  /** Run k is the run from seed + k; default 0. */
  readonly seed?: number;
  /** count x variables; default the objective's own starts from (seed + k, `init`, 0). */
  readonly points?: Float64Array;
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
  /** 1 where a run met numbers that are not finite; its point may be the last finite one. */
  readonly diverged: Uint8Array;
  /** Steps after which `until` ended each run, -1 where it has not; only with `until`. The points are those of the exits. */
  readonly exits?: Float64Array;
  /** `fused`: by the objective's `ensemble`; `loop`: one `solve` after another, same bits on the CPU. */
  readonly route: 'fused' | 'loop';
  /** Why not `fused`. */
  readonly note?: string;
  readonly plan: Plan;
}

/**
 * Runs a method `count` times, from seeds seed, seed + 1, …. Where the objective has an `ensemble` with the method, all runs go on in
 * one call, without the cost of a driver; where not, they are `solve`d one after another. On a CPU the bits are the same. With `until` each
 * run ends by itself, and the ensemble when all have.
 *
 * @throws LOWLAND_E_OPTIONS when `count`, `steps` or `every` is no positive integer
 * @throws LOWLAND_E_SEED when the first or the last seed is no integer from 0 to 2^53 - 1
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_POINT when the starts do not fit or are not finite
 * @throws what `solve` throws for a plan that is refused
 */
export async function solveEnsemble<P extends Capability, R extends Closed<P>, U extends Capability = never>(
  objective: Objective<P>,
  optimizer: Optimizer<R, U>,
  options: EnsembleOptions,
): Promise<EnsembleSolution> {
  const { backend, count, steps, every = steps, seed = 0 } = options;
  requireCount('count', count);
  requireCount('steps', steps);
  requireCount('every', every);
  // The last run has a seed too, and no two the same.
  streamKey(seed, 'ensemble');
  streamKey(seed + (count - 1), 'ensemble');
  const start = startsOf(objective as AnyObjective, options, seed);
  const planned = plan(objective as AnyObjective, optimizer as AnyOptimizer, backend, { stop: maxIterations(steps) });
  const { method } = optimizer.ensemble ?? {};
  if (!planned.ok) throw refused(planned);
  const choice = choose(objective as AnyObjective, backend.kernels, 'ensemble');
  const why = method === undefined ? `"${optimizer.id}" names no ensemble method for these options` : choice.route === undefined ? choice.why : undefined;

  const points = start.slice();
  const diverged = new Uint8Array(count);
  const exit = options.until && { test: options.until, at: Float64Array.from({ length: count }, (_, k) => (options.until!(rowOf(points, count, k)) ? 0 : -1)) };
  let taken = 0;
  /** Goes on until the steps are taken or somebody ends it. */
  const drive = async (advance: Advance) => {
    while (taken < steps && options.signal?.aborted !== true && exit?.at.includes(-1) !== false) {
      const next = Math.min(every, steps - taken);
      await advance(next, taken);
      taken += next;
      if (options.observe?.({ steps: taken, points }) === false) break;
    }
  };
  const note = why ?? (await runFused(objective as AnyObjective, optimizer as AnyOptimizer, backend, points, count, seed, exit, drive));
  if (note !== undefined) await drive(oneAfterAnother(objective as AnyObjective, optimizer as AnyOptimizer, options, points, diverged, seed, exit));

  const values = await valuesOf(objective as AnyObjective, backend, points, count);
  for (let k = 0; k < count; k++) if (!(Number.isFinite(values[k]!) && rowOf(points, count, k).every(Number.isFinite))) diverged[k] = 1;
  const route = note === undefined ? ({ route: 'fused' } as const) : ({ route: 'loop', note: `${note}: the runs go one after another` } as const);
  return { steps: taken, points, values, diverged, plan: planned, ...(exit && { exits: exit.at }), ...route };
}

/** Writes the points that all runs reach in `steps` more steps, after `taken` ones. */
type Advance = (steps: number, taken: number) => Promise<void>;

const rowOf = (rows: Float64Array, count: number, k: number) => rows.subarray((k * rows.length) / count, ((k + 1) * rows.length) / count);

/** By the objective's own ensemble; returns why not, where it has not this method. */
async function runFused(
  objective: AnyObjective,
  optimizer: AnyOptimizer,
  backend: Backend,
  points: Float64Array,
  count: number,
  seed: number,
  exit: EnsembleExit | undefined,
  drive: (advance: Advance) => Promise<void>,
): Promise<string | undefined> {
  const { method, parameters } = optimizer.ensemble!;
  using binding = await bind(objective as Objective<'ensemble'>, backend, ['ensemble']);
  const { device, ensemble } = binding.problem;
  if (!ensemble.methods.includes(method)) return `the ensemble of "${objective.id}" has no method "${method}"`;
  if (exit !== undefined && ensemble.exits !== true) return `the ensemble of "${objective.id}" does not end runs on their way`;
  using memory = device.memory();
  const length = ensemble.stateLength(method);
  const variables = points.length / count;
  const numbers = memory.vector(Math.max(1, parameters.length));
  if (parameters.length > 0) device.write(numbers, Float64Array.from(parameters));
  const states = memory.vector(count * length);
  const start = new Float64Array(count * length);
  for (let k = 0; k < count; k++) start.set(rowOf(points, count, k), k * length);
  device.write(states, start);
  await drive(async (steps, taken) => {
    ensemble.run(method, numbers, states, count, steps, taken, seed, exit);
    const reached = await device.read(states);
    for (let k = 0; k < count; k++) rowOf(points, count, k).set(reached.subarray(k * length, k * length + variables));
  });
  return undefined;
}

/** One `solve` after another, each resumed where its last one ended. */
function oneAfterAnother(objective: AnyObjective, optimizer: AnyOptimizer, { backend, count, signal }: EnsembleOptions, points: Float64Array, diverged: Uint8Array, seed: number, exit: EnsembleExit | undefined): Advance {
  const checkpoints: (Checkpoint | undefined)[] = new Array<undefined>(count).fill(undefined);
  const ended = new Uint8Array(count);
  /** Run k until it has taken so many steps in all. */
  const advance = async (k: number, steps: number) => {
    const from = checkpoints[k];
    const row = rowOf(points, count, k);
    const start = from === undefined ? { seed: seed + k, point: createPoint(objective.layout, row.slice()) } : { resume: from };
    const solution = await solve(objective, optimizer, { backend, stop: maxIterations(steps), ...start, ...(signal && { signal }) });
    row.set(solution.point.data);
    if (solution.stop.reason === 'diverged') diverged[k] = 1;
    if (solution.stop.rule === 'max-iterations') checkpoints[k] = solution.checkpoint();
    else ended[k] = 1;
    if (exit?.test(row) === true) exit.at[k] = solution.iterations;
  };
  const goesOn = (k: number) => ended[k] === 0 && (exit === undefined || exit.at[k] === -1) && signal?.aborted !== true;
  return async (steps, taken) => {
    for (let k = 0; k < count; k++) {
      const stride = exit === undefined ? steps : 1;
      for (let reached = taken + stride; reached <= taken + steps && goesOn(k); reached += stride) await advance(k, reached);
    }
  };
}

async function valuesOf(objective: AnyObjective, backend: Backend, points: Float64Array, count: number): Promise<Float64Array> {
  const values = new Float64Array(count);
  using binding = await bind(objective as Objective<'value'>, backend, ['value']);
  const { device, value } = binding.problem;
  using memory = device.memory();
  const x = memory.vector(points.length / count);
  const out = memory.vector(1);
  for (let k = 0; k < count; k++) {
    device.write(x, rowOf(points, count, k));
    value(x, out);
    values[k] = await device.scalar(out);
  }
  return values;
}

function startsOf(objective: AnyObjective, { count, points }: EnsembleOptions, seed: number): Float64Array {
  const variables = layoutLength(objective.layout);
  if (points === undefined) {
    const starts = new Float64Array(count * variables);
    for (let k = 0; k < count; k++) starts.set(objective.initial(streamKey(seed + k, 'init', 0)).data, k * variables);
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
