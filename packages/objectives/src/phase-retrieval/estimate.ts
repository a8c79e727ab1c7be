import type { Estimate } from '@lowland/core';

import { signalWidth, widthOf, type Vectors } from './vectors.ts';

/** |x|^2 = n sum of y_k / sum of |a_k|^2, which for vectors with E a a^* = c I is right on average; 0 where the intensities are not positive on average. */
export function squaredLength({ size, frobeniusSquared }: Pick<Vectors, 'size' | 'frobeniusSquared'>, intensities: Float64Array): number {
  const total = intensities.reduce((sum, y) => sum + y, 0);
  return total > 0 && frobeniusSquared > 0 ? (size * total) / frobeniusSquared : 0;
}

/**
 * M = 1/(c m) sum of y_k a_k a_k^*, c = 3 for real vectors and 2 for complex ones. For Gaussian vectors with E a a^* = I its mean is
 * (2 x x^T + |x|^2 I)/3 or (x x^* + |x|^2 I)/2, so its leading eigenvalue is |x|^2 and x its eigenvector; for octanary masks as for complex ones.
 * A real x is the real part of this.
 */
export function estimateOf(vectors: Vectors, intensities: Float64Array): Estimate {
  const { count, size, complex } = vectors;
  const width = widthOf(vectors);
  const z = new Float64Array(count * width);
  const side = size * signalWidth(vectors);
  const factor = 1 / ((complex ? 2 : 3) * count);
  return {
    symmetric: true,
    rows: side,
    cols: side,
    squaredNorm: squaredLength(vectors, intensities),
    apply(v, out) {
      vectors.image(v, z);
      for (let i = 0; i < z.length; i++) z[i]! *= factor * intensities[Math.floor(i / width)]!;
      vectors.adjoint(z, out);
    },
  };
}
