import { LowlandError } from '@lowland/core';
import { norm } from '@lowland/linalg';

import type { HostModel } from '../census/host-model.ts';
import type { Generator } from './generators.ts';

/**
 * That g is linear and orthogonal, and f and its gradient keep to it, looked at in two points.
 *
 * @throws LOWLAND_E_OPTIONS naming the generator that is no symmetry
 */
export function requireSymmetry({ name, apply }: Generator, model: HostModel, x: Float64Array): void {
  const refuse = (what: string): never => {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The generator "${name}" is no symmetry to take: ${what}. Leave it out.`, { details: { generator: name } });
  };
  const y = x.map((_, i) => x[x.length - 1 - i]! / 2);
  const difference = (a: Float64Array, b: Float64Array): number => norm(a.map((value, i) => value - b[i]!));
  const image = apply(x);
  if (image.length !== x.length) refuse(`it gives ${image.length} numbers for ${x.length}`);
  if (!(difference(apply(x.map((value, i) => -value - 3 * y[i]!)), apply(y).map((value, i) => -image[i]! - 3 * value)) <= 1e-12 * norm(x))) refuse('it is not linear');
  if (!(Math.abs(norm(image) - norm(x)) <= 1e-12 * norm(x) && Math.abs(norm(apply(y)) - norm(y)) <= 1e-12 * norm(x))) refuse('it changes lengths');
  const [here, there] = [new Float64Array(x.length), new Float64Array(x.length)];
  for (const at of [x, y]) {
    const [value, moved] = [model.value(at), model.value(apply(at))];
    if (!Number.isFinite(value) && !Number.isFinite(moved)) continue;
    if (!(Math.abs(value - moved) <= 1e-9 * (Math.abs(value) + Math.abs(moved)))) refuse(`f is ${value} at a point and ${moved} at its image`);
    model.gradient(at, here);
    model.gradient(apply(at), there);
    if (!(difference(apply(here), there) <= 1e-8 * norm(here))) refuse('the gradient does not turn with the point');
  }
}
