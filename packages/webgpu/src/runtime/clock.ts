/** How long work took on the device. */

/** One measurement under way. */
export interface Timing {
  /** What the pass is begun with. */
  readonly pass: GPUComputePassDescriptor;
  /** After the pass, into the same commands. */
  end(encoder: GPUCommandEncoder): void;
  /** Once the commands were handed over: milliseconds of the pass; undefined where nobody can tell. */
  milliseconds(): Promise<number | undefined>;
}

export interface Clock {
  /** To time the next pass; undefined when that can't be now. `idle`: nothing that was handed over before still runs. */
  start(idle: boolean): Timing | undefined;
}

// GPUBufferUsage, which Node.js has not as a global
const [mapRead, copySource, copyTarget, queryResolve] = [0x1, 0x4, 0x8, 0x200] as const;

/** Timestamps of the device, where it has them; they come in steps, of 0.1 ms in browsers. One measurement at a time. */
class DeviceClock implements Clock {
  readonly #queries: GPUQuerySet;
  readonly #times: GPUBuffer;
  readonly #staging: GPUBuffer;
  #busy = false;

  constructor(device: GPUDevice) {
    this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#times = device.createBuffer({ size: 16, usage: queryResolve | copySource });
    this.#staging = device.createBuffer({ size: 16, usage: mapRead | copyTarget });
  }

  start(): Timing | undefined {
    if (this.#busy) return undefined;
    this.#busy = true;
    return {
      pass: { timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } },
      end: (encoder) => {
        encoder.resolveQuerySet(this.#queries, 0, 2, this.#times, 0);
        encoder.copyBufferToBuffer(this.#times, 0, this.#staging, 0, 16);
      },
      milliseconds: async () => {
        const begun = performance.now();
        await this.#staging.mapAsync(1);
        const waited = performance.now() - begun;
        const [from, to] = new BigUint64Array(this.#staging.getMappedRange());
        const taken = Number(to! - from!) / 1e6;
        this.#staging.unmap();
        this.#busy = false;
        // No step lies between, or the driver tells nonsense: then it took no longer than it was waited for.
        return taken > 0 ? Math.min(taken, waited) : waited;
      },
    };
  }
}

/** From the submit until the device says that it is done: only of what has the device for itself. */
class HostClock implements Clock {
  readonly #device: GPUDevice;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  start(idle: boolean): Timing | undefined {
    if (!idle) return undefined;
    return {
      pass: {},
      end: () => undefined,
      milliseconds: async () => {
        const begun = performance.now();
        await this.#device.queue.onSubmittedWorkDone();
        return performance.now() - begun;
      },
    };
  }
}

/** The best clock of a device. */
export const clockOf = (device: GPUDevice): Clock => (device.features.has('timestamp-query') ? new DeviceClock(device) : new HostClock(device));
