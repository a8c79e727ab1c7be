/** The cpu device over an arena, with WebAssembly kernels. */
import { type Device, type Dtype, type Kernels, type Layout, LowlandError, type Mat, type Memory, type Vec } from '@lowland/core';

import type { Numbers } from '../cpu/arrays.ts';
import { blocksOf, type Handle, type IntsHandle, range, requireFit, requireLength, section } from '../cpu/handles.ts';
import type { Arena, Kind } from './arena.ts';

/** Blocks that one `memory()` gave: what is to be freed. It never points to its region, which may be collected. */
interface Ledger {
  readonly arena: Arena;
  /** Address and bytes of each block. */
  readonly blocks: number[];
}

function freeAll({ arena, blocks }: Ledger): void {
  for (let i = 0; i < blocks.length; i += 2) arena.free(blocks[i]!, blocks[i + 1]!);
  blocks.length = 0;
}

/** Regions that nobody disposed and nobody holds any more: handles hold theirs. */
const forgotten = new FinalizationRegistry(freeAll);

class Region implements Memory {
  readonly dtype: Dtype;
  /** Undefined once freed, so that one comparison tells kernels that a handle is theirs and alive. */
  kind: Kind | undefined;
  readonly arena: Arena;
  readonly #ledger: Ledger;
  readonly #onDispose: (region: Region) => void;

