import { LowlandError } from '@lowland/core';

import { Arena, scratchBytes } from '../wasm/arena.ts';
import { Site } from '../wasm/site.ts';
import { hasSimd } from '../wasm/support.ts';
import * as layout from './board.ts';
import { Crew } from './crew.ts';
import { type Hand, spawn } from './spawn.ts';

/** How many threads, and from which size on work is shared. */
export interface ThreadsOptions {
  /** Threads that compute, the calling one included. Default: what the machine runs at once, 8 at most, since beyond that memory is what bounds most kernels. */
  readonly count?: number;
  /** Flops of the parts that work is cut into; what makes less than two of them stays on the calling thread. Default 1.5 million, some 50 microseconds. */
  readonly grain?: number;
  /** Seconds after which a worker that makes no progress counts as dead. Default 30. */
  readonly deadline?: number;
}

/** Threads for devices of `cpu({ threads })`, all on one memory. Disposing ends the workers; devices that are still open go on, alone, with the same bits. */
export interface Threads extends Disposable, AsyncDisposable {
  /** Threads that compute, the calling one included. */
  readonly count: number;
  /** `broken` once a worker has failed: kernels then throw LOWLAND_E_THREADS. */
  readonly state: 'open' | 'broken' | 'closed';
  /** Bytes of the memory in use, scratch of kernels and the modules included. */
  readonly liveBytes: number;
  /** For cpu() alone. */
  readonly '~site': object;
}

const mostByDefault = 8;
/** Looks of a worker before it sleeps. */
const patience = 50_000;

/** Pools that nobody disposed and nobody holds any more, with the devices on them. */
const forgotten = new FinalizationRegistry<() => unknown>((stop) => { stop(); });

/**
 * Starts threads that share one memory, for `cpu({ threads })`. Kernels with enough work then use them and still return when they are done;
 * results have the bits of one thread, whatever the count.
 *
 * The workers do not keep a Node.js process alive. A browser has shared memory where the page is cross-origin isolated, and lets workers wait
 * but not its main thread: there compute in a worker, or without threads.
 *
 * @throws LOWLAND_E_OPTIONS for a count that is no positive integer, a grain or deadline that is not positive
 * @throws LOWLAND_E_THREADS where threads cannot be had; the message says why, and what to do
 * @throws LOWLAND_E_MEMORY when there is no room for the memory
 * @example
 * await using threads = await openThreads();
 * const solution = await solve(objective, optimizer, { backend: cpu({ threads }) });
 */
export async function openThreads({ count = defaultCount(), grain = 1_500_000, deadline = 30 }: ThreadsOptions = {}): Promise<Threads> {
  if (!(Number.isInteger(count) && count > 0)) throw refused(`The number of threads is a positive integer; ${String(count)} was given.`, { count });
  if (!(grain > 0)) throw refused(`The grain is a positive number of flops; ${String(grain)} was given.`, { grain });
  if (!(deadline > 0)) throw refused(`The deadline is a positive number of seconds; ${String(deadline)} was given.`, { deadline });
  requireSharing();

  const board = layout.board();
  const arena = new Arena(undefined, true);
  const crew = new Crew({ arena, board, grain, deadline, workers: count - 1 });
  const watched = new WeakRef(crew);
  const { counters, closing, rowLength, functionsPerModule } = layout;
  const hands: Hand[] = [];
  const stop = async (): Promise<void> => {
    Atomics.store(board.words, counters.open, closing);
    Atomics.notify(board.words, counters.open);
    await Promise.all(hands.map((hand) => hand.stop()));
  };
  try {
    for (let k = 1; k < count; k++) {
      const scratch = arena.allocate(scratchBytes);
      const start = { memory: arena.memory, scratch, board, patience, layout: { counters, closing, rowLength, functionsPerModule } };
      hands.push(spawn(start, (why) => watched.deref()?.breakDown(why)));
    }
    await Promise.all(hands.map(({ ready }) => ready));
  } catch (cause) {
    crew.close();
    await Promise.allSettled([stop(), ...hands.map(({ ready }) => ready)]);
    throw new LowlandError('LOWLAND_E_THREADS', `A worker could not start: ${String(cause).replace(/\.+$/, '')}. Ask for fewer threads, or compute without.`, { cause });
  }
  forgotten.register(crew, stop, crew);
  return new Pool(count, new Site(arena, crew), crew, stop);
}

class Pool implements Threads {
  readonly count: number;
  readonly '~site': Site;
  readonly #crew: Crew;
  readonly #stop: () => Promise<void>;

  constructor(count: number, site: Site, crew: Crew, stop: () => Promise<void>) {
    this.count = count;
    this['~site'] = site;
    this.#crew = crew;
    this.#stop = stop;
  }

  get state(): Threads['state'] {
    return this.#crew.state;
  }
  get liveBytes(): number {
    return this['~site'].arena.live;
  }

  [Symbol.dispose](): void {
    void this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#crew.close();
    forgotten.unregister(this.#crew);
    await this.#stop();
  }
}

const refused = (message: string, details: Record<string, unknown>) => new LowlandError('LOWLAND_E_OPTIONS', message, { details });

function defaultCount(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return Math.min(mostByDefault, navigator?.hardwareConcurrency ?? 1);
}

/** @throws LOWLAND_E_THREADS where memory cannot be shared, or this thread may not wait for others */
function requireSharing(): void {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (typeof SharedArrayBuffer === 'undefined' || crossOriginIsolated === false) {
    throw new LowlandError(
      'LOWLAND_E_THREADS',
      'Threads need shared memory, which browsers give to pages that are cross-origin isolated. Serve the page with "Cross-Origin-Opener-Policy: same-origin" and '
        + '"Cross-Origin-Embedder-Policy: require-corp" and compute in a worker, or leave threads out.',
    );
  }
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
  } catch (cause) {
    throw new LowlandError('LOWLAND_E_THREADS', "A browser's main thread may not wait for others. Open the threads and the device in a worker, or leave threads out.", { cause });
  }
  if (!hasSimd()) throw new LowlandError('LOWLAND_E_THREADS', 'Threads run WebAssembly kernels, and this engine has no WebAssembly SIMD, or a content-security policy forbids it. Leave threads out.');
}
