/**
 * Phase-transition maps: how often a method recovers what was planted, over one or two settings of the data.
 */
import {
  type AnyInitializer, type AnyObjective, type AnyOptimizer, type Backend, bind, type Capability, createPoint, type Device, LowlandError, maxIterations, type Objective, type ObjectiveDefinition, type Optimizer, optionsOf, parseOptions, solve, solveEnsemble, unknownName,
} from '@lowland/core';

import { wilson } from './wilson.ts';

/** A setting of the generator, with the values that it takes. The objective gets it too, where it has an option of that name: the rank. */
export interface PhaseAxis {
  readonly name: string;
  readonly values: readonly number[];
}

export interface PhaseMapOptions {
  /** Of a family whose generator plants something and whose `truth` tells the distance to it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- objectives of every option type
  readonly objective: ObjectiveDefinition<any>;
  /** One axis, or two. */
  readonly axes: readonly [PhaseAxis] | readonly [PhaseAxis, PhaseAxis];
  /** The other settings of the generator. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The other options of the objective; its rank is the planted one where nothing else is said. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly optimizer: AnyOptimizer;
  /** What makes the starts, where the objective does not. */
  readonly init?: AnyInitializer;
  readonly backend: Backend;
  /** Problems of each cell; default 20. */
  readonly trials?: number;
  /** Steps of each run at most; default 1,000. */
  readonly steps?: number;
  /** Recovered means within this part of the size of what was planted; default 1e-3. */
  readonly tolerance?: number;
  /** The problem and the run of trial k of cell c have the seed `seed` + c trials + k; default 0. */
  readonly seed?: number;
  /** Called after each cell. */
  readonly progress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface PhaseCell {
  /** Values on the axes. */
  readonly at: readonly number[];
  readonly successes: number;
  /** Of 95 %, by Wilson. */
  readonly interval: readonly [low: number, high: number];
  readonly diverged: number;
  /** Steps that the successful runs took until nothing was left to gain, the middle one; null where there is none. */
  readonly medianSteps: number | null;
  /** Degrees of freedom of a matrix of this rank and size, r (m + n - r), symmetric n r - r (r - 1)/2; null where the variables are no factors. */
  readonly freedom: number | null;
}

export interface PhaseMap {
  readonly objective: string;
  readonly method: string;
  readonly axes: readonly PhaseAxis[];
  readonly trials: number;
  readonly steps: number;
  readonly tolerance: number;
  readonly seed: number;
  /** The first axis fastest. Fewer than there are places where it was interrupted. */
  readonly cells: readonly PhaseCell[];
  /** How many cells went in one call, and how many run by run, with the reasons. */
  readonly routes: { readonly fused: number; readonly loop: number; readonly notes: readonly string[] };
}

/** Runs end where the value has come to this part of that at 0: nothing is gained after it. */
const fitted = 1e-14;

/**
 * Success over settings: for each cell `trials` problems are drawn, each is run from its start, and a run has succeeded where what it recovers (its
 * matrix, or its signal up to the phase) is within `tolerance` |planted| of what was planted. All runs of a cell go in one `solveEnsemble`.
 *
 * Shares of few trials are no probabilities: intervals say what is known. Below the degrees of freedom there are fewer data than unknowns.
 *
 * @throws LOWLAND_E_OPTIONS when an axis is empty or given twice, or measurements, trials, steps or tolerance are not positive
 * @throws LOWLAND_E_UNKNOWN_ID where a name is no setting of the generator
 * @throws LOWLAND_E_CAPABILITY where the objective has no generator, or tells no distance to what was planted
 * @throws what `solveEnsemble` throws
 */
export async function phaseMap(options: PhaseMapOptions): Promise<PhaseMap> {
  const { objective: definition, axes, trials = 20, steps = 1000, tolerance = 1e-3, seed = 0 } = options;
  requireSettings(options, trials, steps, tolerance);
  const places = axes.reduce((all: readonly (readonly number[])[], { values }) => values.flatMap((value) => all.map((at) => [...at, value])), [[]]);
  const cells: PhaseCell[] = [];
  const notes = new Set<string>();
  const went = { fused: 0, loop: 0 };
  using device = await options.backend.open();
  for (const [c, at] of places.entries()) {
    if (aborted(options)) break;
    const first = seed + c * trials;
    const problems = Array.from({ length: trials }, (_, k) => drawn(options, at, first + k));
    const starts = options.init && (await startsOf(problems, options, first));
    const zeros = problems.map((problem) => zeroValueOf(problem, device));
    const { points, diverged, taken, route, note } = await solveEnsemble(problems as Objective<Capability>[], options.optimizer as Optimizer<Capability>, {
      backend: options.backend,
      steps,
      seed: first,
      ...(starts && { points: starts }),
      ...(zeros.every((zero) => zero !== undefined) && { reach: { value: zeros.map((zero) => fitted * zero) } }),
      ...(options.signal && { signal: options.signal }),
    });
    // runs that were cut short say nothing about the method
    if (aborted(options)) break;
    went[route]++;
    if (note !== undefined) notes.add(note);
    const width = points.length / trials;
    const success = problems.map((problem, k) => diverged[k] === 0 && recovers(problem, points.slice(k * width, (k + 1) * width), tolerance, device));
    const count = success.filter(Boolean).length;
    const lengths = [...taken].filter((_, k) => success[k] === true).sort((a, b) => a - b);
    cells.push({
      at,
      successes: count,
      interval: wilson(count, trials),
      diverged: diverged.reduce((sum, flag) => sum + flag, 0),
      medianSteps: lengths[Math.floor((count - 1) / 2)] ?? null,
      freedom: freedomOf(problems[0]!),
    });
    options.progress?.(c + 1, places.length);
  }
  return { objective: definition.id, method: options.optimizer.id, axes, trials, steps, tolerance, seed, cells, routes: { ...went, notes: [...notes] } };
}

const aborted = ({ signal }: PhaseMapOptions): boolean => signal?.aborted === true;

/** The problem of one trial. */
function drawn({ objective: definition, axes, data: settings = {}, options: given = {} }: PhaseMapOptions, at: readonly number[], seed: number): AnyObjective {
  const values = Object.fromEntries(axes.map(({ name }, i) => [name, at[i]!]));
  const generate = definition.generate!;
  const planted = parseOptions(generate.options, { ...settings, ...values }, 'the generator') as Readonly<Record<string, unknown>>;
  const { data, truth } = generate.create(planted, seed);
  const own = new Set(optionsOf(definition.options).map(({ name }) => name));
  const shared = Object.fromEntries(Object.entries(values).filter(([name]) => own.has(name)));
  const rank = own.has('rank') && 'rank' in planted ? { rank: planted['rank'] } : {};
  return definition.create(parseOptions(definition.options, { ...rank, ...given, ...shared }, definition.id), data, truth) as AnyObjective;
}

/** Points that the initializer makes, one after another. */
async function startsOf(problems: readonly AnyObjective[], { optimizer, init, backend }: PhaseMapOptions, seed: number): Promise<Float64Array> {
  const points: Float64Array[] = [];
  for (const [k, problem] of problems.entries()) {
    const { point } = await solve(problem as Objective<Capability>, optimizer as Optimizer<Capability>, { backend, seed: seed + k, stop: maxIterations(0), init: init! });
    points.push(point.data);
  }
  const starts = new Float64Array(points.length * points[0]!.length);
  points.forEach((point, k) => { starts.set(point, k * point.length); });
  return starts;
}

/** f at zero, where the objective tells it and it is not 0. */
function zeroValueOf(problem: AnyObjective, device: Device): number | undefined {
  if (!('scale' in problem.routes)) return undefined;
  using binding = bind(problem as Objective<'scale'>, device, ['scale']);
  const { zeroValue } = binding.problem.scale;
  return zeroValue > 0 && zeroValue < Infinity ? zeroValue : undefined;
}

/** @throws LOWLAND_E_CAPABILITY where the objective does not tell the distance to what was planted */
function recovers(problem: AnyObjective, data: Float64Array, tolerance: number, device: Device): boolean {
  using binding = bind(problem as Objective<'truth'>, device, ['truth']);
  const { truth } = binding.problem;
  if (truth.distance === undefined) throw new LowlandError('LOWLAND_E_CAPABILITY', `A phase map needs the distance to what was planted, and "${problem.id}" does not tell it.`);
  const { layout } = problem;
  return truth.distance(createPoint(layout, data)) <= tolerance * truth.distance(createPoint(layout));
}

/** Of the variables X: n x r, or U: m x r and V: n x r. */
function freedomOf({ layout: { blocks } }: AnyObjective): number | null {
  const [first, second] = blocks;
  const [rows = 0, rank = 0] = first!.shape;
  if (blocks.length === 1 && first!.name === 'X') return rows * rank - (rank * (rank - 1)) / 2;
  return blocks.length === 2 && first!.name === 'U' && second!.name === 'V' ? rank * (rows + second!.shape[0]! - rank) : null;
}

function requireSettings({ objective: { id, generate }, axes }: PhaseMapOptions, trials: number, steps: number, tolerance: number): void {
  if (generate === undefined) throw new LowlandError('LOWLAND_E_CAPABILITY', `A phase map draws problems with a planted solution, and "${id}" generates no data.`);
  const known = optionsOf(generate.options).map(({ name }) => name);
  for (const { name, values } of axes) {
    if (!known.includes(name)) throw unknownName(`setting of the data of ${id} called`, name, known);
    if (values.length === 0) throw new LowlandError('LOWLAND_E_OPTIONS', `The axis "${name}" has no values.`);
    // to generators 0 measurements are a number of their own choice, which would stand at 0 in the map
    if (name === 'measurements' && values.includes(0)) throw new LowlandError('LOWLAND_E_OPTIONS', 'measurements of a phase map are numbers from 1; 0 was given.');
  }
  if (axes.length === 2 && axes[0].name === axes[1].name) throw new LowlandError('LOWLAND_E_OPTIONS', `The two axes of a phase map are different settings; "${axes[0].name}" was given twice.`);
  for (const [name, given] of [['trials', trials], ['steps', steps]] as const) {
    if (!Number.isSafeInteger(given) || given < 1) throw new LowlandError('LOWLAND_E_OPTIONS', `${name} of a phase map is a positive integer; ${given} was given.`);
  }
  if (!(tolerance > 0)) throw new LowlandError('LOWLAND_E_OPTIONS', `The tolerance of a phase map is a positive number; ${tolerance} was given.`);
}
