/**
 * Where the variables of a problem live: one flat vector, cut into named blocks without padding.
 */
import { LowlandError } from './errors.ts';

/** A dense row-major block. Complex blocks are interleaved (re, im) and take two numbers an entry. */
export interface Block {
  readonly name: string;
  /** Not rows and columns: a Tucker core has three dimensions. */
  readonly shape: readonly number[];
  readonly complex?: true;
}

/** The blocks of a vector, in their order in memory. */
export interface Layout {
  readonly blocks: readonly Block[];
}

/** A point on the host: what is stored, certified and sent to a worker. Always f64, whatever the run used. */
export interface Point {
  readonly layout: Layout;
  readonly data: Float64Array;
}

/** Numbers that a block takes in the flat vector. */
export function blockLength(block: Block): number {
  return block.shape.reduce((product, size) => product * size, block.complex ? 2 : 1);
}

/** Numbers that all blocks take together. */
export function layoutLength(layout: Layout): number {
  return layout.blocks.reduce((sum, block) => sum + blockLength(block), 0);
}

/**
 * A point over `data`, or the zero point.
 *
 * @throws LOWLAND_E_SHAPE when the length of `data` is not that of the layout.
 */
export function createPoint(layout: Layout, data: Float64Array = new Float64Array(layoutLength(layout))): Point {
  const expected = layoutLength(layout);
  if (data.length !== expected) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A point of this layout has ${expected} numbers, ${data.length} were given.`, {
      details: { expected, given: data.length },
    });
  }
  return { layout, data };
}

/**
 * The live numbers of one block of a host point (a view, not a copy).
 *
 * @throws LOWLAND_E_BLOCK when the layout has no block of that name.
 */
export function blockOf(point: Point, name: string): Float64Array {
  let offset = 0;
  for (const block of point.layout.blocks) {
    const length = blockLength(block);
    if (block.name === name) return point.data.subarray(offset, offset + length);
    offset += length;
  }
  const names = point.layout.blocks.map((block) => block.name).join(', ');
  throw new LowlandError('LOWLAND_E_BLOCK', `No block "${name}" in this point; it has ${names}.`, { details: { name } });
}

/** Whether two layouts name the same blocks of the same shapes in the same order. */
export function sameLayout(a: Layout, b: Layout): boolean {
  return (
    a.blocks.length === b.blocks.length &&
    a.blocks.every((block, i) => {
      const other = b.blocks[i];
      return (
        block.name === other?.name &&
        block.complex === other.complex &&
        block.shape.length === other.shape.length &&
        block.shape.every((size, k) => size === other.shape[k])
      );
    })
  );
}
