import { defaultPart, type OptionInfo, optionsOf } from '@lowland/core';

export { defaultPart, type OptionInfo, optionsOf };

/** A default as text. */
export const fallbackText = (fallback: unknown): string => (typeof fallback === 'string' ? fallback : JSON.stringify(fallback));

/** What may be given, in words: `number`, `armijo | fixed`, `integer or list of integers`. */
export function typeText({ kind, choices, parts, items, orOne }: OptionInfo): string {
  const named = choices ?? parts?.map(({ id }) => id);
  if (named !== undefined) return named.join(' | ');
  if (kind !== 'list') return kind === 'other' ? 'JSON' : kind;
  return `${orOne === true ? `${items!} or ` : ''}list of ${items!}s`;
}

/** What holds where nothing is given: `required`, `optional`, `default 1`. */
export function otherwiseText({ required, fallback, parts }: OptionInfo): string {
  if (required) return 'required';
  return fallback === undefined ? 'optional' : `default ${fallbackText(parts === undefined ? fallback : defaultPart(fallback))}`;
}
