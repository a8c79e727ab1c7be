import type { Point } from '@lowland/core';

import type { Nullity } from './classification.ts';

/** rigour.md B4: null means |lambda| <= 1e-8 |H|, with the next |lambda| at least 1e3 times larger. */
export function nullityOf(spectrum: Float64Array, symmetry: number, direction: (k: number) => Point): Nullity {
  const norm = spectrum.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const order = [...spectrum.keys()].sort((a, b) => Math.abs(spectrum[a]!) - Math.abs(spectrum[b]!));
  const nulls = order.filter((k) => Math.abs(spectrum[k]!) <= 1e-8 * norm);
  const largestNull = nulls.reduce((most, k) => Math.max(most, Math.abs(spectrum[k]!)), 0);
  const next = order[nulls.length];
  const nextValue = next === undefined ? Infinity : Math.abs(spectrum[next]!);
  // Null eigenvalues that are exact or pure rounding are as good as 1e-15 |H|.
  const clear = nextValue >= 1e3 * Math.max(nulls.length === 0 ? 1e-8 * norm * 1e-3 : largestNull, 1e-15 * norm);
  const doubtful = clear ? nulls : [...nulls, ...(next === undefined ? [] : [next])];
  return {
    status: clear ? 'clear' : 'ambiguous',
    symmetry,
    excess: nulls.length,
    values: doubtful.map((k) => spectrum[k]!),
    directions: nulls.slice(0, 8).map(direction),
  };
}
