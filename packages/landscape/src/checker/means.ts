import type { DataMap } from '@lowland/core';

/** Means that are taken off first: global + rows[i] + cols[j]. */
export interface Means {
  readonly global: number;
  readonly rows: Float64Array;
  readonly cols: Float64Array;
}

/**
 * The weighted mean of all values; with `bias` also row means of what is left, and column means of what is left then. Rows and columns without
 * observation have 0 (rigour.md A7).
 */
export function meansOf({ rows: m, cols: n, row, col, values, weights }: DataMap['entries'], center: 'none' | 'global' | 'bias'): Means {
  const rows = new Float64Array(m);
  const cols = new Float64Array(n);
  if (center === 'none') return { global: 0, rows, cols };
  const weight = (k: number): number => weights?.[k] ?? 1;

  const means = (group: (k: number) => number, left: (k: number) => number, out: Float64Array): void => {
    const total = new Float64Array(out.length);
    for (let k = 0; k < values.length; k++) total[group(k)]! += weight(k);
    for (let k = 0; k < values.length; k++) if (weight(k) > 0) out[group(k)]! += (weight(k) / total[group(k)]!) * left(k);
  };
  const all = new Float64Array(1);
  means(() => 0, (k) => values[k]!, all);
  const global = all[0]!;
  if (center === 'bias') {
    means((k) => row[k]!, (k) => values[k]! - global, rows);
    means((k) => col[k]!, (k) => values[k]! - global - rows[row[k]!]!, cols);
  }
  return { global, rows, cols };
}