  constructor(arena: Arena, dtype: Dtype, onDispose: (region: Region) => void) {
    this.arena = arena;
    this.dtype = dtype;
    this.kind = arena.kinds[dtype];
    this.#ledger = { arena, blocks: [] };
    this.#onDispose = onDispose;
    forgotten.register(this, this.#ledger, this);
  }

  vector(length: number): Vec {
    requireLength(length);
    return new WasmHandle(this, this.allocate(this.arena.kinds[this.dtype].bytes * length), length, length, 1, false);
  }

  integers(data: Int32Array): WasmInts {
    const at = this.allocate(4 * data.length, false);
    this.arena.i32.set(data, at / 4);
    return new WasmInts(this, at, data);
  }

  /** A block that is freed with the rest. */
  allocate(bytes: number, zeroed = true): number {
    if (this.kind === undefined) throw disposed();
    const at = this.arena.allocate(bytes, zeroed);
    this.#ledger.blocks.push(at, bytes);
    return at;
  }

  [Symbol.dispose](): void {
    if (this.kind === undefined) return;
    this.kind = undefined;
    forgotten.unregister(this);
    freeAll(this.#ledger);
    this.#onDispose(this);
  }
}

/**
 * Why kernels do not take a handle: one of another memory or number type would make them write into a neighbour's block.
 *
 * @throws LOWLAND_E_DISPOSED, LOWLAND_E_HANDLE
 */
function refuseHandle(x: Owned): never {
  if ((x as Partial<Owned>).region !== undefined && x.region.kind === undefined) throw disposed();
  throw new LowlandError('LOWLAND_E_HANDLE', 'The handle belongs to a device of another kind (plain or WebAssembly, f64 or f32). Give each device vectors of its own memory.');
}

function disposed(): LowlandError {
  return new LowlandError('LOWLAND_E_DISPOSED', 'A vector was used after its memory was freed. Dispose memory when its last vector has done its work.');
}

/** A place in an arena. */
export interface Owned {
  readonly region: { readonly kind: Kind | undefined };
  /** Byte offset in the arena. */
  readonly at: number;
}
export interface ArenaHandle extends Handle, Owned {}
export interface ArenaInts extends IntsHandle, Owned {
  times(factor: number): number;
}

/** Where it lies, if it is alive and of this kind: kernels ask for every argument. */
export function addressOf(x: Owned, kind: Kind): number {
  // Handles of a plain device have no region.
  const { region } = x as Partial<Owned>;
  if (region?.kind !== kind) refuseHandle(x);
  return x.at;
}

/** The same where arguments may be absent, 0: no block begins there. */
export const addresses = (kind: Kind) => (x: Vec | undefined): number => (x === undefined ? 0 : addressOf(x as ArenaHandle, kind));

class WasmHandle implements ArenaHandle {
  readonly '~vec' = true;
  readonly length: number;
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
  readonly region: Region;
  readonly at: number;
  #epoch = 0;
  #data: Numbers | undefined = undefined;
  layout: Layout | undefined = undefined;
  views: Readonly<Record<string, Handle>> | undefined = undefined;

  constructor(region: Region, at: number, length: number, rows: number, cols: number, complex: boolean) {
    this.region = region;
    this.at = at;
    this.length = length;
    this.rows = rows;
    this.cols = cols;
    this.complex = complex;
  }

  /** The numbers where they lie now: made anew when the memory has moved, otherwise remembered. */
  get data(): Numbers {
    const { arena, dtype, kind } = this.region;
    if (kind === undefined) throw disposed();
    if (this.#data === undefined || this.#epoch !== arena.epoch) {
      const { buffer } = arena.memory;
      this.#data = dtype === 'f64' ? new Float64Array(buffer, this.at, this.length) : new Float32Array(buffer, this.at, this.length);
      this.#epoch = arena.epoch;
    }
    return this.#data;
  }

  part(offset: number, length: number, rows: number, cols: number, complex: boolean): Handle {
    const { region } = this;
    if (region.kind === undefined) throw disposed();
    return new WasmHandle(region, this.at + region.kind.bytes * offset, length, rows, cols, complex);
  }
}

class WasmInts implements ArenaInts {
  readonly '~ints' = true;
  readonly length: number;
  readonly least: number;
  readonly largest: number;
  readonly ascending: boolean;
  readonly region: Region;
  readonly at: number;
  #scaled = 0;
  #factor = Number.NaN;

  constructor(region: Region, at: number, data: Int32Array) {
    this.region = region;
    this.at = at;
    this.length = data.length;
    ({ least: this.least, largest: this.largest, ascending: this.ascending } = range(data));
  }

  /**
   * Where the entries times `factor` lie, as 32-bit words: indices of rows as byte offsets. Made when first asked for, and in the same
   * place for another factor.
   *
   * @throws LOWLAND_E_MEMORY when there is no room for them
   */
  times(factor: number): number {
    if (factor === this.#factor) return this.#scaled;
    const { length } = this;
    if (this.#scaled === 0) this.#scaled = this.region.allocate(4 * length, false);
    const { buffer } = this.region.arena.memory;
    const [from, to] = [new Int32Array(buffer, this.at, length), new Int32Array(buffer, this.#scaled, length)];
    for (let i = 0; i < length; i++) to[i] = Math.imul(factor, from[i]!);
    this.#factor = factor;
    return this.#scaled;
  }

  get data(): Int32Array {
    if (this.region.kind === undefined) throw disposed();
    return new Int32Array(this.region.arena.memory.buffer, this.at, this.length);
  }
}

export class WasmDevice implements Device {
  readonly dtype: Dtype;
  readonly sync = true;
  readonly kernels: Kernels;
  readonly host?: (x: Vec) => Float64Array;
  private readonly arena: Arena;
  private readonly kind: Kind;
  private readonly shift: number;
  private readonly regions = new Set<Region>();
  private disposed = false;

  constructor(arena: Arena, dtype: Dtype, kernels: Kernels) {
    this.arena = arena;
    this.kind = arena.kinds[dtype];
    this.dtype = dtype;
    this.shift = dtype === 'f64' ? 3 : 2;
    this.kernels = kernels;
    if (dtype === 'f64') this.host = (x) => (x as ArenaHandle).data as Float64Array;
  }

  memory(): Memory {
    if (this.disposed) throw disposed();
    const region = new Region(this.arena, this.dtype, (gone) => { this.regions.delete(gone); });
    this.regions.add(region);
    return region;
  }

  view(x: Vec, offset: number, length: number): Vec {
    return section(x, offset, length);
  }

  matrix(x: Vec, offset: number, rows: number, cols: number, complex = false): Mat {
    return section(x, offset, rows * cols * (complex ? 2 : 1), rows, cols, complex);
  }

  write(x: Vec, data: Float64Array): void {
    requireFit(x, data);
    (x as ArenaHandle).data.set(data);
  }

  read(x: Vec): Float64Array {
    return Float64Array.from((x as ArenaHandle).data);
  }

  scalar(x: Vec, at = 0): number {
    if (!(at >= 0 && at < x.length)) throw new LowlandError('LOWLAND_E_SHAPE', `Entry ${at} was read of a vector of ${x.length}.`);
    const numbers = this.dtype === 'f64' ? this.arena.f64 : this.arena.f32;
    return numbers[(addressOf(x as ArenaHandle, this.kind) >>> this.shift) + at]!;
  }

  blocks(x: Vec, layout: Layout): Readonly<Record<string, Mat>> {
    return blocksOf(x, layout);
  }

  /** Frees all memory of this device. */
  [Symbol.dispose](): void {
    this.disposed = true;
    for (const region of [...this.regions]) region[Symbol.dispose]();
  }
}
