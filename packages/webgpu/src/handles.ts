/** What vectors, matrices and index arrays of a GPU device stand for: a part of a buffer. */
import { blockLength, type Ints, type Layout, LowlandError, type Mat, type Vec } from '@lowland/core';

import type { Store } from './runtime/pool.ts';

/** One allocation; views share it. Freed with the arena that gave it. */
export interface Root {
  readonly store: Store;
  /** The device that it belongs to. */
  readonly owner: object;
  freed: boolean;
}

/** A vector, a matrix or a view: numbers of a buffer from `offset` on, counted in numbers. */
export class GpuVec implements Mat {
  readonly '~vec' = true;
  readonly root: Root;
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
  /** Whether it was given a shape. */
  readonly shaped: boolean;
  layout: Layout | undefined = undefined;
  views: Readonly<Record<string, GpuVec>> | undefined = undefined;

  constructor(root: Root, offset: number, length: number, shape?: { readonly rows: number; readonly cols: number; readonly complex: boolean }) {
    this.root = root;
    this.offset = offset;
    this.length = length;
    this.rows = shape?.rows ?? length;
    this.cols = shape?.cols ?? 1;
    this.complex = shape?.complex ?? false;
    this.shaped = shape !== undefined;
  }
}

/** Entries of each number, in order: those of `at` are order[pointers[at]] … order[pointers[at + 1] - 1]. */
interface Compressed {
  readonly pointers: Store;
  readonly order: Store;
}

/** An index array. The host keeps it: it is checked there, and sorted for products that gather. */
export class GpuInts implements Ints {
  readonly '~ints' = true;
  readonly root: Root;
  readonly data: Int32Array;
  readonly length: number;
  /** Smallest and largest entry; 0 and -1 where there is none. */
  readonly least: number;
  readonly largest: number;
  /** No entry is below the one before it, as among row pointers. */
  readonly ascending: boolean;
  readonly #upload: (data: Int32Array) => Store;
  readonly #compressed = new Map<number, Compressed>();

  constructor(root: Root, data: Int32Array, upload: (data: Int32Array) => Store) {
    this.root = root;
    this.data = data;
    this.length = data.length;
    this.#upload = upload;
    let [least, largest, ascending] = [data[0] ?? 0, -1, true];
    for (let i = 0; i < data.length; i++) {
      const index = data[i]!;
      if (index < least) least = index;
      if (index > largest) largest = index;
      if (i > 0 && index < data[i - 1]!) ascending = false;
    }
    [this.least, this.largest, this.ascending] = [least, largest, ascending];
  }

  /** Its entries by what they hold, 0 … count - 1: sorted and uploaded once, into the arena of the array. */
  compressed(count: number): Compressed {
    const known = this.#compressed.get(count);
    if (known !== undefined) return known;
    const pointers = new Int32Array(count + 1);
    for (const index of this.data) pointers[index + 1]!++;
    for (let i = 0; i < count; i++) pointers[i + 1]! += pointers[i]!;
    const next = pointers.slice();
    const order = new Int32Array(this.length);
    this.data.forEach((index, entry) => { order[next[index]!++] = entry; });
    const made = { pointers: this.#upload(pointers), order: this.#upload(order) };
    this.#compressed.set(count, made);
    return made;
  }
}

const isHandle = (x: unknown): x is GpuVec | GpuInts => x instanceof GpuVec || x instanceof GpuInts;

/** @throws LOWLAND_E_HANDLE for what another device gave, LOWLAND_E_DISPOSED for what is freed */
function opened(owner: object, x: unknown, what: string): GpuVec | GpuInts {
  if (!isHandle(x) || x.root.owner !== owner) throw new LowlandError('LOWLAND_E_HANDLE', `${what}: a handle of another device was given. Make it with the memory of this one.`);
  if (x.root.freed) throw new LowlandError('LOWLAND_E_DISPOSED', `${what} was used after its memory was freed.`);
  return x;
}

/** The vector behind a handle of this device. */
export function vector(owner: object, x: Vec, what: string): GpuVec {
  const handle = opened(owner, x, what);
  if (handle instanceof GpuVec) return handle;
  throw new LowlandError('LOWLAND_E_SHAPE', `${what}: an index array was given, expected a vector.`);
}

/** The matrix behind a handle of this device. */
export function matrix(owner: object, x: Mat, what: string): GpuVec {
  const handle = vector(owner, x, what);
  if (handle.shaped) return handle;
  throw new LowlandError('LOWLAND_E_SHAPE', `${what} needs matrices: make them with device.matrix or device.blocks.`);
}

/** The index array behind a handle of this device, all of whose entries are from 0 to size - 1. */
export function indices(owner: object, x: Ints, size: number, what: string): GpuInts {
  const handle = opened(owner, x, what);
  if (!(handle instanceof GpuInts)) throw new LowlandError('LOWLAND_E_SHAPE', `${what}: a vector was given, expected an index array.`);
  if (handle.length > 0 && (handle.least < 0 || handle.largest >= size)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `${what}: indices are from ${handle.least} to ${handle.largest}, expected 0 to ${size - 1}.`);
  }
  return handle;
}

/** @throws LOWLAND_E_SHAPE unless all are the same */
export function requireEqual(what: string, ...sizes: readonly number[]): void {
  if (sizes.some((size) => size !== sizes[0])) throw new LowlandError('LOWLAND_E_SHAPE', `${what} do not fit: ${sizes.join(', ')}.`);
}

/** @throws LOWLAND_E_ALIAS where an input, or another result, lies in the vector of the result */
export function requireApart(what: string, out: GpuVec, ...others: readonly (GpuVec | undefined)[]): void {
  if (others.some((other) => other?.root === out.root)) {
    throw new LowlandError('LOWLAND_E_ALIAS', `${what}: the result shares a vector with an input. Write into a vector of its own.`);
  }
}

/** @throws LOWLAND_E_SHAPE unless it is a whole number that is not negative */
export function requireLength(length: number): void {
  if (Number.isSafeInteger(length) && length >= 0) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `A vector has a whole number of entries; ${length} was given.`);
}

/** @throws LOWLAND_E_SHAPE unless the part lies in the vector */
export function section(x: GpuVec, offset: number, length: number, shape?: { readonly rows: number; readonly cols: number; readonly complex: boolean }): GpuVec {
  if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= x.length)) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A view of ${length} numbers from ${offset} does not fit a vector of ${x.length}.`);
  }
  if (shape !== undefined) {
    requireLength(shape.rows);
    requireLength(shape.cols);
  }
  return new GpuVec(x.root, x.offset + offset, length, shape);
}

/** Matrix views of the blocks of a layout, remembered on the handle. */
export function blocksOf(x: GpuVec, layout: Layout): Readonly<Record<string, GpuVec>> {
  if (x.views !== undefined && x.layout === layout) return x.views;
  const views: Record<string, GpuVec> = {};
  let offset = 0;
  for (const block of layout.blocks) {
    const length = blockLength(block);
    const cols = block.shape.slice(1).reduce((product, size) => product * size, 1);
    views[block.name] = section(x, offset, length, { rows: block.shape[0] ?? 1, cols, complex: block.complex === true });
    offset += length;
  }
  x.layout = layout;
  x.views = views;
  return views;
}
