/** Buffers of their own for all vectors, given back and taken again. */

/** A buffer with a number that tells it from all others. */
export interface Store {
  readonly buffer: GPUBuffer;
  readonly id: number;
  readonly bytes: number;
}

// GPUBufferUsage, which Node.js has not as a global
const [mapRead, copySource, copyTarget, storageUse] = [0x1, 0x4, 0x8, 0x80] as const;
export const usages = { storage: storageUse | copySource | copyTarget, staging: mapRead | copyTarget } as const;

/** Of what is free this much is kept for who comes next: while a device is open, and when none is. */
const [keptBytes, idleBytes] = [2 ** 28, 2 ** 24] as const;

/**
 * Why not one large buffer cut up: WebGPU forbids to read and write one buffer in a dispatch, to copy inside of one, and to bind at offsets
 * that are no multiple of 256 bytes.
 */
export class Pool {
  readonly #device: GPUDevice;
  readonly #usage: number;
  readonly #free = new Map<number, Store[]>();
  #freeBytes = 0;
  #next = 0;
  /** Called before buffers are destroyed: what is enqueued may use them, and bind groups remember them. */
  readonly #retire: () => void;
  /** Buffers that somebody holds, and their bytes. */
  live = 0;
  liveBytes = 0;

  constructor(device: GPUDevice, usage: number, retire: () => void = () => undefined) {
    this.#device = device;
    this.#usage = usage;
    this.#retire = retire;
  }

  /** A buffer of at least so many bytes, and whether it is new, hence zero. */
  take(atLeast: number): { readonly store: Store; readonly fresh: boolean } {
    const bytes = sizeClass(atLeast);
    this.live++;
    this.liveBytes += bytes;
    const known = this.#free.get(bytes)?.pop();
    if (known !== undefined) {
      this.#freeBytes -= bytes;
      return { store: known, fresh: false };
    }
    return { store: { buffer: this.#device.createBuffer({ size: bytes, usage: this.#usage }), id: this.#next++, bytes }, fresh: true };
  }

  give(store: Store): void {
    this.live--;
    this.liveBytes -= store.bytes;
    if (this.#freeBytes + store.bytes > keptBytes) {
      this.#retire();
      store.buffer.destroy();
      return;
    }
    this.#freeBytes += store.bytes;
    const list = this.#free.get(store.bytes);
    if (list === undefined) this.#free.set(store.bytes, [store]);
    else list.push(store);
  }

  /** Nobody is there: gives what is free back to the system, unless it is little. */
  rest(): void {
    if (this.#freeBytes <= idleBytes) return;
    this.#retire();
    for (const list of this.#free.values()) for (const { buffer } of list) buffer.destroy();
    this.#free.clear();
    this.#freeBytes = 0;
  }
}

/** Powers of two to 64 KiB, multiples of that beyond: so what is given back fits again. */
function sizeClass(bytes: number): number {
  const step = 65536;
  if (bytes > step) return Math.ceil(bytes / step) * step;
  let size = 256;
  while (size < bytes) size *= 2;
  return size;
}
