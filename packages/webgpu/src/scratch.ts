/** Buffers that kernels need beside their arguments: for parts, which grow, and stand-ins for results that nobody asked for. */
import type { Lane } from './runtime/lane.ts';
import type { Store } from './runtime/pool.ts';

/** What is bound to one dispatch lies in different places. */
type Place =
  | 'parts' | 'left' | 'right' | 0 | 1 | 2
  | 'work' | 'columns' | 'inner' | 'turned' | 'moved' | 'sizes' | 'order' | 'guard' | `${'first' | 'second'} ${'vectors' | 'coefficients'}`;

export class Scratch {
  readonly #lane: Lane;
  readonly #stores = new Map<Place, Store>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** At least so many bytes, until the next call. Dispatches keep their order, so those before are done with it. */
  take(bytes: number, place: Place = 'parts'): Store {
    const known = this.#stores.get(place);
    if (known !== undefined && known.bytes >= bytes) return known;
    if (known !== undefined) this.#lane.pool.give(known);
    const { store } = this.#lane.pool.take(bytes);
    this.#stores.set(place, store);
    return store;
  }

  /** A buffer to bind where nothing is written; those of different places are different, as WebGPU wants it. */
  unused(place: 0 | 1 | 2): Store {
    return this.take(4, place);
  }

  /** Gives all back. */
  free(): void {
    for (const store of this.#stores.values()) this.#lane.pool.give(store);
    this.#stores.clear();
  }
}
