import type { Context, Vec } from '@lowland/core';
import { symmetricEigen, type TruncatedCgResult } from '@lowland/linalg';

import type { BoundGeometry } from '../gradient-descent/geometry.ts';
import { Krylov } from '../newton/krylov.ts';

/** Ritz values above this part of the largest curvature count as zero. */
const negligible = 1e-8;

/** Looks for a direction of negative curvature at the point. */
export interface CurvatureSearch {
  /**
   * From the random vector with this number: out = the step of that length along the lowest Ritz vector found, downhill, with what the
   * model says of it; undefined where no curvature is below -1e-8 of the largest.
   */
  look(draw: number, gradient: Vec, radius: number, out: Vec): Promise<TruncatedCgResult | undefined>;
}

/** At most `products` Hessian-vector products a look, and one read each; so many vectors are kept. */
export function curvatureSearch(context: Context<never>, geometry: BoundGeometry, point: Vec, hessian: (v: Vec, out: Vec) => void, products: number): CurvatureSearch {
  const { device } = context;
  const { copy, dot, normal, scal } = device.kernels;
  const most = Math.min(products, point.length);
  const krylov = new Krylov(context, point.length, most);
  const draws = context.scratch();
  const numbers = context.scratch(2);
  return {
    async look(draw, gradient, radius, out) {
      krylov.clear();
      normal(context.random('curvature', draw), draws);
      // tangent where the points live on a manifold
      await krylov.add(geometry.gradient(point, draws));
      let lowest: number;
      for (let check = 1; ; ) {
        await krylov.multiply(hessian);
        const k = krylov.products;
        const last = krylov.complete || k >= most;
        if (!last && k < check) continue;
        const { values, vectors } = symmetricEigen(krylov.projected());
        lowest = values[k - 1]!;
        const size = Math.max(Math.abs(values[0]!), Math.abs(lowest));
        if (lowest < -1e-2 * size || (last && lowest < -negligible * size)) {
          krylov.combine(Float64Array.from({ length: k }, (_, i) => vectors.data[i * k + k - 1]!), out);
          break;
        }
        if (last) return undefined;
        check = k + Math.max(1, k >> 2);
      }
      copy(out, draws);
      geometry.inner(point, draws, draws, numbers, 0);
      dot(gradient, out, numbers, 1);
      const [square = NaN, slope = NaN] = await device.read(numbers);
      const t = (slope > 0 ? -radius : radius) / Math.sqrt(square);
      scal(t, out);
      return { stop: 'negative-curvature', iterations: krylov.products, decrease: -t * slope - (t * t * lowest) / 2, length: radius };
    },
  };
}
