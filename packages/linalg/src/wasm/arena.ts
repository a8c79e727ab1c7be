/**
 * One growing WebAssembly memory, cut into blocks.
 *
 * Blocks are byte offsets, which stay valid when the memory grows; typed arrays over it do not, so they are made anew
 * (`epoch` counts how often) and never kept by others. Memory that is freed serves again; it is never given back to the system.
 */
import { type Dtype, LowlandError } from '@lowland/core';

const pageBytes = 65536;
const initialPages = 16;
/** Blocks start on cache lines. */
const alignment = 64;
/** The first bytes are never given out. From here on kernels keep tiles that they cannot store whole, for a moment; other threads have a block each. */
export const scratchAt = 64;
const headBytes = 2048;
export const scratchBytes = headBytes - scratchAt;
/** Kernels read a little past the end of blocks, and never use it. */
const guardBytes = 128;
/** What 32-bit addresses reach, less one page: no end of a block wraps around to 0. */
export const maximumArenaBytes = 2 ** 32 - pageBytes;

/** One memory and one number type, told by identity. */
export interface Kind {
  /** Of one number. */
  readonly bytes: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** The whole memory, for reading and writing right now. */
  f64 = new Float64Array(0);
  f32 = new Float32Array(0);
  i32 = new Int32Array(0);
  epoch = 0;
  /** What handles over this memory and kernels for them have in common, by number type: neither are for others. */
  readonly kinds: Readonly<Record<Dtype, Kind>> = { f64: { bytes: 8 }, f32: { bytes: 4 } };
  /** Bytes in blocks that are not freed, scratch included. */
  live = 0;
  /** Free spans [start, end) below `#top`, by address; neighbours are joined. */
  readonly #free: [number, number][] = [];
  /** Everything from here on was never used, so it is zero. */
  #top = headBytes;
  #bytes: number;
  readonly #maximum: number;
  #work = 0;
  #workBytes = 0;

  /**
   * @param shared with other threads: it grows in place
   * @throws LOWLAND_E_MEMORY when there is no room for a memory at all
   */
  constructor(maximumBytes = maximumArenaBytes, shared = false) {
    this.#maximum = Math.floor(Math.min(maximumBytes, maximumArenaBytes) / pageBytes);
    const initial = Math.min(initialPages, this.#maximum);
    try {
      this.memory = new WebAssembly.Memory({ initial, maximum: this.#maximum, shared });
    } catch (cause) {
      throw new LowlandError('LOWLAND_E_MEMORY', 'No address space for a WebAssembly memory. Dispose devices, or use cpu({ kernels: "plain" }).', { cause });
    }
    this.shared = shared;
    this.#bytes = pageBytes * initial;
    this.#look();
  }

  /**
   * A block of zeros, or of anything where `zeroed` is false: the smallest free span that is large enough, else new memory.
   *
   * @throws LOWLAND_E_MEMORY when it does not fit; everything given before stays as it is
   */
  allocate(bytes: number, zeroed = true): number {
    const size = aligned(bytes);
    const spans = this.#free;
    let best = -1;
    for (let i = 0; i < spans.length; i++) {
      const room = spans[i]![1] - spans[i]![0];
      if (room >= size && (best === -1 || room < spans[best]![1] - spans[best]![0])) best = i;
    }
    let at: number;
    if (best === -1) {
      // Where the last free span touches what was never used, both together serve.
      const last = spans.at(-1);
      at = last?.[1] === this.#top ? last[0] : this.#top;
      this.#reach(at + size + guardBytes, bytes);
      if (at < this.#top) {
        spans.pop();
        if (zeroed) this.f64.fill(0, at / 8, this.#top / 8);
      }
      this.#top = at + size;
    } else {
      const span = spans[best]!;
      at = span[0];
      span[0] += size;
      if (span[0] === span[1]) spans.splice(best, 1);
      if (zeroed) this.f64.fill(0, at / 8, (at + size) / 8);
    }
    this.live += size;
    return at;
  }

  /** Gives back a block of `allocate`, with the size it was asked for. */
  free(at: number, bytes: number): void {
    const size = aligned(bytes);
    if (size === 0) return;
    this.live -= size;
    const spans = this.#free;
    let i = spans.findIndex(([start]) => start > at);
    if (i === -1) i = spans.length;
    const [before, after] = [spans[i - 1], spans[i]];
    const end = at + size;
    if (before?.[1] === at) {
      before[1] = end;
      if (after?.[0] === end) {
        before[1] = after[1];
        spans.splice(i, 1);
      }
    } else if (after?.[0] === end) {
      after[0] = at;
    } else {
      spans.splice(i, 0, [at, end]);
    }
  }

  /** Scratch for one kernel call, of at least so many bytes and any content: the next call may move it. */
  work(bytes: number): number {
    if (bytes > this.#workBytes) {
      this.free(this.#work, this.#workBytes);
      this.#workBytes = 0;
      const wanted = Math.max(2 ** 16, bytes);
      this.#work = this.allocate(wanted, false);
      this.#workBytes = wanted;
    }
    return this.#work;
  }

  /** Grows until `end` lies inside, by a quarter at least where the limit allows. */
  #reach(end: number, bytes: number): void {
    if (end <= this.#bytes) return;
    const needed = Math.ceil(end / pageBytes) - this.#bytes / pageBytes;
    const left = this.#maximum - this.#bytes / pageBytes;
    const ample = Math.min(left, Math.max(needed, Math.ceil(this.#bytes / pageBytes / 4)));
    if (!(needed <= left)) throw this.#full(bytes);
    try {
      this.memory.grow(ample);
    } catch {
      try {
        this.memory.grow(needed);
      } catch (cause) {
        throw this.#full(bytes, cause);
      }
    }
    this.#look();
  }

  #look(): void {
    const { buffer } = this.memory;
    this.#bytes = buffer.byteLength;
    this.f64 = new Float64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.epoch++;
  }

  #full(bytes: number, cause?: unknown): LowlandError {
    const message = `No memory for a block of ${bytes} bytes: ${this.live} are in use, and WebAssembly kernels reach ${this.#maximum * pageBytes}. `
      + 'Use a smaller problem or rank, dispose what is not needed, or cpu({ kernels: "plain" }), which has no such limit.';
    return new LowlandError('LOWLAND_E_MEMORY', message, { cause, details: { bytes, live: this.live, limit: this.#maximum * pageBytes } });
  }
}
