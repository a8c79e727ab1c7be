import type { AnyObjective } from './any.ts';
import type { Dtype } from './device.ts';
import { LowlandError } from './errors.ts';
import { createPoint, sameLayout, type Layout, type Point } from './layout.ts';

/**
 * The point, if a run of the objective in this number type can start there.
 *
 * @throws LOWLAND_E_SHAPE when it has another layout; LOWLAND_E_POINT when a number is not finite, or too large for the type, or the
 *   point is not on the manifold of the objective
 */
export function checkedStart({ layout, id, manifold }: AnyObjective, point: Point, dtype: Dtype): Point {
  if (!sameLayout(layout, point.layout)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `The start has the blocks ${inWords(point.layout)}; "${id}" has ${inWords(layout)}.`);
  }
  createPoint(layout, point.data);
  const at = notFinite(dtype === 'f32' ? Float32Array.from(point.data) : point.data);
  if (at >= 0) throw new LowlandError('LOWLAND_E_POINT', `Number ${String(at)} of the start is ${String(point.data[at])}, which is not finite in ${dtype}.`);
  return manifold === undefined ? point : manifold.admit(point);
}

function inWords(layout: Layout): string {
  return layout.blocks.map(({ name, shape, complex }) => `${name} ${shape.join('x')}${complex ? ' complex' : ''}`).join(', ');
}

/** The place of the first number that is not finite, or -1. A loop: a search with a function takes ten times as long, as long as a step. */
function notFinite(numbers: Float64Array | Float32Array): number {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return i;
  return -1;
}
