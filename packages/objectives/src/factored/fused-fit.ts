import type { Device, Mat, Memory, Vec } from '@lowland/core';

import type { Fit } from './fit.ts';
import { gramCurvature } from './gram-curvature.ts';
import type { FusedMap } from './linear-map.ts';
import type { FactoredProblem } from './problem.ts';
import { views } from './term.ts';

/**
 * The fit by one pass over the data for each oracle: the residual is never stored. A value alone asks for no product.
 */
export function fusedFit(problem: FactoredProblem, fused: FusedMap, device: Device, memory: Memory): Fit {
  const { symmetric, weight, rank, map } = problem;
  const { left, right } = views(problem, device);
  const addGramCurvature = map.isometry ? gramCurvature(device, memory, rank) : undefined;
  const slope = symmetric ? 2 * weight : weight;
  /** Where the sum of squares goes when nobody asks for it. */
  const unused = memory.vector(1);

  /** left = slope Z right(v), right = slope Z^T left(v), in the blocks that are asked for. */
  const products = (x: Vec, v: Vec, toLeft: Mat | undefined, toRight: Mat | undefined, sums: Vec, slot: number): void => {
    fused.residualProducts(left(x), right(x), slope, toLeft && right(v), toLeft, toRight && left(v), toRight, sums, slot);
  };

  return {
    weight: weight / 2,
    value(x, sums, slot) {
      products(x, x, undefined, undefined, sums, slot);
    },
    gradient(x, side, out) {
      products(x, x, side === 'right' ? undefined : left(out), side === 'left' || symmetric ? undefined : right(out), unused, 0);
    },
    valueAndGradient(x, sums, slot, out) {
      products(x, x, left(out), symmetric ? undefined : right(out), sums, slot);
    },
    curvature(x, v, out) {
      const toRight = symmetric ? undefined : right(out);
      if (addGramCurvature === undefined) {
        // Routes offer curvature of a map that is no isometry only where it has this.
        fused.curvatureProducts!(left(x), right(x), left(v), right(v), slope, left(out), toRight);
        return;
      }
      products(x, v, left(out), toRight, unused, 0);
      addGramCurvature(left(x), right(x), left(v), right(v), slope, left(out));
      if (toRight !== undefined) addGramCurvature(right(x), left(x), right(v), left(v), slope, toRight);
    },
  };
}
