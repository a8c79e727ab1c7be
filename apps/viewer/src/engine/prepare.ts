/**
 * From names and options to the objects that run: the same steps, in the same order, as the command line takes, so that the same numbers come out.
 */
import {
  type AnyInitializer, anyOf, type AnyOptimizer, type AnyTracker, type Backend, bind, type Capability, type DataForm, type DataMap, gradientTolerance, LowlandError,
  maxIterations, type Objective, optionsOf, parseOptions, plan, type Plan, type Registry, type StopRule,
} from '@lowland/core';
import { asForm, splitEntries } from '@lowland/data';
import { cpu } from '@lowland/linalg';
import { fromFactors } from '@lowland/objectives';

import type { Chosen, Composition, DataFile, Limits } from '../model/composition.ts';
import { datasets } from './datasets.ts';
import { making } from './making.ts';
import type { Form } from './protocol.ts';
import { Remembered } from './remember.ts';

/** A method on its problem, ready to start. */
export interface Prepared {
  readonly objective: Objective<Capability>;
  readonly optimizer: AnyOptimizer;
  readonly backend: Backend;
  /** In f64, whatever the run uses. */
  readonly judge: Backend;
  readonly init: AnyInitializer | undefined;
  readonly trackers: readonly AnyTracker[];
  readonly stop: StopRule;
  /** Null: none. */
  readonly tolerance: number | null;
  readonly truth: DataMap['matrix'] | undefined;
  readonly form: Form;
  readonly plan: Plan;
}

/** Makes what the method at `position` needs. `paused`: seconds that the run stood still, which its budget does not count. */
export async function prepare(registry: Registry, composition: Composition, position: number, paused: () => number = () => 0): Promise<Prepared> {
  const method = composition.methods[position];
  if (method === undefined) throw new LowlandError('LOWLAND_E_OPTIONS', `There are ${composition.methods.length} methods; number ${position + 1} was asked for.`);
  const backend = made(registry, 'backends', composition.backend) as Backend;
  const problem = await problemFor(registry, composition, method, backend);
  const { objective, optimizer, truth } = problem;
  const chosen = composition.init === null ? undefined : (made(registry, 'initializers', composition.init) as AnyInitializer);
  // initialisers make factors: of a start in singular triples, whose product they are
  const init = chosen !== undefined && problem.form === 'fixed-rank' ? (fromFactors(problem.given, chosen) as AnyInitializer) : chosen;
  const trackers = composition.track.map((id) => made(registry, 'trackers', { id, options: {} }) as AnyTracker);
  const tolerance = composition.limits.gradientTolerance ?? defaultTolerance(optimizer, backend);
  const stop = stopOf(composition.limits, tolerance, paused);
  return {
    objective,
    optimizer,
    backend,
    judge: backend.dtype === 'f64' ? backend : cpu(),
    init,
    trackers,
    stop,
    tolerance,
    truth,
    form: problem.form,
    plan: plan(objective, optimizer, backend, { stop, trackers, ...(init !== undefined && { init }) }),
  };
}

/** The capability that leads to a form, and what that form alone offers. */
const ways: readonly (readonly [Exclude<Form, 'factored'>, 'convexForm' | 'fixedRank', readonly string[]])[] = [
  ['convex', 'convexForm', ['proximal', 'spectral']],
  ['fixed-rank', 'fixedRank', ['geometry']],
];

export interface Problem {
  /** In the form that the method needs. */
  readonly objective: Objective<Capability>;
  /** As its definition made it. */
  readonly given: Objective<Capability>;
  readonly optimizer: AnyOptimizer;
  readonly form: Form;
  readonly truth: DataMap['matrix'] | undefined;
}

/** The objective in the form that offers what the method requires where the problem itself is known not to, and the method. */
export async function problemFor(registry: Registry, composition: Composition, method: Chosen, backend: Backend): Promise<Problem> {
  const definition = registry.find('objectives', composition.objective.id);
  const { data, truth } = dataFor(registry, composition);
  const optimizerDefinition = registry.find('optimizers', method.id);
  const firstMade = made(registry, 'optimizers', method) as AnyOptimizer;
  const lacking = (firstMade.requires as readonly string[]).filter((name) => definition.provides?.includes(name as Capability) !== true);
  const way = ways.find(([, through, offers]) => definition.provides?.includes(through) === true && lacking.some((name) => offers.includes(name)));
  const form = way?.[0] ?? 'factored';
  const has = (schema: Parameters<typeof optionsOf>[0], name: string): boolean => optionsOf(schema).some((option) => option.name === name);
  let { options } = composition.objective;
  let optimizer = firstMade;
  if (form === 'convex') {
    // over the matrix itself the rank is the method's, where it keeps one
    const { rank, ...rest } = options;
    options = has(definition.options, 'rank') ? { ...rest, rank: 1 } : rest;
    if (rank !== undefined && has(optimizerDefinition.options, 'rank') && !('rank' in method.options)) {
      optimizer = made(registry, 'optimizers', { id: method.id, options: { ...method.options, rank } }) as AnyOptimizer;
    }
  }
  const key = [composition.objective.id, composition.data ?? composition.generate, composition.seed];
  const { objectives } = memoryOf(registry);
  const given = objectives.of([...key, options], () => making(definition, () => definition.create(parseOptions(definition.options, options, definition.id), data, truth) as Objective<Capability>));
  return { objective: way === undefined ? given : await inForm(given, way[1], form, backend), given, optimizer, form, truth };
}

