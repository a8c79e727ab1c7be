import type { Point } from './layout.ts';

/**
 * Where the points of an objective live, when not in all of space: orthonormal columns, fixed rank, unit length.
 *
 * Such an objective offers `geometry`, and a method serves it only if it moves by that: `plan` refuses one that walks along straight
 * lines, which leave the manifold. Its gradient and Hessian-vector product are the Riemannian ones, tangent, in the coordinates that
 * tangent vectors have in the flat vector; so stopping rules see what is zero at stationary points, and methods need no projection.
 * The gradient is paired with tangent vectors by the dot product: <gradient, v> = Df(x)[v].
 */
export interface Manifold {
  /** `sphere`, `Stiefel`, `fixed rank`, … */
  readonly name: string;
  /** How many independent directions there are at a point. */
  readonly dimension: number;
  /**
   * The point brought onto the manifold, where it is as near as numbers in f32 can be.
   *
   * @throws LOWLAND_E_POINT when it is further away, or no point near it is defined
   */
  admit(point: Point): Point;
}
