import { type AnyInitializer, anyOf, type AnyTracker, type Backend, type Capability, gradientTolerance, maxIterations, maxSeconds, type Objective, type Optimizer, parseOptions, plan, type Plan, type StopRule } from '@lowland/core';
import type { Growth } from '@lowland/landscape';
import { fromFactors } from '@lowland/objectives';

import { versionsOf } from './catalog.ts';
import { usageError } from './command-line/flag.ts';
import type { Options } from './command-line/option-flags.ts';
import { optionsOf } from './command-line/options.ts';
import type { Request } from './command-line/request.ts';
import type { Computing, DataNote } from './document.ts';
import { convexRank, type Form, formOf, inForm } from './form.ts';
import { problemData, type ProblemData } from './problem.ts';

/** A run that is ready to start. Disposing it ends the threads of its backends. */
export interface Setup extends ProblemData, AsyncDisposable {
  /** In the form below. */
  readonly objective: Objective<Capability>;
  readonly optimizer: Optimizer<Capability, Capability>;
  readonly backend: Backend;
  /** What makes the start, where the objective does not. */
  readonly init?: AnyInitializer;
  /** Where verdicts and errors are computed: in f64, whatever the run used. */
  readonly judge: Backend;
  /** Defaults filled in. */
  readonly backendOptions: Readonly<Record<string, unknown>>;
  readonly computing: Computing;
  /** Versions of the plugins that it is made of. */
  readonly plugins: Readonly<Record<string, string>>;
  readonly form: Form;
  /** Whether the rank is to be found: --rank auto. */
  readonly auto: boolean;
  /** How it grows then. */
  readonly growth: Growth;
  /** What watches the run. */
  readonly trackers: readonly AnyTracker[];
  readonly seed: number;
  readonly limits: Limits;
  /** Iterations between observations, at one rank, where they are not those of the backend. */
  readonly every?: number;
  readonly plan: Plan;
  readonly dataNote: DataNote | null;
}

export interface Limits {
  readonly iterations: number;
  readonly seconds: number;
  /** Relative to the gradient norm at the start; none by default for a method that escapes saddles, where the gradient is small too. */
  readonly gradientTolerance?: number;
  /** Relative gap of a global minimum. */
  readonly gapTolerance: number;
}

/** Makes what a request names, and the plan for it; the plan may be a refusal. */
export async function setUp(request: Request): Promise<Setup> {
  const { values, objective: definition, optimizer: optimizerDefinition, backend: backendDefinition, initializer } = request;
  const seed = (values['seed'] as number | undefined) ?? 0;
  const rank = values['rank'] as number | 'auto' | undefined;
  const problem = await problemData(definition, values, seed);
  const backendOptions = parseOptions(backendDefinition.options, request.backendOptions, backendDefinition.id) as Readonly<Record<string, unknown>>;
  const backend = backendDefinition.create(backendOptions);
  const judge = backend.dtype === 'f64' ? backend : judgeOf(request);
  const optimizerOf = (given: Request['optimizerOptions']) =>
    optimizerDefinition.create(parseOptions(optimizerDefinition.options, given, optimizerDefinition.id)) as Optimizer<Capability, Capability>;
  const form = formOf(request, optimizerOf(request.optimizerOptions));
  const ranks = form === 'convex' ? convexRank(request) : { objective: rankOptions(request, rank, form, problem), optimizer: request.optimizerOptions };
  const objectiveOptions: unknown = parseOptions(definition.options, { ...request.objectiveOptions, ...ranks.objective }, definition.id);
  const given = definition.create(objectiveOptions, problem.data, problem.truth) as Objective<Capability>;
  const objective = await inForm(given, form, backend);
  const optimizer = optimizerOf(rank === 'auto' ? { ...growing[optimizerDefinition.id], ...ranks.optimizer } : ranks.optimizer);
  const chosen = initializer && (initializer.create(parseOptions(initializer.options, request.initializerOptions, initializer.id)) as AnyInitializer);
  // initialisers make factors: of a start in singular triples, whose product they are
  const init = chosen && { init: form === 'fixed-rank' ? fromFactors(given, chosen) : chosen };
  const trackers = trackersOf(request);
  const every = values['every'] as number | undefined;
  if (every !== undefined && rank === 'auto') throw usageError('--every is of runs at one rank; over several ranks each iteration is observed. Leave it out, or give --rank a number.');
  const gradientTolerance = (values['gradient-tolerance'] as number | undefined) ?? defaultTolerance(optimizer, backend);
  const limits: Limits = {
    iterations: (values['max-iterations'] as number | undefined) ?? 10_000,
    seconds: (values['max-seconds'] as number | undefined) ?? Infinity,
    ...(gradientTolerance !== undefined && { gradientTolerance }),
    gapTolerance: (values['gap-tolerance'] as number | undefined) ?? 1e-6,
  };
  return {
    ...problem,
    objective,
    optimizer,
    backend,
    ...init,
    judge,
    backendOptions,
    // A GPU has a name once it was opened: results say it, plans need none.
    get computing() {
      return { dtype: backend.dtype, ...backend.details };
    },
    plugins: versionsOf(request.catalog, [definition, optimizerDefinition, backendDefinition, initializer]),
    form,
    auto: rank === 'auto',
    growth: (values['growth'] as Growth | undefined) ?? 'escape',
    trackers,
    seed,
    limits,
    ...(every === undefined ? {} : { every }),
    plan: plan(objective, optimizer, backend, { stop: stopOf(limits), trackers, ...init }),
    dataNote: noteOf(problem),
    [Symbol.asyncDispose]: async () => {
      for (const one of new Set([backend, judge])) await one[Symbol.asyncDispose]?.();
    },
  };
}

