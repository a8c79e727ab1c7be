/** Blocks as typed arrays by name: how functions on the host see a point. */
import { blockLength, LowlandError, type Device, type Layout, type Point, type Vec } from '@lowland/core';

/** Shapes by name, in their order in memory. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** The numbers of each block, row-major: the live memory of a vector, not a copy. */
export type Blocks<S extends Shapes> = { readonly [K in keyof S]: Float64Array };

/** @throws LOWLAND_E_SHAPE when there is no block, or one whose sizes are no positive integers. */
export function layoutOf(shapes: Shapes): Layout {
  const blocks = Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
  if (blocks.length === 0) throw new LowlandError('LOWLAND_E_SHAPE', 'An objective has at least one block; none was given.');
  for (const { name, shape } of blocks) {
    if (shape.length > 0 && shape.every((side) => Number.isSafeInteger(side) && side > 0)) continue;
    throw new LowlandError('LOWLAND_E_SHAPE', `The sizes of a block are positive integers; ${name} has [${shape.join(', ')}].`, { details: { name, shape } });
  }
  return { blocks };
}

function cut<S extends Shapes>(layout: Layout, data: Float64Array): Blocks<S> {
  let offset = 0;
  return Object.fromEntries(layout.blocks.map((block) => [block.name, data.subarray(offset, (offset += blockLength(block)))])) as Blocks<S>;
}

/** The blocks of a host point. */
export const pointBlocks = <S extends Shapes>(point: Point): Blocks<S> => cut(point.layout, point.data);

/** The blocks of a device vector: cut once for each vector, anew where its memory has moved. */
export function blockViews<S extends Shapes>(layout: Layout): (x: Vec, device: Device) => Blocks<S> {
  const known = new WeakMap<Vec, { readonly data: Float64Array; readonly blocks: Blocks<S> }>();
  return (x, device) => {
    const data = device.host!(x);
    const found = known.get(x);
    if (found?.data === data) return found.blocks;
    const blocks = cut<S>(layout, data);
    known.set(x, { data, blocks });
    return blocks;
  };
}

/**
 * What `use` returns, which looks up the blocks of vectors and calls functions on them. Such a function may move the memory of the device,
 * as decompositions do when they need more: then the arrays it held are empty and what it wrote is lost, and `use` runs again.
 */
export function onSteadyMemory<T>(device: Device, x: Vec, use: () => T): T {
  for (;;) {
    // The same place as long as memory stays where it is. It moves to grow, so not for ever.
    const before = device.host!(x);
    try {
      const result = use();
      if (samePlace(device.host!(x), before)) return result;
    } catch (error) {
      if (samePlace(device.host!(x), before)) throw error;
    }
  }
}

/** A device may make its views anew at each look. Memory that has moved leaves an array without numbers behind. */
const samePlace = (a: Float64Array, b: Float64Array): boolean => a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
