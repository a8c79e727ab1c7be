/**
 * Where a point can go: along straight lines, or on the objective's manifold by its geometry.
 */
import { type Context, LowlandError, normals, type Problem, type Vec } from '@lowland/core';
import { matrix, orthonormalize, type Matrix } from '@lowland/linalg';

export interface Walk {
  /** Orthonormal columns: the directions that leave the manifold at x; none in all of space. */
  normalsAt(x: Vec): Matrix;
  /** out = the point reached from x along t v */
  step(x: Vec, t: number, v: Vec, out: Vec): void;
  /** out = v, a direction at x, as one at y */
  carry(x: Vec, y: Vec, v: Vec, out: Vec): void;
}

/** @throws LOWLAND_E_MANIFOLD for an objective on a manifold, from which the straight lines of the analysis lead away */
export function requireFlat({ manifold }: Pick<Context<never>, 'manifold'>, id: string): void {
  if (manifold === undefined) return;
  throw new LowlandError('LOWLAND_E_MANIFOLD', `This objective lives on a manifold (${manifold.name}), and "${id}" as it is moves points along straight lines, which leave it. classify, spectrum and nullity stay on manifolds.`);
}

/**
 * The way to walk that a context gives.
 *
 * @throws LOWLAND_E_MANIFOLD where points live on a manifold and there is no geometry to stay on it
 */
export function walkOf(context: Context<never, 'geometry'>): Walk {
  const { manifold, device } = context;
  const { axpy, copy } = device.kernels;
  if (manifold === undefined) {
    return {
      normalsAt: (x) => matrix(x.length, 0),
      step(x, t, v, out) {
        copy(x, out);
        axpy(t, v, out);
      },
      carry: (_x, _y, v, out) => { copy(v, out); },
    };
  }
  const { geometry } = context.problem as Partial<Pick<Problem<'geometry'>, 'geometry'>>;
  if (geometry === undefined) {
    throw new LowlandError('LOWLAND_E_MANIFOLD', `This objective lives on a manifold (${manifold.name}), which its points leave along straight lines, and the device lacks kernels of its geometry. Take the cpu.`);
  }
  return {
    step: (x, t, v, out) => { geometry.retract(x, t, v, out); },
    carry: (x, y, v, out) => { geometry.transport(x, y, v, out); },
    normalsAt(x) {
      // What transport from x to x takes off random vectors spans the normal space; some more than it has dimensions leave no doubt.
      const n = x.length;
      const count = n - manifold.dimension;
      const drawn = matrix(n, Math.min(n, count === 0 ? 0 : count + 8));
      const vector = new Float64Array(n);
      const [v, tangent] = [context.scratch(), context.scratch()];
      for (let k = 0; k < drawn.cols; k++) {
        normals(context.random('normals', k), vector);
        device.write(v, vector);
        geometry.transport(x, x, v, tangent);
        const kept = device.host!(tangent);
        for (let i = 0; i < n; i++) drawn.data[i * drawn.cols + k] = vector[i]! - kept[i]!;
      }
      return orthonormalize(drawn, 1e-8);
    },
  };
}
