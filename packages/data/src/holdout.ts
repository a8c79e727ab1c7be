import { type DataMap, streamKey, uniforms } from '@lowland/core';

export type Entries = DataMap['entries'];

/** The cells that are fitted, and those held back to judge the fit. */
export interface Split {
  readonly training: Entries;
  readonly held: Entries;
}

/**
 * Holds back each entry with probability `fraction`: entry k where number k of the stream (seed, `holdout`, 0) lies
 * below it. Whether an entry is held back depends on the seed and its place in the list alone.
 *
 * @returns undefined where nothing is held back, or nothing would be left to fit.
 */
export function splitEntries(entries: Entries, fraction: number, seed: number): Split | undefined {
  const draws = new Float64Array(entries.values.length);
  uniforms(streamKey(seed, 'holdout'), draws);
  const held = draws.reduce((count, draw) => count + (draw < fraction ? 1 : 0), 0);
  if (held === 0 || held === draws.length) return undefined;
  return { training: choose(entries, (k) => draws[k]! >= fraction), held: choose(entries, (k) => draws[k]! < fraction) };
}

function choose(entries: Entries, keep: (k: number) => boolean): Entries {
  const kept = Int32Array.from(entries.values.keys()).filter(keep);
  const { rows, cols, weights } = entries;
  return {
    rows,
    cols,
    row: kept.map((k) => entries.row[k]!),
    col: kept.map((k) => entries.col[k]!),
    values: Float64Array.from(kept, (k) => entries.values[k]!),
    ...(weights === undefined ? {} : { weights: Float64Array.from(kept, (k) => weights[k]!) }),
  };
}

/** The root of the mean square difference; weights are not used. */
export function rootMeanSquareError(predicted: Float64Array, observed: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < observed.length; k++) sum += (predicted[k]! - observed[k]!) ** 2;
  return Math.sqrt(sum / observed.length);
}
