import { LowlandError } from '@lowland/core';

import { dataError } from './fault.ts';
import type { ReadOptions } from './types.ts';

/** Refuses options that mean nothing for what `file` turned out to be: an option that is silently ignored misleads. */
export function expectOnly(file: string, what: string, options: ReadOptions, allowed: readonly (keyof ReadOptions)[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (allowed as readonly string[]).includes(name)) continue;
    throw dataError('LOWLAND_E_DATA_OPTION', { file }, {
      problem: `the option ${name} means nothing for ${what}`,
      expected: allowed.length === 0 ? 'no option' : `only ${allowed.join(', ')}`,
      remedy: 'leave it out, or choose another --format or --layout',
    });
  }
}

/** Sizes and choices that a program, not a file, gets wrong. */
export function checkOptions(options: ReadOptions): void {
  for (const name of ['rows', 'cols'] as const) {
    const size = options[name];
    if (size === undefined || (Number.isInteger(size) && size >= 1 && size < 2 ** 31)) continue;
    throw new LowlandError('LOWLAND_E_DATA_OPTION', `${name} is ${size}; expected a whole number from 1 up; give how many there are`);
  }
  const { delimiter } = options;
  if (delimiter !== undefined && delimiter !== 'whitespace' && !/^[\t -~]$/.test(delimiter)) {
    throw new LowlandError(
      'LOWLAND_E_DATA_OPTION',
      `delimiter is ${JSON.stringify(delimiter)}; expected one ASCII character, or "whitespace"; convert files with longer delimiters`,
    );
  }
}
