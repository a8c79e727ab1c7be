import type { Chosen } from './composition.ts';

/** A short name: the id, and the options that were given. */
export function labelOf({ id, options }: Chosen): string {
  return [id, ...Object.entries(options).map(([name, value]) => `${name} ${textOf(value)}`)].join(', ');
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (!('id' in value)) return JSON.stringify(value);
  const inner = 'options' in value && typeof value.options === 'object' && value.options !== null ? Object.values(value.options).map(textOf) : [];
  return [String(value.id), ...inner].join(' ');
}
