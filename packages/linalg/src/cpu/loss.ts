import { LowlandError } from '@lowland/core';

import { lossPasses, type LossKind } from '../scalar-loss.ts';
import type { Numbers } from './arrays.ts';

/**
 * value[i] = psi(x[i]; y[i]), first and second its derivatives, those that are asked for; in f64 and rounded once. Bound by arithmetic where there
 * is an exponential or logarithm, else by memory.
 *
 * @throws LOWLAND_E_OPTIONS for a loss that is not in the list
 * @throws LOWLAND_E_SHAPE when lengths differ
 */
export function loss(kind: LossKind, parameters: Numbers, x: Numbers, y: Numbers, value?: Numbers, first?: Numbers, second?: Numbers): void {
  // A kind from elsewhere may be any text.
  if (!Object.hasOwn(lossPasses, kind)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `There is no scalar loss "${kind as string}"; there are ${Object.keys(lossPasses).join(', ')}.`);
  }
  const n = x.length;
  if ([y, value, first, second].some((numbers) => numbers !== undefined && numbers.length !== n)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `loss: lengths do not fit, ${[x, y, value, first, second].flatMap((numbers) => numbers?.length ?? []).join(', ')}.`);
  }
  lossPasses[kind](x, y, parameters[0] ?? 0, value, first, second);
}
