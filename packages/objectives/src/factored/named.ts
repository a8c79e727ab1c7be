import type { Capability, CapabilityMap, Objective } from '@lowland/core';

import { factsOf, statesOptimum } from './facts.ts';
import { hostRoute } from './routes.ts';

/** What makes a problem of a family an instance with a name: the options that rebuild it, what is known of it, itself with other columns. */
interface Name {
  readonly id: string;
  readonly scale?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly truth: CapabilityMap['truth'];
  grow(rank: number): Objective<never>;
}

/** The objective under its own name. Its data are part of its options: no fingerprint is needed to tell it from others. */
export function named<P extends Capability>(objective: Objective<P>, { grow, truth, ...name }: Name): Objective<P> {
  const { layout, routes, upload, bytes, bufferBytes, initial, scale, lacks, facts = [] } = objective;
  return {
    ...(scale !== undefined && { scale }),
    ...(lacks !== undefined && { lacks }),
    ...(bufferBytes !== undefined && { bufferBytes }),
    facts: [...facts.filter((fact) => fact !== 'optimum'), ...factsOf({ optimum: statesOptimum(truth) })],
    ...name,
    layout,
    routes: { ...routes, grow: hostRoute<'grow'>({ objective: (rank) => grow(rank) as Objective<Capability> }), truth: hostRoute<'truth'>(truth) },
    upload,
    bytes,
    initial,
  };
}

/** The planted distance that an instance keeps from its family. */
export function distanceOf(objective: Objective<'truth'>): Pick<CapabilityMap['truth'], 'distance'> {
  const { distance } = objective.routes.truth[0]!.bind(undefined, undefined as never, undefined as never);
  return distance === undefined ? {} : { distance };
}
