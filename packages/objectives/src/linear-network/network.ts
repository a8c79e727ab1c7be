/**
 * A network without activations, f(W_1, …, W_N) = 1/2 |W_N … W_1 X - Y|^2 + constant + (ridge/2) sum |W_i|^2 + (balance/4) sum |D_i|^2 with
 * D_i = W_{i+1}^T W_{i+1} - W_i W_i^T: what all its oracles share.
 */
import { LowlandError, type Layout, type Point } from '@lowland/core';
import { matrix, type Matrix } from '@lowland/linalg';

export interface Network {
  /** h_0 (inputs), h_1, …, h_N (outputs): W_i is h_i x h_{i-1}. */
  readonly sizes: readonly number[];
  readonly layout: Layout;
  /** X: inputs x columns; absent where it is the identity. */
  readonly inputs: Matrix | undefined;
  /** Y: outputs x columns. */
  readonly outputs: Matrix;
  /** What no weights can change: half the square of the part of Y that lies outside the row space of X. */
  readonly constant: number;
  readonly ridge: number;
  readonly balance: number;
}

/** Number of layers N. */
export const depthOf = ({ sizes }: Pick<Network, 'sizes'>): number => sizes.length - 1;

/** The name of layer i = 1 … N. */
export const layerName = (i: number): string => `W${i}`;

/** W1, …, WN. */
export function networkLayout(sizes: readonly number[]): Layout {
  return { blocks: sizes.slice(1).map((rows, i) => ({ name: layerName(i + 1), shape: [rows, sizes[i]!] })) };
}

/**
 * W_1, …, W_N of a host point over its own memory, at the places 1 … N.
 *
 * @throws LOWLAND_E_SHAPE when the point is none of this network
 */
export function layersOf({ sizes }: Network, x: Point): readonly Matrix[] {
  const expected = sizes.slice(1).reduce((sum, rows, i) => sum + rows * sizes[i]!, 0);
  if (x.data.length !== expected) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A point of this network has ${expected} numbers, ${x.data.length} were given.`, { details: { expected, given: x.data.length } });
  }
  let offset = 0;
  return sizes.map((rows, i) => {
    if (i === 0) return matrix(0, 0);
    const length = rows * sizes[i - 1]!;
    return matrix(rows, sizes[i - 1]!, x.data.subarray(offset, (offset += length)));
  });
}

/** i of W_i. @throws LOWLAND_E_BLOCK when there is no such layer */
export function layerNumber({ layout }: Network, block: string): number {
  const at = layout.blocks.findIndex(({ name }) => name === block);
  if (at >= 0) return at + 1;
  throw new LowlandError('LOWLAND_E_BLOCK', `No layer "${block}" in this network; it has ${layout.blocks.map(({ name }) => name).join(', ')}.`, { details: { block } });
}
