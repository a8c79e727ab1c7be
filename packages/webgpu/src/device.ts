/** A device of the GPU: memory in buffers of their own, kernels that enqueue, reads that wait. */
import { type Device, type Ints, type Kernels, type Layout, LowlandError, type Mat, type Memory, type StreamKey, type Vec } from '@lowland/core';

import { blocksOf, GpuInts, GpuVec, requireLength, type Root, section, vector } from './handles.ts';
import { gpuKernels } from './kernels.ts';
import type { Lane } from './runtime/lane.ts';
import type { Store } from './runtime/pool.ts';
import { Scratch } from './scratch.ts';
import { streamOf, words } from './shaders/philox.ts';

export class GpuDevice implements Device {
  readonly dtype = 'f32';
  readonly sync = false;
  readonly kernels: Kernels;
  readonly #lane: Lane;
  readonly #scratch: Scratch;
  readonly #bufferBytes: number;
  readonly #closed: () => void;
  readonly #arenas = new Set<Disposable>();
  #open = true;

  /** @param closed called once, when it is disposed */
  constructor(lane: Lane, bufferBytes: number, closed: () => void) {
    this.#lane = lane;
    this.#bufferBytes = bufferBytes;
    this.#closed = closed;
    this.#scratch = new Scratch(lane);
    this.kernels = gpuKernels(lane, this.#scratch, this);
  }

  memory(): Memory {
    this.#requireOpen();
    const roots: Root[] = [];
    const extra: Store[] = [];
    let freed = false;
    const allocate = (length: number): Root => {
      this.#requireOpen();
      if (freed) throw new LowlandError('LOWLAND_E_DISPOSED', 'An arena was used after it was freed.');
      const root = { store: this.#lane.zeros(this.#bytesOf(length)), owner: this, freed: false };
      roots.push(root);
      return root;
    };
    const upload = (data: Int32Array): Store => {
      const store = this.#lane.zeros(this.#bytesOf(data.length));
      extra.push(store);
      this.#lane.write(store, 0, data.slice());
      return store;
    };
    const memory: Memory = {
      vector: (length): Vec => {
        requireLength(length);
        return new GpuVec(allocate(length), 0, length);
      },
      integers: (data): Ints => {
        const [root, own] = [allocate(data.length), data.slice()];
        this.#lane.write(root.store, 0, own);
        return new GpuInts(root, own, upload);
      },
      [Symbol.dispose]: () => {
        if (freed) return;
        freed = true;
        this.#arenas.delete(memory);
        for (const root of roots) {
          root.freed = true;
          this.#lane.pool.give(root.store);
        }
        for (const store of extra) this.#lane.pool.give(store);
      },
    };
    this.#arenas.add(memory);
    return memory;
  }

  view(x: Vec, offset: number, length: number): Vec {
    return section(vector(this, x, 'A view'), offset, length);
  }

  matrix(x: Vec, offset: number, rows: number, cols: number, complex = false): Mat {
    return section(vector(this, x, 'A matrix view'), offset, rows * cols * (complex ? 2 : 1), { rows, cols, complex });
  }

  blocks(x: Vec, layout: Layout): Readonly<Record<string, Mat>> {
    return blocksOf(vector(this, x, 'A vector'), layout);
  }

  write(x: Vec, data: Float64Array): void {
    const { root, offset, length } = vector(this, x, 'A vector');
    if (data.length !== length) throw new LowlandError('LOWLAND_E_SHAPE', `A vector of ${length} numbers cannot take ${data.length}.`);
    this.#lane.write(root.store, 4 * offset, new Float32Array(data));
  }

  async read(x: Vec): Promise<Float64Array> {
    const { root, offset, length } = vector(this, x, 'A vector');
    return new Float64Array(new Float32Array(await this.#lane.read(root.store, 4 * offset, 4 * length)));
  }

  async scalar(x: Vec, at = 0): Promise<number> {
    const { root, offset, length } = vector(this, x, 'A vector');
    if (!(Number.isInteger(at) && at >= 0 && at < length)) throw new LowlandError('LOWLAND_E_SHAPE', `Entry ${at} was read of a vector of ${length}.`);
    return new Float32Array(await this.#lane.read(root.store, 4 * (offset + at), 4))[0]!;
  }

  /** Words 0 … count - 1 of a random stream, drawn by the GPU: the bits of core's `words`. */
  async words(key: StreamKey, count: number): Promise<Uint32Array> {
    this.#requireOpen();
    requireLength(count);
    const store = this.#lane.zeros(this.#bytesOf(count));
    try {
      if (count > 0) this.#lane.spread(words, { out: store }, { n: count, ...streamOf(key) }, Math.ceil(count / 256), 8 * count);
      return new Uint32Array(await this.#lane.read(store, 0, 4 * count));
    } finally {
      this.#lane.pool.give(store);
    }
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    for (const arena of this.#arenas) arena[Symbol.dispose]();
    this.#scratch.free();
    this.#closed();
  }

  #requireOpen(): void {
    if (!this.#open) throw new LowlandError('LOWLAND_E_DISPOSED', 'The device was used after it was disposed.');
  }

  #bytesOf(length: number): number {
    const bytes = Math.max(4 * length, 4);
    if (bytes <= this.#bufferBytes) return bytes;
    throw new LowlandError(
      'LOWLAND_E_MEMORY',
      `A vector of ${length} numbers takes ${bytes} bytes; the limit of this device is ${this.#bufferBytes}. Ask for more with the option bufferBytes, use a smaller problem, or the backend "cpu".`,
      { details: { bytes, reachable: this.#bufferBytes } },
    );
  }
}
