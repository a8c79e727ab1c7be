/** What initialisers share: their type, and the columns of blocks on the host. */
import { type Block, blockLength, type Capability, type Definition, type Initializer, LowlandError } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

export type InitializerDefinition<O, R extends Capability = never> = Definition<O, Initializer<R>>;

/** Columns of a block; one with a single dimension is a column. */
export const columnsIn = (block: Block): number => blockLength(block) / (block.shape[0]! * (block.complex ? 2 : 1));

/**
 * A real block as rows x columns over the numbers of a point; one with a single dimension is a column. Complex columns are real ones of
 * twice the length where there is one.
 *
 * @throws LOWLAND_E_COMPLEX for more complex columns than one
 */
export function columnsOf(block: Block, data: Float64Array): Matrix {
  const { name, complex } = block;
  const cols = columnsIn(block);
  if (complex && cols > 1) throw new LowlandError('LOWLAND_E_COMPLEX', `Block "${name}" has ${cols} complex columns; this start is made of real ones, or of one complex column.`);
  return matrix(data.length / cols, cols, data);
}
