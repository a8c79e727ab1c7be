/** Blocks of rows of a matrix, as views that are made once for each matrix. */
import type { Mat } from '@lowland/core';
import { hostVector, type Numbers } from '@lowland/linalg';

interface Panels {
  readonly height: number;
  readonly views: readonly Numbers[];
}

const known = new WeakMap<Mat, Panels>();

/** The rows of `x` from the first, `height` at a time; the last panel has what is left. */
export function panels(x: Mat, height: number): readonly Numbers[] {
  const made = known.get(x);
  if (made?.height === height) return made.views;
  const data = hostVector(x);
  const views = Array.from({ length: Math.ceil(x.rows / height) }, (_, i) => data.subarray(i * height * x.cols, Math.min((i + 1) * height, x.rows) * x.cols));
  known.set(x, { height, views });
  return views;
}
