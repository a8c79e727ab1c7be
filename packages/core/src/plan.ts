/**
 * Whether an objective, an optimizer and a backend fit, and how they will work together, before anything is computed.
 */
import type { AnyInitializer, AnyObjective, AnyOptimizer, AnyTracker } from './any.ts';
import type { Capability } from './capability.ts';
import type { Backend, Dtype } from './device.ts';
import { LowlandError } from './errors.ts';
import { missingFacts } from './facts.ts';
import { layoutLength } from './layout.ts';
import { requireMembers } from './members.ts';
import { choose, type Choice } from './routes.ts';
import type { Plan, PlannedCapability, Refusal, StopRule } from './run.ts';
import { anyOf, gradientTolerance, maxIterations } from './stop.ts';

export interface PlanOptions {
  /** Default `defaultStop`. */
  readonly stop?: StopRule;
  readonly trackers?: readonly AnyTracker[];
  readonly init?: AnyInitializer;
  /** |grad f(x_0)|, or what stands for it: lets absolute gradient tolerances be judged. */
  readonly gradientScale?: number;
}

/** The unit roundoff u: the largest relative error of one rounding. */
export const unitRoundoff: Readonly<Record<Dtype, number>> = { f64: 2 ** -53, f32: 2 ** -24 };

/** Below 8 u G a computed gradient is rounding error, G the size of the gradient at the start. */
export function gradientFloor(dtype: Dtype, gradientScale: number): number {
  return 8 * unitRoundoff[dtype] * gradientScale;
}

/**
 * What ends a run that was given no rule: a gradient of 1e-8 (f32: 1e-6) times that at the start, or 10,000 iterations.
 * A method that claims `escapesSaddles` is not ended by a small gradient, which a saddle has too: it says itself when it is done.
 */
export function defaultStop(dtype: Dtype, { claims }: Pick<AnyOptimizer, 'claims'>): StopRule {
  const budget = maxIterations(10_000);
  return claims?.includes('escapesSaddles') ? budget : anyOf(gradientTolerance(dtype === 'f32' ? 1e-6 : 1e-8), budget);
}

/** The form of a factored problem that has what the problem itself has not. */
const forms: Partial<Record<Capability, Capability>> = { proximal: 'convexForm', spectral: 'convexForm', geometry: 'fixedRank' };

/** What the driver evaluates itself where the method's state has it not. */
const driverNeeds: readonly Capability[] = ['value', 'gradient', 'valueAndGradient'];

export interface Planned {
  readonly plan: Plan;
  /** What will be bound: everything that is asked for and can be supplied. */
  readonly choices: readonly Choice[];
}

