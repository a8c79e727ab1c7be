/**
 * Two backends for tests, each strict about the contract and neither fast.
 */
import { baseKernelNames, type Backend, type KernelName } from '../device.ts';
import { macrotask } from '../macrotask.ts';
import { testDevice, type PlainKernel, type Usage } from './test-device.ts';

/** A backend that tells what its devices hold and how often they were read. */
export interface TestBackend extends Backend {
  readonly usage: Readonly<Usage>;
}

export interface TestBackendOptions {
  /** Kernels beyond the base set, by name, over plain arrays: what packages lend it so that their plugins run on it. */
  readonly extra?: Readonly<Record<string, PlainKernel>>;
  readonly limits?: Backend['limits'];
}

export interface AsyncBackendOptions extends TestBackendOptions {
  /** When reads answer: after a turn of the event loop (default), after a microtask, or after so many milliseconds. */
  readonly reads?: 'macrotask' | 'microtask' | number;
}

function testBackend(id: string, sync: boolean, later: <T>(value: T) => T | Promise<T>, options: TestBackendOptions): TestBackend {
  const extra = options.extra ?? {};
  const usage: Usage = { devices: 0, live: 0, reads: 0, writes: 0, kernels: 0 };
  const dtype = sync ? 'f64' : 'f32';
  return {
    id,
    dtype,
    sync,
    kernels: new Set([...baseKernelNames, ...(Object.keys(extra) as KernelName[]), ...(sync ? (['host'] as const) : [])]),
    limits: options.limits ?? { bytes: 2 ** 31, bufferBytes: 2 ** 31 },
    determinism: 'bits',
    usage,
    open: () => later(testDevice({ dtype, sync, host: sync, extra, usage, later })),
  };
}

/** A synchronous f64 backend of plain loops: the oracle that others are compared with. */
export function referenceBackend(options: TestBackendOptions = {}): TestBackend {
  return testBackend('reference', true, (value) => value, options);
}

/**
 * An asynchronous f32 backend with opaque handles: what a GPU looks like to a plugin. What runs on it unchanged keeps the
 * alias rule, frees its memory and waits for its reads.
 */
export function asyncBackend(options: AsyncBackendOptions = {}): TestBackend {
  const { reads = 'macrotask' } = options;
  const later = async <T>(value: T): Promise<T> => {
    if (reads === 'macrotask') await macrotask();
    else if (reads !== 'microtask') await new Promise((resolve) => setTimeout(resolve, reads));
    return value;
  };
  return testBackend('async', false, later, options);
}
