/** Buffers that kernels need beside their arguments: one for parts, which grows, and stand-ins for results that nobody asked for. */
import type { Lane } from './runtime/lane.ts';
import type { Store } from './runtime/pool.ts';

export class Scratch {
  readonly #lane: Lane;
  #parts: Store | undefined;
  readonly #unused = new Map<number, Store>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** At least so many bytes, until the next call. Dispatches keep their order, so those before are done with it. */
  take(bytes: number): Store {
    if (this.#parts === undefined || this.#parts.bytes < bytes) {
      if (this.#parts !== undefined) this.#lane.pool.give(this.#parts);
      this.#parts = this.#lane.pool.take(bytes).store;
    }
    return this.#parts;
  }

  /** A buffer to bind where nothing is written; those of different places are different, as WebGPU wants it. */
  unused(place: 0 | 1 | 2): Store {
    const store = this.#unused.get(place) ?? this.#lane.pool.take(4).store;
    this.#unused.set(place, store);
    return store;
  }

  /** Gives all back. */
  free(): void {
    for (const store of [this.#parts, ...this.#unused.values()]) if (store !== undefined) this.#lane.pool.give(store);
    this.#parts = undefined;
    this.#unused.clear();
  }
}
