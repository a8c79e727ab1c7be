import { LowlandError } from '@lowland/core';

import type { Numbers } from './arrays.ts';

/**
 * out[i] = x[i] / (sqrt(y[i]) + shift), in f64 and rounded once. Bound by the divider: one root and one quotient a number.
 *
 * @throws LOWLAND_E_SHAPE when lengths differ
 */
export function divideByRoot(x: Numbers, y: Numbers, shift: number, out: Numbers): void {
  const n = out.length;
  if (x.length !== n || y.length !== n) {
    throw new LowlandError('LOWLAND_E_SHAPE', `divideByRoot: lengths do not fit, ${x.length}, ${y.length} and ${n}.`);
  }
  for (let i = 0; i < n; i++) out[i] = x[i]! / (Math.sqrt(y[i]!) + shift);
}
