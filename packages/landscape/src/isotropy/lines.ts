/**
 * Where in a point the columns and rows of factors, the neurons of layers and the sides of a target are.
 */
import { blockLength, type Factors, type Layout, type Symmetry, type Target } from '@lowland/core';
import { matrix, type Matrix, symmetricEigen, thinSvd } from '@lowland/linalg';

import { isChain } from '../groups/action.ts';

/** What maps act on. */
export interface Places {
  readonly layout: Layout;
  readonly factors: Factors | undefined;
  readonly target: Target | undefined;
  readonly symmetry: Symmetry | undefined;
}

/** Places of numbers that belong together, in their order. */
type Line = readonly number[];

interface Block {
  readonly offset: number;
  readonly rows: number;
  readonly cols: number;
}

const count = (length: number): number[] => Array.from({ length }, (_, k) => k);
const rowOf = ({ offset, cols }: Block, i: number): Line => count(cols).map((j) => offset + i * cols + j);
const columnOf = ({ offset, rows, cols }: Block, j: number): Line => count(rows).map((i) => offset + i * cols + j);

function blockAt({ blocks }: Layout, at: number): Block {
  const [rows = 1, cols = 1] = blocks[at]!.shape;
  return { offset: blocks.slice(0, at).reduce((sum, block) => sum + blockLength(block), 0), rows, cols };
}

/** The one pair of factors: one block or two. */
export function factorBlocks({ layout, factors }: Places): readonly Block[] | undefined {
  const [pair, ...others] = factors?.pairs ?? [];
  if (pair === undefined || others.length > 0) return undefined;
  return [...new Set(pair)].map((name) => blockAt(layout, layout.blocks.findIndex((block) => block.name === name)));
}

/** W_1, …, W_N, where the group acts between them. */
export function layerBlocks({ layout, symmetry }: Places): readonly Block[] | undefined {
  return symmetry !== undefined && layout.blocks.length > 1 && isChain(layout, symmetry.group) ? count(layout.blocks.length).map((at) => blockAt(layout, at)) : undefined;
}

/** Columns go through both factors. */
export function factorLines(places: Places, word: 'column' | 'row' | 'right'): readonly Line[] | undefined {
  const blocks = factorBlocks(places);
  if (blocks === undefined) return undefined;
  if (word === 'column') return count(blocks[0]!.cols).map((j) => blocks.flatMap((block) => columnOf(block, j)));
  const block = blocks[word === 'row' ? 0 : 1];
  return block === undefined ? undefined : count(block.rows).map((i) => rowOf(block, i));
}

/** For each hidden layer its neurons: a row of the layer before and a column of the layer after. */
export const neuronLines = (places: Places): readonly (readonly Line[])[] | undefined =>
  layerBlocks(places)?.slice(0, -1).map((before, k) => count(before.rows).map((i) => [...rowOf(before, i), ...columnOf(blockAt(places.layout, k + 1), i)]));

/** Vectors of a factor or layer that have the directions of a side of the target. */
export interface TargetSide {
  readonly vectors: readonly Line[];
  /** Eigenvectors or singular vectors of the target, by descending value, in columns. */
  readonly basis: Matrix;
}

/** Columns of the factors; of a network the columns of its last layer and the rows of its first one. */
export function targetSides(places: Places): readonly TargetSide[] | undefined {
  const { target } = places;
  if (target === undefined) return undefined;
  const m = matrix(target.rows, target.cols, target.data);
  const blocks = factorBlocks(places);
  const columns = (block: Block): readonly Line[] => count(block.cols).map((j) => columnOf(block, j));
  if (blocks !== undefined && target.symmetric) return blocks.map((block) => ({ vectors: columns(block), basis: symmetricEigen(m).vectors }));
  const layers = layerBlocks(places);
  if (blocks === undefined && layers === undefined) return undefined;
  const { u, v } = thinSvd(m);
  if (blocks !== undefined) return blocks.map((block, k) => ({ vectors: columns(block), basis: k === 0 ? u : v }));
  const [first, last] = [layers![0]!, layers!.at(-1)!];
  return [{ vectors: columns(last), basis: u }, { vectors: count(first.rows).map((i) => rowOf(first, i)), basis: v }];
}

type Chosen = readonly [number] | readonly [number, number];
type InPlace = (x: Float64Array) => Float64Array;

/** One number turns a line's sign, two swap lines, which are all as long. */
export function swapped(lines: readonly Line[], [first, second]: Chosen): InPlace {
  return (x) => {
    if (second === undefined) for (const i of lines[first]!) x[i] = -x[i]!;
    else lines[first]!.forEach((i, k) => { [x[i], x[lines[second]![k]!]] = [x[lines[second]![k]!]!, x[i]!]; });
    return x;
  };
}

/** I - 2 w w^T on all vectors of each side, w a vector of its basis or the difference of two. */
export function reflected(sides: readonly TargetSide[], [first, second]: Chosen): InPlace {
  const normals = sides.map(({ basis: { rows, cols, data } }) => Float64Array.from({ length: rows }, (_, i) => (second === undefined ? data[i * cols + first]! : (data[i * cols + first]! - data[i * cols + second]!) * Math.SQRT1_2)));
  return (x) => {
    sides.forEach(({ vectors }, side) => {
      const w = normals[side]!;
      for (const vector of vectors) {
        const inner = vector.reduce((sum, at, i) => sum + w[i]! * x[at]!, 0);
        vector.forEach((at, i) => (x[at]! -= 2 * inner * w[i]!));
      }
    });
    return x;
  };
}
