import type { Tracked, WorkView } from '../model/types.ts';
import { type Fields, fieldsIn, numberIn, numberOrNull } from './json.ts';

/** What a run has cost, where a file says it. */
export function workOf(fields: Fields): WorkView | null {
  if (numberOrNull(fields, 'reads') === null) return null;
  return {
    iterations: numberIn(fields, 'iterations'),
    seconds: numberIn(fields, 'seconds'),
    method: numbersIn(fieldsIn(fields, 'method')),
    driver: numbersIn(fieldsIn(fields, 'driver')),
    reads: numberIn(fields, 'reads'),
    bytes: numberIn(fields, 'bytes'),
  };
}

const numbersIn = (fields: Fields | null): Record<string, number> => Object.fromEntries(Object.entries(fields ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));

/** What trackers said: numbers, lists of them, names; anything else is left out. */
export const trackedOf = (fields: Fields | null): Record<string, Tracked> =>
  Object.fromEntries(Object.entries(fields ?? {}).filter((entry): entry is [string, Tracked] => typeof entry[1] === 'number' || typeof entry[1] === 'string' || (Array.isArray(entry[1]) && entry[1].every((part) => typeof part === 'number'))));
