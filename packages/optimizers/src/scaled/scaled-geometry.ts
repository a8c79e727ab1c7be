import { flatLines, type Geometry } from '../gradient-descent/geometry.ts';
import { gramBlocks } from './gram.ts';

export interface ScaledGeometryOptions {
  /** lambda of V^T V + lambda I. Default 0. */
  readonly damping?: number;
  /** Adds adaptive sqrt(f(x)) to the damping, by one read a step. Default 0. */
  readonly adaptive?: number;
}

/**
 * The metric <u, v>_x = tr(u_U (V^T V + lambda I) v_U^T) + tr(u_V (U^T U + lambda I) v_V^T) for pairs U V^T, and
 * tr(u (X^T X + lambda I) v^T) for X X^T. Its gradient is the Euclidean one times the inverse Gram matrix of the partner:
 * the direction of ScaledGD. With lambda = 0 it is invariant under (U Q, V Q^-T).
 */
export function scaled({ damping = 0, adaptive = 0 }: ScaledGeometryOptions = {}): Geometry<'factors'> {
  return {
    id: 'scaled',
    requires: ['factors'],
    options: { damping, adaptive },
    kernels: ['posvRight'],
    readsPerStep: adaptive > 0 ? 1 : 0,
    start(context) {
      const { device } = context;
      const grams = gramBlocks(context);
      const steepest = context.scratch();
      const product = context.scratch();
      let shift = damping;
      return {
        ...flatLines(context),
        gradient(x, euclidean) {
          grams.solve(x, euclidean, shift, steepest);
          return steepest;
        },
        inner(x, u, v, out, at) {
          grams.multiply(x, u, shift, product);
          device.kernels.dot(product, v, out, at);
        },
        ...(adaptive > 0 && {
          async refresh(value) {
            shift = damping + adaptive * Math.sqrt(Math.max(0, await device.scalar(value)));
          },
        }),
      };
    },
  };
}
