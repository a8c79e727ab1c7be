/**
 * Which way each capability will be supplied. `plan()` shows this choice and `bind()` runs it, so they cannot differ.
 */
import type { AnyObjective } from './any.ts';
import type { Capability } from './capability.ts';
import type { KernelName } from './device.ts';
import type { Route, RouteLabel } from './objective.ts';

/** How one capability is supplied: by a route of the objective, derived by core from others, or not at all. */
export interface Choice {
  readonly name: Capability;
  readonly label: RouteLabel | 'derived' | 'missing';
  readonly kernels: readonly KernelName[];
  /** The objective's route, where `label` is one of its labels. */
  readonly route?: Route<Capability, unknown>;
  /** What a derived capability is made of. */
  readonly from?: readonly Choice[];
  /** Where it is missing: whether the objective lacks it or the backend its kernels. */
  readonly lacks?: 'capability' | 'kernels';
  readonly why?: string;
}

/** Exact derivations between the value, the gradient and the pair, and of several products by the single one. */
const derivations: Partial<Record<Capability, readonly Capability[]>> = {
  value: ['valueAndGradient'],
  gradient: ['valueAndGradient'],
  valueAndGradient: ['value', 'gradient'],
  hessianVectorProducts: ['hessianVectorProduct'],
};

function chooseRoute(objective: AnyObjective, kernels: ReadonlySet<KernelName>, name: Capability): Choice {
  const routes = (objective.routes as Partial<Record<Capability, readonly Route<Capability, unknown>[]>>)[name] ?? [];
  for (const route of routes) {
    if (route.kernels.every((kernel) => kernels.has(kernel))) return { name, label: route.label, kernels: route.kernels, route };
  }
  if (routes.length === 0) {
    const reason = objective.lacks?.[name];
    return { name, label: 'missing', kernels: [], lacks: 'capability', why: `objective "${objective.id}" does not provide ${name}${reason === undefined ? '' : `: ${reason}`}` };
  }
  const lacking = new Set(routes.flatMap((route) => route.kernels.filter((kernel) => !kernels.has(kernel))));
  const why = `the backend lacks the kernels ${[...lacking].join(', ')} that the routes of ${name} need`;
  return { name, label: 'missing', kernels: [], lacks: 'kernels', why };
}

/** The first route that the kernels can serve, else core's derivation, else why it is missing. */
export function choose(objective: AnyObjective, kernels: ReadonlySet<KernelName>, name: Capability): Choice {
  const direct = chooseRoute(objective, kernels, name);
  if (direct.route !== undefined) return direct;
  const from = derivations[name]?.map((source) => chooseRoute(objective, kernels, source)) ?? [];
  if (from.length === 0 || from.some((source) => source.route === undefined)) return direct;
  return { name, label: 'derived', kernels: from.flatMap((source) => source.kernels), from };
}
