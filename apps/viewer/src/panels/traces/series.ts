/** Numbers over a run, and how few of them look the same. */
import { shown, type ScaleKind } from '../draw/scale.ts';

export interface Series {
  readonly iteration: Float64Array;
  readonly seconds: Float64Array;
  readonly values: Float64Array;
}

export type Clock = 'iterations' | 'seconds';

/** Columns to draw: null is a gap in the line, where a number cannot be shown. */
export interface Drawn {
  readonly x: number[];
  readonly y: (number | null)[];
}

/**
 * The series on an axis, at most about 2 `buckets` places: of each stretch of the run its least and its largest number, in order, so that
 * no spike is lost, and its gaps.
 */
export function drawn({ iteration, seconds, values }: Series, clock: Clock, kind: ScaleKind, buckets: number): Drawn {
  const at = clock === 'iterations' ? iteration : seconds;
  const [x, y]: [number[], (number | null)[]] = [[], []];
  const keep = (k: number): void => {
    x.push(at[k]!);
    y.push(shown(kind, values[k]!) ? values[k]! : null);
  };
  const size = Math.ceil(values.length / buckets);
  for (let from = 0; from < values.length; from += size) {
    const to = Math.min(values.length, from + size);
    if (size <= 2) {
      for (let k = from; k < to; k++) keep(k);
      continue;
    }
    let [low, high, gap] = [-1, -1, -1];
    for (let k = from; k < to; k++) {
      if (!shown(kind, values[k]!)) gap = k;
      else {
        if (low < 0 || values[k]! < values[low]!) low = k;
        if (high < 0 || values[k]! > values[high]!) high = k;
      }
    }
    // The very last place is where the run is now.
    const last = to === values.length ? to - 1 : -1;
    for (const k of [...new Set([low, high, gap, last])].filter((index) => index >= 0).sort((a, b) => a - b)) keep(k);
  }
  return { x, y };
}

/** Position of the last observation not after an iteration; the last of all for null; undefined in an empty series. */
export function positionAt(iteration: Float64Array, wanted: number | null): number | undefined {
  if (iteration.length === 0) return undefined;
  if (wanted === null) return iteration.length - 1;
  let [low, high] = [0, iteration.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (iteration[middle]! <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
