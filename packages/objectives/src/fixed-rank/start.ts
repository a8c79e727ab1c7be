import { bind, layoutLength, type AnyObjective, type Capability, type Closed, type Initializer, type Objective, type Refusal } from '@lowland/core';

import { fixedRankPoint } from './point.ts';

/**
 * A start of `fixedRank(objective)` by an initializer of the objective itself: the product of the factors that it makes.
 *
 * Its run throws LOWLAND_E_POINT when that product has a lower rank than the factors have columns.
 */
export function fromFactors<P extends Capability, R extends Closed<P>>(objective: Objective<P>, init: Initializer<R>): Initializer {
  const { id, options, kernels } = init;
  return {
    id,
    requires: [],
    options,
    ...(kernels && { kernels }),
    refuses(): Refusal | undefined {
      const lacking = init.requires.find((name) => !(name in objective.routes) && !derivable(objective as AnyObjective, name));
      if (lacking === undefined) return init.refuses?.(objective as AnyObjective);
      return { code: 'LOWLAND_E_CAPABILITY', message: `Initializer "${id}" needs ${lacking}, which objective "${objective.id}" does not provide. Choose another initializer.` };
    },
    async point({ device, random }, key) {
      using binding = bind(objective, device, init.requires);
      using memory = device.memory();
      const vector = (length = layoutLength(objective.layout)) => memory.vector(length);
      return fixedRankPoint(await init.point({ problem: binding.problem, device, state: vector, scratch: vector, random }, key));
    },
  };
}

/** Whether core makes it of what the objective has. */
function derivable({ routes }: AnyObjective, name: Capability): boolean {
  if (name === 'valueAndGradient') return 'value' in routes && 'gradient' in routes;
  return (name === 'value' || name === 'gradient') && 'valueAndGradient' in routes;
}
