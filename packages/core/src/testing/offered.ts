import type { AnyObjective } from '../any.ts';
import type { Capability } from '../capability.ts';
import type { Backend } from '../device.ts';
import { choose, type Choice } from '../routes.ts';

/** The capabilities that core can derive when their sources are there. */
const closed: readonly Capability[] = ['value', 'gradient', 'valueAndGradient', 'hessianVectorProducts'];

/** Everything that an objective offers on a backend, derivations included. */
export function offered(objective: AnyObjective, backend: Backend): Choice[] {
  const names = new Set([...(Object.keys(objective.routes) as Capability[]), ...closed]);
  return [...names].map((name) => choose(objective, backend.kernels, name)).filter(({ label }) => label !== 'missing');
}