async function inForm(given: Objective<Capability>, through: 'convexForm' | 'fixedRank', form: Form, backend: Backend): Promise<Objective<Capability>> {
  if (!(through in given.routes)) {
    const why = given.lacks?.[through];
    throw new LowlandError('LOWLAND_E_CAPABILITY', `The objective ${given.id} has no ${form} form with these options${why === undefined ? '' : ` (${why})`}. Choose another method.`);
  }
  using binding = await bind<Capability, Capability>(given, backend, [through]);
  return binding.problem[through].objective();
}

interface Generated {
  readonly data: DataMap[DataForm];
  readonly truth?: DataMap['matrix'];
}

interface Memory {
  readonly data: Remembered<Generated>;
  readonly objectives: Remembered<Objective<Capability>>;
}

const memories = new WeakMap<Registry, Memory>();

function memoryOf(registry: Registry): Memory {
  const memory = memories.get(registry) ?? { data: new Remembered(1), objectives: new Remembered(2) };
  memories.set(registry, memory);
  return memory;
}

/** The numbers that are fitted. */
export const dataOf = (registry: Registry, composition: Composition): DataMap[DataForm] => dataFor(registry, composition).data;

/** Data of the file that was chosen, or from the generator of the objective, and what that planted. */
function dataFor(registry: Registry, { objective: { id }, data: file, generate: given, seed }: Composition): Generated {
  const definition = registry.find('objectives', id);
  const { data: form, generate } = definition;
  if (form === 'none') return { data: undefined };
  const { data } = memoryOf(registry);
  if (file !== null) return data.of([id, file, seed], () => ({ data: fromFile(file, form, seed) }));
  if (generate === undefined) throw new LowlandError('LOWLAND_E_OPTIONS', `The objective ${id} takes ${form} from a file and generates none; choose a file of data under Problem.`);
  return data.of([id, given, seed], () => making(definition, () => generate.create(parseOptions(generate.options, given, `data of ${id}`), seed)));
}

/** What is fitted of a file: all of it, but for what is held back. */
function fromFile({ name, sha256, reading, holdout }: DataFile, form: DataForm, seed: number): DataMap[DataForm] {
  const numbers = datasets.get(sha256);
  if (numbers === undefined) throw new LowlandError('LOWLAND_E_DATA_MISSING', `${name} is not here: a page keeps no files. Choose the file under Problem; it is known by its SHA-256, ${sha256.slice(0, 12)}….`);
  const loaded = asForm(numbers, form, reading['unlisted'] === 'zero' ? { unlisted: 'zero' } : {});
  if (holdout === 0) return loaded.data;
  if (loaded.form !== 'entries') throw new LowlandError('LOWLAND_E_OPTIONS', `A share of ${holdout} is to be held back, which is for entries; ${name} is taken as ${form}. Hold back nothing.`);
  return splitEntries(loaded.data, holdout, seed)?.training ?? loaded.data;
}

type Makeable = 'backends' | 'optimizers' | 'initializers' | 'trackers' | 'analyses';

/** What a definition makes of its options. */
export function made(registry: Registry, kind: Makeable, { id, options }: Chosen): unknown {
  const definition = registry.find(kind, id);
  return making(definition, () => definition.create(parseOptions(definition.options, options, id)));
}

function defaultTolerance({ claims }: AnyOptimizer, { dtype }: Backend): number | null {
  if (claims?.includes('escapesSaddles') === true) return null;
  return dtype === 'f32' ? 1e-6 : 1e-8;
}

function stopOf({ iterations, seconds }: Limits, tolerance: number | null, paused: () => number): StopRule {
  const budgets = [maxIterations(iterations), ...(seconds === null ? [] : [secondsOfWork(seconds, paused)])];
  return tolerance === null ? anyOf(...budgets) : anyOf(gradientTolerance(tolerance), ...budgets);
}

/** `maxSeconds` that does not count pauses. */
function secondsOfWork(limit: number, paused: () => number): StopRule {
  return { needs: ['seconds'], memory: [], check: ({ seconds }) => (seconds - paused() >= limit ? { reason: 'budget', rule: 'max-seconds' } : undefined) };
}
