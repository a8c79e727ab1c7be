import { LowlandError } from '@lowland/core';

/**
 * Refuses an option that is no positive number, or no positive integer where one is asked for.
 *
 * @throws LOWLAND_E_OPTION
 */
export function requirePositive(options: Readonly<Record<string, number>>, kind: 'number' | 'integer' = 'number'): void {
  for (const [name, value] of Object.entries(options)) {
    const fits = value > 0 && Number.isFinite(value) && (kind === 'number' || Number.isInteger(value));
    if (!fits) {
      throw new LowlandError('LOWLAND_E_OPTION', `The option "${name}" is a positive ${kind}; ${value} was given.`, { details: { name, value } });
    }
  }
}
