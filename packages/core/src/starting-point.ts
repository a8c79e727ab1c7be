import type { AnyInitializer, AnyObjective } from './any.ts';
import { bind } from './bind.ts';
import type { Capability, Closed } from './capability.ts';
import type { Backend } from './device.ts';
import { LowlandError } from './errors.ts';
import { layoutLength, type Point } from './layout.ts';
import { requireMembers } from './members.ts';
import type { Objective } from './objective.ts';
import { streamKey } from './philox.ts';
import type { Initializer } from './plugin.ts';
import { checkedStart } from './start.ts';

/**
 * The point that `solve` with this initializer, backend and seed (default 0) would start from.
 *
 * @throws LOWLAND_E_CAPABILITY, LOWLAND_E_KERNEL when the objective, or the backend, has not what the initializer requires
 * @throws what the initializer refuses the objective by, as `plan` does
 * @throws LOWLAND_E_POINT when the point is not finite
 */
export async function startingPoint<P extends Capability, R extends Closed<P>>(
  objective: Objective<P>,
  init: Initializer<R>,
  { backend, seed = 0 }: { readonly backend: Backend; readonly seed?: number },
): Promise<Point> {
  requireMembers('initializer', init as AnyInitializer);
  requireMembers('objective', objective as AnyObjective);
  const unfit = init.refuses?.(objective as AnyObjective);
  if (unfit !== undefined) throw new LowlandError(unfit.code, unfit.message);
  using binding = await bind(objective, backend, init.requires);
  const { device } = binding.problem;
  using memory = device.memory();
  const vector = (length = layoutLength(objective.layout)) => memory.vector(length);
  const random = (purpose: string, index: number) => streamKey(seed, purpose, index);
  const point = await init.point({ problem: binding.problem, device, state: vector, scratch: vector, random }, random('init', 0));
  return checkedStart(objective, point, backend.dtype);
}