/** The plan together with the choices that `bind` runs. */
export function prepare(objective: AnyObjective, optimizer: AnyOptimizer, backend: Backend, options: PlanOptions = {}): Planned {
  const needs = new Map<Capability, PlannedCapability['need']>();
  const ask = (names: readonly Capability[], need: PlannedCapability['need']) => {
    for (const name of names) if (!needs.has(name)) needs.set(name, need);
  };
  const { trackers = [], init } = options;
  requireMembers('objective', objective);
  requireMembers('optimizer', optimizer);
  requireMembers('backend', backend);
  for (const tracker of trackers) requireMembers('tracker', tracker);
  if (init !== undefined) requireMembers('initializer', init);
  ask(optimizer.requires as readonly Capability[], 'required');
  ask(trackers.flatMap((tracker) => tracker.requires as readonly Capability[]), 'required');
  ask((init?.requires ?? []) as readonly Capability[], 'required');
  ask((optimizer.uses ?? []) as readonly Capability[], 'used');
  ask(driverNeeds, 'driver');

  const choices = [...needs.keys()].map((name) => choose(objective, backend.kernels, name));
  const refusals: Refusal[] = [];
  const warnings: string[] = [];
  for (const choice of choices) {
    const need = needs.get(choice.name)!;
    if (choice.label === 'missing' && need === 'required') refusals.push(missingCapability(objective, optimizer, backend, options, choice));
    if (choice.label === 'missing' && need === 'used') warnings.push(`"${optimizer.id}" goes without ${choice.name}: ${choice.why ?? ''}.`);
    if (choice.label === 'finite-difference') warnings.push(`${choice.name} comes from finite differences: inexact.`);
  }
  for (const one of [optimizer, init]) {
    const unfit = one?.refuses?.(objective);
    if (unfit !== undefined) refusals.push(unfit);
  }
  // Of what is not there at all nothing is known either.
  if (refusals.length === 0) refusals.push(...missingFacts(objective, optimizer));
  const { manifold } = objective;
  if (manifold !== undefined && !(optimizer.requires as readonly Capability[]).includes('geometry')) {
    refusals.push({
      code: 'LOWLAND_E_MANIFOLD',
      message: `"${objective.id}" lives on a manifold (${manifold.name}), and "${optimizer.id}" as it is walks along straight lines, which leave it. Choose a method that takes the geometry "own": gradient descent, conjugate gradients, a trust region.`,
    });
  }
  const bound = choices.filter((choice) => choice.label !== 'missing');
  checkKernels(objective, optimizer, backend, init, bound, refusals);

  const variables = layoutLength(objective.layout);
  const width = backend.dtype === 'f64' ? 8 : 4;
  // beside the objective: the point, the last finite point, and the driver's gradient
  const bytes = objective.bytes(backend.dtype) + 3 * variables * width;
  const largest = Math.max(variables * width, objective.bufferBytes?.(backend.dtype) ?? 0);
  if (bytes > backend.limits.bytes || largest > backend.limits.bufferBytes) {
    const limit = bytes > backend.limits.bytes ? backend.limits.bytes : backend.limits.bufferBytes;
    refusals.push({
      code: 'LOWLAND_E_MEMORY',
      message: `At least ${String(bytes)} bytes are needed (one vector ${String(largest)}); the limit of backend "${backend.id}" is ${String(limit)}${bytes > backend.limits.bytes ? '' : ' for a vector'}. Use a smaller problem or rank, another backend, or let this one have more.`,
      reachable: limit,
    });
  }
  checkPrecision(options, backend.dtype, refusals, warnings);

  const stop = options.stop ?? defaultStop(backend.dtype, optimizer);
  const supplied = new Set(bound.map((choice) => choice.name));
  for (const [look, name] of [['gradientNorm', 'gradient'], ['value', 'value']] as const) {
    if (stop.needs.includes(look) && !supplied.has(name) && optimizer.keeps?.includes(name) !== true) {
      warnings.push(`A stopping rule looks at the ${name}, which "${objective.id}" does not give here: it works only if the method keeps it in its state.`);
    }
  }

  const capabilities = choices.map((choice): PlannedCapability => ({
    name: choice.name,
    need: needs.get(choice.name)!,
    route: choice.label,
    kernels: choice.kernels,
    ...(choice.why !== undefined && { why: choice.why }),
  }));
  const plan: Plan = {
    ok: refusals.length === 0,
    objective: objective.id,
    optimizer: optimizer.id,
    ...(init !== undefined && { init: init.id }),
    backend: backend.id,
    dtype: backend.dtype,
    variables,
    bytes,
    readsPerStep: optimizer.readsPerStep,
    determinism: backend.determinism,
    capabilities,
    refusals,
    warnings,
  };
  return { plan, choices: bound };
}

/**
 * Tells as plain JSON whether the three fit, by which routes and with how much memory; `solve` refuses what is not `ok`.
 * `bytes` does not count the method's own vectors, of which only the method knows.
 *
 * @throws LOWLAND_E_CONTRACT when one of them lacks a member of its kind, as values of plugins may
 */
export function plan(objective: AnyObjective, optimizer: AnyOptimizer, backend: Backend, options: PlanOptions = {}): Plan {
  return prepare(objective, optimizer, backend, options).plan;
}

/** The error for a plan that is not ok: the first refusal, the plan among its details. */
export function refused(plan: Plan): LowlandError {
  const first = plan.refusals[0]!;
  const message = plan.refusals.map((refusal) => refusal.message).join(' ');
  return new LowlandError(first.code, message, { details: { plan } });
}

