import { streamKey } from '@lowland/core';
import { sparseFromPattern, truncatedSvd } from '@lowland/linalg';

import type { Observations } from './observations.ts';

/**
 * The default level alpha of the row penalty: three times the largest row norm of the spectral start, the factors U sqrt(S), V sqrt(S) of the
 * best approximation of rank `rank` to P(b)/p, p the share of the cells that is observed. Lanczos draws from (0, `incoherence`, 0).
 */
export function incoherenceLevel({ pattern }: Observations, b: Float64Array, rank: number): number {
  const { rows, cols } = pattern;
  const observed = sparseFromPattern(pattern, b);
  const { u, s, v } = truncatedSvd(observed, rank, { key: streamKey(0, 'incoherence'), tolerance: 1e-6 });
  let largest = 0;
  for (const { data, cols: columns } of [u, v]) {
    for (let i = 0; i < data.length; i += columns) {
      let square = 0;
      for (let k = 0; k < columns; k++) square += data[i + k]! ** 2 * s[k]!;
      largest = Math.max(largest, square);
    }
  }
  return 3 * Math.sqrt((largest * rows * cols) / b.length);
}
