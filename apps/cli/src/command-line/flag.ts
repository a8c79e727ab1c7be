import { LowlandError } from '@lowland/core';

/**
 * A setting that can be given as a flag `--name`, as the environment variable LOWLAND_NAME and as the key `name` of a
 * configuration file. All three are text or a plain value and pass through the same `parse`.
 */
export interface Flag {
  readonly name: string;
  /** What stands for the value in help; of what is true or false `boolean`, or nothing. */
  readonly placeholder?: string;
  readonly summary: string;
  /** Heading in help. */
  readonly group: string;
  /** The default, as help shows it. */
  readonly fallback?: string;
  /** May be given more than once; the value is the list. */
  readonly repeats?: boolean;
  readonly parse: (text: string) => unknown;
}

/** `step.shrink` → LOWLAND_STEP_SHRINK */
export const environmentName = (flag: string): string => `LOWLAND_${flag.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;

export function usageError(message: string, cause?: unknown): LowlandError {
  return new LowlandError('LOWLAND_E_USAGE', message, { cause });
}

export const text = (value: string): string => value;

/** Whether a flag is true or false: alone it says true. */
export const isBoolean = ({ placeholder }: Flag): boolean => placeholder === undefined || placeholder === 'boolean';

const toggles: Readonly<Record<string, boolean>> = { true: true, 1: true, yes: true, on: true, false: false, 0: false, no: false, off: false, '': false };

/** Whether a word after such a flag is its value. The numbers are not: they may be an argument. */
export const isToggle = (word: string): boolean => /^[a-z]+$/i.test(word) && word.toLowerCase() in toggles;

export function toggle(value: string): boolean {
  const answer = toggles[value.toLowerCase()];
  if (answer === undefined) throw usageError(`expected true or false, not "${value}"`);
  return answer;
}

export interface Range {
  readonly least?: number;
  readonly most?: number;
  /** Whether `least` itself is excluded. */
  readonly open?: boolean;
}

export const number =
  ({ least = -Infinity, most = Infinity, open = false }: Range = {}) =>
  (value: string): number => {
    const parsed = value.trim() === '' ? NaN : Number(value);
    if (Number.isNaN(parsed) || parsed < least || parsed > most || (open && parsed === least)) {
      throw usageError(`expected a number${rangeText({ least, most, open })}, not "${value}"`);
    }
    return parsed;
  };

export const integer =
  (range: Range = {}) =>
  (value: string): number => {
    const parsed = /^[+-]?\d+(e\d+)?$/i.test(value.trim()) ? Number(value) : NaN;
    const { least = -Infinity, most = Number.MAX_SAFE_INTEGER } = range;
    if (!Number.isSafeInteger(parsed) || parsed < least || parsed > most) {
      throw usageError(`expected a whole number${rangeText(range)}, not "${value}"`);
    }
    return parsed;
  };

function rangeText({ least = -Infinity, most = Infinity, open = false }: Range): string {
  const from = open ? `above ${least}` : `from ${least}`;
  if (Number.isFinite(least) && Number.isFinite(most)) return ` ${from} to ${most}`;
  if (Number.isFinite(least)) return ` ${open ? from : `of at least ${least}`}`;
  return Number.isFinite(most) ? ` of at most ${most}` : '';
}

export const oneOf =
  (...choices: readonly string[]) =>
  (value: string): string => {
    if (!choices.includes(value)) throw usageError(`expected one of ${choices.join(', ')}, not "${value}"`);
    return value;
  };
