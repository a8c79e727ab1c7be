/**
 * From a minimum up to a saddle.
 */
import { matrix, norm, symmetricEigen } from '@lowland/linalg';

import type { HostModel } from './host-model.ts';

export interface FollowingOptions {
  /** |grad f| that ends the way. */
  readonly goal: number;
  /** Longest step. */
  readonly radius: number;
  readonly maxSteps: number;
}

/**
 * Eigenvector following (Cerjan and Miller 1981; Wales 1994): Newton steps in the eigenvectors of the Hessian, each with the size of its
 * eigenvalue for its curvature, so that f rises along the followed eigenvector (the one nearest to where the way went last) and falls along all
 * others. Directions of the orbit have curvature 0 and no step. One eigendecomposition a step.
 *
 * @returns a point near a stationary one, or undefined
 */
export function followEigenvector(model: HostModel, minimum: Float64Array, direction: Float64Array, { goal, radius, maxSteps }: FollowingOptions): Float64Array | undefined {
  const n = model.size;
  const hessian = matrix(n, n);
  const gradient = new Float64Array(n);
  const followed = direction.slice();
  const x = minimum.map((value, i) => value + radius * direction[i]!);
  for (let step = 0; step < maxSteps; step++) {
    model.gradient(x, gradient);
    const size = norm(gradient);
    if (size <= goal) return x;
    if (!Number.isFinite(size)) return undefined;
    model.hessian(x, hessian);
    if (!hessian.data.every(Number.isFinite)) return undefined;
    const { values, vectors } = symmetricEigen(hessian);
    const most = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
    const along = (k: number, v: Float64Array): number => v.reduce((sum, value, i) => sum + value * vectors.data[i * n + k]!, 0);
    let [best, overlap] = [0, 0];
    for (let k = 0; k < n; k++) {
      const inner = along(k, followed);
      if (Math.abs(inner) > Math.abs(overlap)) [best, overlap] = [k, inner];
    }
    const p = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const curvature = Math.abs(values[k]!);
      if (curvature <= 1e-7 * most) continue;
      const part = ((k === best ? 1 : -1) * along(k, gradient)) / curvature;
      for (let i = 0; i < n; i++) p[i]! += part * vectors.data[i * n + k]!;
    }
    const long = norm(p);
    const share = long > radius ? radius / long : 1;
    for (let i = 0; i < n; i++) {
      x[i]! += share * p[i]!;
      followed[i] = Math.sign(overlap) * vectors.data[i * n + best]!;
    }
  }
  return undefined;
}
