import type { Advance } from '../../model/advance.ts';

/** Parts of the search, in their order. */
const stages: readonly (readonly [string, string])[] = [
  ['starts', 'Starts that are brought to rest'],
  ['up from minima', 'Ways up from minima'],
  ['orbits', 'What the points are'],
  ['saddles', 'Ways down from saddles'],
];

/** Where a search is, and how long its part takes on as it goes: of later parts nothing is known before they begin. */
export function advanceWords({ name, done, of, left }: Advance): string {
  const position = stages.findIndex(([id]) => id === name);
  const words = stages[position]?.[1] ?? name;
  const part = position < 0 ? '' : ` (part ${position + 1} of ${stages.length})`;
  return `${words}${part}: ${done} of ${of}${left === null ? '' : `, about ${duration(left)} left for these`}.`;
}

/** Rounded as one says it. */
export function duration(seconds: number): string {
  if (seconds < 1) return '1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
