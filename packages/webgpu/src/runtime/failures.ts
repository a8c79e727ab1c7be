/** What WebGPU reports later, or as a lost device, as errors with a code. */
import { LowlandError } from '@lowland/core';

const filters = ['validation', 'out-of-memory', 'internal'] as const;
/** Milliseconds in which a loss is told, once something broke by it. */
const tellsWithin = 1000;

export class Failures {
  readonly #device: GPUDevice;
  /** The first that was reported. All reads after it fail: their numbers may be anything. */
  first: LowlandError | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    void device.lost.then(({ reason, message }) => {
      this.#keep(
        new LowlandError(
          'LOWLAND_E_WEBGPU_LOST',
          `The GPU was lost (${reason === 'destroyed' ? 'its device was destroyed' : message}). Open the backend anew, and resume the run from its last checkpoint.`,
          { details: { reason, message } },
        ),
      );
    });
    this.#watch();
  }

  /** @throws the first failure, where there was one */
  require(): void {
    if (this.first !== undefined) throw this.first;
  }

  /** Waits for what was reported of all work until now. @throws the first failure */
  async settle(): Promise<void> {
    const reports = filters.map(() => this.#device.popErrorScope());
    this.#watch();
    try {
      for (const report of await Promise.all(reports)) if (report !== null) this.#keep(failureOf(report));
    } catch (cause) {
      await this.lost(cause);
    }
    this.require();
  }

  /** What a promise of WebGPU was broken with: the loss of the device where that is why. */
  async lost(cause: unknown): Promise<never> {
    // What waits on a device breaks before its loss is told.
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.#device.lost, new Promise((resolve) => { timer = setTimeout(resolve, tellsWithin); })]);
    clearTimeout(timer);
    this.require();
    throw new LowlandError('LOWLAND_E_WEBGPU', `The GPU gave no answer: ${messageOf(cause)}`, { cause });
  }

  /** Reports of what `make` creates are about the shader of this name. */
  shader<T>(name: string, make: () => T): T {
    this.#device.pushErrorScope('validation');
    const made = make();
    void this.#device.popErrorScope().then(
      (report) => {
        if (report !== null) this.#keep(new LowlandError('LOWLAND_E_WEBGPU_SHADER', `The shader "${name}" was refused by this GPU or its driver; please report it. ${report.message}`, { details: { shader: name } }));
      },
      () => undefined,
    );
    return made;
  }

  #keep(error: LowlandError): void {
    this.first ??= error;
  }

  #watch(): void {
    for (const filter of filters) this.#device.pushErrorScope(filter);
  }
}

function failureOf(report: GPUError): LowlandError {
  // The classes are no globals in Node.js.
  if (report.constructor.name === 'GPUOutOfMemoryError') {
    return new LowlandError('LOWLAND_E_MEMORY', `The GPU has no memory left. Use a smaller problem or rank, or the backend "cpu". ${report.message}`);
  }
  return new LowlandError('LOWLAND_E_WEBGPU', `WebGPU refused a call; please report it. ${report.message}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
