import { LowlandError } from '@lowland/core';

import { requireAllFinite, requireLength } from '../factored/checks.ts';
import type { Merit } from './problem.ts';

export type MeritName = 'penalty' | 'augmented' | 'fletcher';

export interface MeritOptions {
  /** Which merit function is minimised; default `penalty`. */
  readonly merit?: MeritName;
  /** gamma > 0, the weight of |c|^2; default 10. */
  readonly weight?: number;
  /** l of the augmented Lagrangian, one a constraint; default zeros. Others take none. */
  readonly multipliers?: Float64Array;
}

/** @throws LOWLAND_E_OPTIONS, LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE for what is no merit function */
export function meritOf({ merit = 'penalty', weight = 10, multipliers }: MeritOptions, length: number): Merit {
  if (!(weight > 0 && weight < Infinity)) throw new LowlandError('LOWLAND_E_OPTIONS', `weight is a positive finite number; ${weight} was given.`, { details: { weight } });
  if (!(['penalty', 'augmented', 'fletcher'] as readonly string[]).includes(merit)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `merit is penalty, augmented or fletcher; "${merit}" was given.`, { details: { merit } });
  }
  if (merit !== 'augmented') {
    if (multipliers !== undefined) throw new LowlandError('LOWLAND_E_OPTIONS', `Multipliers belong to the augmented Lagrangian; the merit function is ${merit}.`);
    return { kind: merit, weight };
  }
  if (multipliers !== undefined) {
    requireLength('The list of multipliers', multipliers.length, length);
    requireAllFinite('A multiplier', multipliers);
  }
  return { kind: 'augmented', weight, multipliers: multipliers ?? new Float64Array(length) };
}
