import { f32, type Round } from './rounding.ts';

/** x_k + factor g_k, product and sum rounded, for all numbers of x. */
export function addScaled(x: Float64Array, factor: number, g: Float64Array, round: Round): void {
  // written out: it is run for every number in every step
  if (round === f32) for (let k = 0; k < x.length; k++) x[k] = Math.fround(x[k]! + Math.fround(factor * g[k]!));
  else for (let k = 0; k < x.length; k++) x[k] = x[k]! + factor * g[k]!;
}