/** Those that --track names. A run that is repeated is measured against its own end, where nothing else is said. */
function trackersOf({ values, trackers }: Request): readonly AnyTracker[] {
  const own = typeof values['from'] === 'string' ? { 'solution-distance': { path: values['from'] } } : {};
  return trackers.map(({ definition, options }) => {
    const { id } = definition;
    return definition.create(parseOptions(definition.options, { ...(id in own ? own[id as keyof typeof own] : {}), ...options }, id)) as AnyTracker;
  });
}

/** The cpu in f64: with the kernels and threads of the run, where that is on the cpu too. */
function judgeOf({ catalog, backend, backendOptions }: Request): Backend {
  const definition = catalog.find('backends', 'cpu');
  return definition.create(parseOptions(definition.options, backend.id === 'cpu' ? { ...backendOptions, dtype: 'f64' } : {}, 'cpu'));
}

function defaultTolerance({ claims }: Optimizer<Capability, Capability>, { dtype }: Backend): number | undefined {
  if (claims?.includes('escapesSaddles')) return undefined;
  return dtype === 'f32' ? 1e-6 : 1e-8;
}

/** The rules of a run at one rank. Those with a memory are always the same, so that a resumed run may have other budgets. */
export function stopOf({ iterations, seconds, gradientTolerance: tolerance }: Limits): StopRule {
  const rules = [maxIterations(iterations), ...(seconds === Infinity ? [] : [maxSeconds(seconds)])];
  return tolerance === undefined ? anyOf(...rules) : anyOf(gradientTolerance(tolerance), ...rules);
}

/** What serves --rank auto where nothing is said: its rounds start from ordered, balanced columns. */
const growing: Readonly<Record<string, Options>> = { lbfgs: { scaling: 'columns' } };

/** Columns that --rank auto starts from where nothing is said. */
const defaultStartRank = 10;

function rankOptions({ values, objective, objectiveOptions }: Request, rank: number | 'auto' | undefined, form: Form, { loaded }: ProblemData): { rank?: number } {
  const startRank = values['start-rank'] as number | undefined;
  if (values['growth'] !== undefined && rank !== 'auto') throw usageError('--growth says how --rank auto grows; give --rank auto with it.');
  if (startRank !== undefined && rank !== 'auto') throw usageError('--start-rank says where --rank auto starts; give --rank auto with it.');
  const option = optionsOf(objective.options).find(({ name }) => name === 'rank');
  if (rank === undefined) {
    if (option !== undefined && option.fallback === undefined) throw usageError(`The objective ${objective.id} needs a rank: give --rank <number>, or --rank auto with a penalty.`);
    return {};
  }
  if (option === undefined) throw usageError(`The objective ${objective.id} has no rank; leave out --rank.`);
  if (rank !== 'auto') return { rank };
  if (form !== 'factored') throw usageError(`--rank auto grows the factors of a problem; --form ${form} has a rank of its own. Give --rank a number.`);
  if (objective.provides?.includes('grow') === false) throw usageError(`--rank auto needs an objective that can grow; ${objective.id} cannot. Give --rank a number.`);
  if ('lambda' in objectiveOptions ? objectiveOptions['lambda'] === 0 : optionsOf(objective.options).some(({ name, fallback }) => name === 'lambda' && fallback === 0)) {
    throw usageError('--rank auto needs a positive penalty, which decides the rank; give --lambda, or --rank a number.');
  }
  const most = loaded === undefined ? defaultStartRank : Math.min(loaded.data.rows, loaded.data.cols);
  return { rank: startRank ?? Math.min(defaultStartRank, most) };
}

function noteOf({ loaded, held }: ProblemData): DataNote | null {
  if (loaded === undefined) return null;
  const { form, source, digest, data, notes } = loaded;
  return { form, source, sha256: digest, rows: data.rows, cols: data.cols, observations: data.values.length - (held?.values.length ?? 0), notes };
}
