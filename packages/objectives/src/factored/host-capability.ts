import type { Capability, CapabilityMap, Objective, Route } from '@lowland/core';

/** A capability that lives on the host, of an objective that is not bound: its route looks neither at data nor at a device. Absent where there is none. */
export function hostCapability<K extends Capability>(objective: Pick<Objective<never>, 'routes'>, name: K): CapabilityMap[K] | undefined {
  const [route] = (objective.routes as Partial<Record<K, readonly Route<K, undefined>[]>>)[name] ?? [];
  return route?.bind(undefined, undefined as never, undefined as never);
}
