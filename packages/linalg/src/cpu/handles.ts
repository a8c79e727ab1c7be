/** What the handles of both kinds of cpu memory share: views, shapes and blocks of a vector. */
import { type Ints, type Layout, LowlandError, type Mat, type Vec, blockLength } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';

/** A vector, a matrix or a view: one class for all, so that kernels stay monomorphic. */
export interface Handle extends Mat, HostMatrix {
  layout: Layout | undefined;
  views: Readonly<Record<string, Handle>> | undefined;
  /** A part of the same memory. */
  part(offset: number, length: number, rows: number, cols: number, complex: boolean): Handle;
}
export interface IntsHandle extends Ints {
  readonly data: Int32Array;
  /** Smallest and largest entry, 0 and -1 when empty: what an index is checked against. */
  readonly least: number;
  readonly largest: number;
  /** No entry is below the one before it, as among row pointers. */
  readonly ascending: boolean;
}

export const handle = (x: Vec): Handle => x as Handle;
export const numbers = (x: Vec): Numbers => (x as Handle).data;
export const whole = (x: Ints): IntsHandle => x as IntsHandle;

/** A checked part of a vector. @throws LOWLAND_E_SHAPE when it does not fit */
export function section(x: Vec, offset: number, length: number, rows = length, cols = 1, complex = false): Handle {
  if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= x.length)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A view of ${length} numbers from ${offset} does not fit a vector of ${x.length}.`);
  }
  // Two negative or broken sizes may have a product that fits; kernels would count far beyond it.
  requireLength(rows);
  requireLength(cols);
  return handle(x).part(offset, length, rows, cols, complex);
}

/** Matrix views of the blocks of a layout, remembered on the handle. */
export function blocksOf(x: Vec, layout: Layout): Readonly<Record<string, Handle>> {
  const vector = handle(x);
  if (vector.views === undefined || vector.layout !== layout) {
    vector.layout = layout;
    vector.views = cut(vector, layout);
  }
  return vector.views;
}

function cut(vector: Handle, layout: Layout): Record<string, Handle> {
  const views: Record<string, Handle> = {};
  let offset = 0;
  for (const block of layout.blocks) {
    const length = blockLength(block);
    const rows = block.shape[0] ?? 1;
    const cols = block.shape.slice(1).reduce((product, size) => product * size, 1);
    views[block.name] = section(vector, offset, length, rows, cols, block.complex === true);
    offset += length;
  }
  return views;
}

/** @throws LOWLAND_E_SHAPE unless it is a whole number that is not negative */
export function requireLength(length: number): void {
  if (Number.isSafeInteger(length) && length >= 0) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `A vector has a whole number of entries; ${length} was given.`);
}

/** @throws LOWLAND_E_SHAPE unless the data fill the vector */
export function requireFit(x: Vec, data: Float64Array): void {
  if (data.length === x.length) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `A vector of ${x.length} numbers cannot take ${data.length}.`);
}

/** Smallest and largest entry, and whether they ascend. */
export function range(data: Int32Array): { least: number; largest: number; ascending: boolean } {
  let least = data[0] ?? 0;
  let largest = data.at(-1) ?? -1;
  const ascending = ascends(data);
  if (ascending) return { least, largest, ascending };
  for (let i = 0; i < data.length; i++) {
    const index = data[i]!;
    if (index < least) least = index;
    if (index > largest) largest = index;
  }
  return { least, largest, ascending };
}

function ascends(data: Int32Array): boolean {
  for (let i = 1; i < data.length; i++) if (data[i]! < data[i - 1]!) return false;
  return true;
}
