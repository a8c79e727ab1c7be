import type { Smoothness } from '@lowland/core';

import { once } from './once.ts';
import type { FactoredProblem } from './problem.ts';

/** Whether grad phi has a Lipschitz constant, whatever the data: least squares, Huber's loss and the logistic one, without penalised rows. */
export const isSmooth = ({ loss, incoherence }: Pick<FactoredProblem, 'loss' | 'incoherence'>): boolean =>
  incoherence === undefined && (loss === undefined || loss.psi.smooth);

/** weight |a|^2, times the largest w_k psi'' where there is a loss. Computed when first asked for: norms of maps take iterations. */
export function smoothnessOf({ weight, map, loss, data }: FactoredProblem): Smoothness {
  const constant = once(() => {
    const most = loss === undefined ? 1 : data.reduce((largest, y, k) => Math.max(largest, (loss.weights?.[k] ?? 1) * loss.psi.smoothness(y)), 0);
    return weight * most * map.normSquared();
  });
  return {
    get constant() {
      return constant();
    },
  };
}