function missingCapability(objective: AnyObjective, optimizer: AnyOptimizer, backend: Backend, { trackers = [], init }: PlanOptions, choice: Choice): Refusal {
  const asks = ({ requires }: { readonly requires: readonly unknown[] }): boolean => requires.includes(choice.name);
  const tracker = trackers.find(asks);
  const [who, what] = asks(optimizer)
    ? [`Optimizer "${optimizer.id}"`, 'optimizer']
    : tracker !== undefined ? [`Tracker "${tracker.id}"`, 'tracker'] : [`Initializer "${init!.id}"`, 'initializer'];
  if (choice.lacks === 'kernels') {
    return { code: 'LOWLAND_E_KERNEL', message: `${who} needs ${choice.name}, but on "${backend.id}" ${choice.why ?? ''}. Use another backend.` };
  }
  const why = objective.lacks?.[choice.name] ?? `it provides ${Object.keys(objective.routes).join(', ')}`;
  const form = forms[choice.name];
  const elsewhere = form === undefined || !(form in objective.routes) ? '' : `, or the problem in another form: ${form}(objective)`;
  const formLacks = form === undefined ? undefined : objective.lacks?.[form];
  const nowhere = formLacks === undefined ? '' : ` There is no ${form!}(objective) either: ${formLacks}.`;
  return {
    code: 'LOWLAND_E_CAPABILITY',
    message: `${who} needs ${choice.name}, which objective "${objective.id}" does not provide (${why}). Choose another ${what}${elsewhere}.${nowhere}`,
  };
}

/** Kernels that the method calls itself, and the one that does not know complex numbers yet. */
function checkKernels(objective: AnyObjective, optimizer: AnyOptimizer, backend: Backend, init: AnyInitializer | undefined, bound: readonly Choice[], refusals: Refusal[]): void {
  const own = optimizer.kernels ?? [];
  for (const kernel of own.filter((name) => !backend.kernels.has(name))) {
    refusals.push({ code: 'LOWLAND_E_KERNEL', message: `Optimizer "${optimizer.id}" calls the kernel ${kernel}, which backend "${backend.id}" lacks. Use another backend.` });
  }
  for (const kernel of (init?.kernels ?? []).filter((name) => !backend.kernels.has(name))) {
    refusals.push({ code: 'LOWLAND_E_KERNEL', message: `Initializer "${init!.id}" calls the kernel ${kernel}, which backend "${backend.id}" lacks. Use another backend, or another start.` });
  }
  const complex = objective.layout.blocks.find((block) => block.complex);
  const solves = own.includes('posvRight') || bound.some((choice) => choice.kernels.includes('posvRight'));
  if (complex !== undefined && solves) {
    refusals.push({
      code: 'LOWLAND_E_COMPLEX',
      message: `Block "${complex.name}" is complex and the kernel posvRight is real: scaled geometries and block solves do not serve complex factors. Choose a method without them.`,
    });
  }
}

/** A gradient tolerance below 8 u G cannot be reached: refused with that floor, or warned about where G is not known. */
function checkPrecision(options: PlanOptions, dtype: Dtype, refusals: Refusal[], warnings: string[]): void {
  const scale = options.gradientScale;
  for (const { value, relative } of options.stop?.gradientTolerances ?? []) {
    const floor = relative ? gradientFloor(dtype, 1) : scale === undefined ? undefined : gradientFloor(dtype, scale);
    const what = `gradient tolerance ${String(value)} (${relative ? 'relative to the start' : 'absolute'})`;
    if (floor === undefined) {
      if (dtype === 'f32') warnings.push(`Whether the ${what} can be reached in f32 is not known before the start; at the rounding floor the run ends as stalled.`);
    } else if (value < floor) {
      refusals.push({ code: 'LOWLAND_E_PRECISION', message: `A ${what} is below what ${dtype} can reach: ${String(floor)}.`, reachable: floor });
    }
  }
}
