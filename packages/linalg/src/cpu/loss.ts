import { LowlandError } from '@lowland/core';

import { scalarLosses, type LossKind } from '../scalar-loss.ts';
import type { Numbers } from './arrays.ts';

/**
 * value[i] = psi(x[i]; y[i]), first and second its derivatives, those that are asked for; in f64 and rounded once. Bound by arithmetic: about
 * 20 ns a number where there is an exponential.
 *
 * @throws LOWLAND_E_OPTIONS for a loss that is not in the list
 * @throws LOWLAND_E_SHAPE when lengths differ
 */
export function loss(kind: LossKind, parameters: Numbers, x: Numbers, y: Numbers, value?: Numbers, first?: Numbers, second?: Numbers): void {
  // A kind from elsewhere may be any text.
  if (!Object.hasOwn(scalarLosses, kind)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `There is no scalar loss "${kind as string}"; there are ${Object.keys(scalarLosses).join(', ')}.`);
  }
  const n = x.length;
  if ([y, value, first, second].some((numbers) => numbers !== undefined && numbers.length !== n)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `loss: lengths do not fit, ${[x, y, value, first, second].flatMap((numbers) => numbers?.length ?? []).join(', ')}.`);
  }
  const psi = scalarLosses[kind];
  const p = parameters[0] ?? 0;
  if (value !== undefined) for (let i = 0; i < n; i++) value[i] = psi.value(x[i]!, y[i]!, p);
  if (first !== undefined) for (let i = 0; i < n; i++) first[i] = psi.first(x[i]!, y[i]!, p);
  if (second !== undefined) for (let i = 0; i < n; i++) second[i] = psi.second(x[i]!, y[i]!, p);
}
