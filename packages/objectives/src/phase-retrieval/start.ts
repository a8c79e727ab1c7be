/** Where phase retrieval begins: Gaussian or spectral, both of the length that the intensities tell. */
import { createPoint, normals, type Layout, type Point, type StreamKey } from '@lowland/core';
import { lanczos } from '@lowland/linalg';

import { adjoint, image, widthOf, type Vectors } from './vectors.ts';

/** |x|^2 = n sum of y_k / sum of |a_k|^2, which for Gaussian vectors is right on average; 0 where the intensities are not positive on average. */
function squaredLength({ size, frobeniusSquared }: Vectors, intensities: Float64Array): number {
  const total = intensities.reduce((sum, y) => sum + y, 0);
  return total > 0 && frobeniusSquared > 0 ? (size * total) / frobeniusSquared : 0;
}

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
 * its phase.
 *
 * Source: Netrapalli, Jain, Sanghavi 2013 (arXiv 1306.0160); Candes, Li, Soltanolkotabi 2015 (arXiv 1407.1065).
 */
export function spectralStart(vectors: Vectors, layout: Layout, intensities: Float64Array, key: StreamKey): Point {
  const width = widthOf(vectors);
  const z = new Float64Array(vectors.count * width);
  const { vectors: leading } = lanczos({
    size: vectors.size * width,
    apply(x, out) {
      image(vectors, x, z);
      z.forEach((value, i) => { z[i] = intensities[Math.floor(i / width)]! * value; });
      adjoint(vectors, z, out);
    },
  }, { key, which: 'largest', tolerance: 1e-8 });
  const length = Math.sqrt(squaredLength(vectors, intensities));
  return createPoint(layout, leading.data.map((value) => length * value));
}
