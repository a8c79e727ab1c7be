import type { Constraints, Context, Vec } from '@lowland/core';

type Workplace = Pick<Context<never>, 'device' | 'scratch'>;

/**
 * l = argmin |(grad phi + a*(l)) U|, the least-squares multipliers at a point; those of least norm where the gradients of the constraints are dependent.
 *
 * @param gradient of phi at x, 2 (grad phi) U
 */
export async function multipliersAt(constraints: Constraints, x: Vec, gradient: Vec, l: Vec, { device, scratch }: Workplace): Promise<void> {
  constraints.multipliers(x, l);
  if ((await device.read(l)).every(Number.isFinite)) return;
  await leastMultipliers(constraints, x, gradient, l, { device, scratch });
}

/** l = the solution of least norm of c' c'^T l = -c' gradient, by conjugate gradients from zero. */
async function leastMultipliers(constraints: Constraints, x: Vec, gradient: Vec, l: Vec, { device, scratch }: Workplace): Promise<void> {
  const { axpy, copy, dot, fill, scal } = device.kernels;
  const [rest, direction, image] = [scratch(constraints.length), scratch(constraints.length), scratch(constraints.length)];
  const [pull, number] = [scratch(x.length), scratch(1)];
  const inner = async (a: Vec, b: Vec): Promise<number> => {
    dot(a, b, number);
    return device.scalar(number);
  };
  fill(l, 0);
  constraints.jvp(x, gradient, rest);
  scal(-1, rest);
  copy(rest, direction);
  let square = await inner(rest, rest);
  const enough = 1e-28 * square;
  for (let k = 0; k < 2 * constraints.length && square > enough; k++) {
    constraints.vjp(x, direction, pull);
    constraints.jvp(x, pull, image);
    const step = square / (await inner(pull, pull));
    axpy(step, direction, l);
    axpy(-step, image, rest);
    const next = await inner(rest, rest);
    scal(next / square, direction);
    axpy(1, rest, direction);
    square = next;
  }
}
