/** Where phase retrieval begins: Gaussian or spectral, both of the length that the intensities tell. */
import { createPoint, normals, type Layout, type Point, type StreamKey } from '@lowland/core';
import { lanczos } from '@lowland/linalg';

import { estimateOf, squaredLength } from './estimate.ts';
import type { Vectors } from './vectors.ts';

/** Independent normal entries (real and imaginary parts), of the expected length. */
export function gaussianStart(vectors: Vectors, layout: Layout, intensities: Float64Array, key: StreamKey): Point {
  const point = createPoint(layout);
  normals(key, point.data);
  const deviation = Math.sqrt(squaredLength(vectors, intensities) / point.data.length);
  point.data.forEach((value, i) => { point.data[i] = deviation * value; });
  return point;
}

/**
 * The leading eigenvector of sum of y_k a_k a_k^*, of the expected length; found by Lanczos from the stream of `key`, which also decides
 * its phase. The initialiser `spectral` with `length` `data` is the same.
 *
 * Source: Netrapalli, Jain, Sanghavi 2013 (arXiv 1306.0160); Candes, Li, Soltanolkotabi 2015 (arXiv 1407.1065).
 */
export function spectralStart(vectors: Vectors, layout: Layout, intensities: Float64Array, key: StreamKey): Point {
  const { rows, apply } = estimateOf(vectors, intensities);
  const { vectors: leading } = lanczos({ size: rows, apply: (x, out) => { apply(x, out, false); } }, { key, which: 'largest', tolerance: 1e-8 });
  const length = Math.sqrt(squaredLength(vectors, intensities));
  return createPoint(layout, leading.data.map((value) => length * value));
}
