import type { Counts } from '@lowland/core';

/** No calls yet. */
export const noCounts: Counts = { method: {}, driver: {}, reads: 0 };

/** The calls of two runs together. */
export function addCounts(a: Counts, b: Counts): Counts {
  return { method: addTally(a.method, b.method), driver: addTally(a.driver, b.driver), reads: a.reads + b.reads };
}

function addTally(a: Counts['method'], b: Counts['method']): Counts['method'] {
  const sum: Record<string, number> = { ...a };
  for (const [name, calls] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + calls;
  return sum;
}
