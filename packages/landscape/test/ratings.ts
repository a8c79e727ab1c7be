import { normals, streamKey, uniforms } from '@lowland/core';

export interface RatingsOptions {
  readonly rows: number;
  readonly cols: number;
  readonly count: number;
  readonly seed: number;
}

/**
 * Integer ratings 1 to 5 as people give them: a few popular rows and columns, means of their own, tastes of falling
 * strength, noise. Cells are distinct.
 */
export function ratings({ rows, cols, count, seed }: RatingsOptions) {
  const tastes = 20;
  const draw = (purpose: string, length: number): Float64Array => {
    const out = new Float64Array(length);
    normals(streamKey(seed, purpose), out);
    return out;
  };
  const [u, v, noise, rowMean, colMean] = [draw('u', rows * tastes), draw('v', cols * tastes), draw('noise', count), draw('row', rows), draw('col', cols)];
  const where = new Float64Array(8 * count);
  uniforms(streamKey(seed, 'cells'), where);
  const taken = new Set<number>();
  const entries = { rows, cols, row: new Int32Array(count), col: new Int32Array(count), values: new Float64Array(count) };
  for (let t = 0; taken.size < count; t += 2) {
    const i = Math.floor(rows * where[t]! ** 1.7);
    const j = Math.floor(cols * where[t + 1]! ** 1.7);
    if (taken.has(i * cols + j)) continue;
    const k = taken.size;
    taken.add(i * cols + j);
    let liking = 3.4 + 0.4 * rowMean[i]! + 0.5 * colMean[j]! + 0.7 * noise[k]!;
    for (let l = 0; l < tastes; l++) liking += (0.45 / (1 + l) ** 0.7) * u[i * tastes + l]! * v[j * tastes + l]!;
    entries.row[k] = i;
    entries.col[k] = j;
    entries.values[k] = Math.min(5, Math.max(1, Math.round(liking)));
  }
  return entries;
}
