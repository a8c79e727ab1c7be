import type { Context, Vec } from '@lowland/core';

/** out = J(x)^T J(x) v: the curvature of 1/2 |r|^2 but for the second derivatives of r. One `jvp` and one `vjp`. */
export function normalProduct(context: Context<'residual'>): (x: Vec, v: Vec, out: Vec) => void {
  const { length, jvp, vjp } = context.problem.residual;
  const image = context.scratch(length);
  return (x, v, out) => {
    jvp(x, v, image);
    vjp(x, image, out);
  };
}
