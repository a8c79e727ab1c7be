/** Blocks of rows, as views that are made once for each vector or matrix, and again where its memory has moved. */
import type { Vec } from '@lowland/core';
import { hostVector, type Numbers } from '@lowland/linalg';

interface Panels {
  readonly length: number;
  readonly data: Numbers;
  readonly views: readonly Numbers[];
}

const known = new WeakMap<Vec, Panels>();

/** The numbers of `x` from the first, `height` rows of `width` at a time; the last panel has what is left. */
export function panels(x: Vec, width: number, height: number): readonly Numbers[] {
  const length = width * height;
  const data = hostVector(x);
  const made = known.get(x);
  if (made?.length === length && made.data === data) return made.views;
  const views = Array.from({ length: Math.ceil(x.length / length) }, (_, i) => data.subarray(i * length, Math.min((i + 1) * length, x.length)));
  known.set(x, { length, data, views });
  return views;
}
