import { type Backend, baseKernelNames, type Dtype, type KernelName, LowlandError } from '@lowland/core';

import type { Threads } from '../threads/threads.ts';
import { maximumArenaBytes } from '../wasm/arena.ts';
import { WasmDevice } from '../wasm/device.ts';
import { wasmKernels } from '../wasm/kernels.ts';
import { sharedSite } from '../wasm/shared.ts';
import type { Site } from '../wasm/site.ts';
import { hasRelaxedSimd, hasSimd } from '../wasm/support.ts';
import { PlainDevice } from './device.ts';
import { extraKernelNames } from './plain-kernels.ts';

const kernelChoices = ['auto', 'wasm', 'plain', 'relaxed'] as const;

/** What runs, in which number type, on how many threads. */
export interface CpuOptions {
  /**
   * `auto` (the default): WebAssembly kernels where the engine compiles them, else plain TypeScript (a content-security policy without
   * `wasm-unsafe-eval` forbids WebAssembly); `variant` of the backend says which. `wasm` and `plain` insist on one. `relaxed` uses
   * fused multiply-add where the engine has relaxed SIMD: other bits from machine to machine, determinism `tolerance`.
   */
  readonly kernels?: (typeof kernelChoices)[number];
  /** Default f64. */
  readonly dtype?: Dtype;
  /** A pool of `openThreads`, from `@lowland/linalg/threads`: kernels with enough work use it. The bits are those of one thread. */
  readonly threads?: Threads;
}

/** Which kernels run. Bits are the same within one variant and number type; in f64 `plain` and `simd` agree, too. */
export type CpuVariant = 'plain' | 'simd' | 'relaxed';

/** A backend that says which kernels were chosen. */
export interface CpuBackend extends Backend {
  readonly variant: CpuVariant;
}

/**
 * The `cpu` backend: synchronous, WebAssembly SIMD kernels emitted at run time, plain TypeScript where there are none; one thread,
 * unless it is given more.
 *
 * WebAssembly devices of a process share one memory of at most 4 GiB, those of a pool another one; plain ones have the heap.
 *
 * @throws LOWLAND_E_WEBASSEMBLY when `wasm` or `relaxed` is insisted on and the engine or a policy refuses it
 * @throws LOWLAND_E_OPTIONS for kernels, a number type or threads that are none, and for `plain` kernels with threads: they have no shared memory;
 *   `open()` throws LOWLAND_E_THREADS for a pool that is not open
 * @example
 * const solution = await solve(objective, optimizer, { backend: cpu() });
 */
export function cpu({ kernels = 'auto', dtype = 'f64', threads }: CpuOptions = {}): CpuBackend {
  requireOneOf('Kernels are', kernelChoices, kernels);
  requireOneOf('The number type is', ['f64', 'f32'], dtype);
  if (threads !== undefined) requirePool(threads);
  const variant = choose(kernels);
  if (threads !== undefined && variant === 'plain') throw new LowlandError('LOWLAND_E_OPTIONS', 'Plain kernels run on one thread. Use kernels "auto" with threads.');
  const names: KernelName[] = [...baseKernelNames, ...extraKernelNames, 'immediate'];
  if (dtype === 'f64') names.push('host');
  return {
    id: 'cpu',
    dtype,
    sync: true,
    variant,
    kernels: new Set(names),
    limits: variant === 'plain' ? { bytes: 2 ** 34, bufferBytes: 2 ** 33 } : { bytes: maximumArenaBytes, bufferBytes: maximumArenaBytes },
    determinism: variant === 'relaxed' ? 'tolerance' : 'bits',
    details: { kernels: variant, threads: threads?.count ?? 1 },
    open: () => (variant === 'plain' ? new PlainDevice(dtype) : openOn(threads === undefined ? sharedSite() : siteOf(threads), dtype, variant === 'relaxed')),
  };
}

function requireOneOf(what: string, choices: readonly string[], given: string): void {
  if (choices.includes(given)) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `${what} ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)!}; ${given} was given.`, { details: { given } });
}

function requirePool(threads: unknown): void {
  if (typeof threads === 'object' && threads !== null && '~site' in threads) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', 'Threads are a pool: cpu({ threads: await openThreads({ count }) }), of @lowland/linalg/threads; something else was given.', { details: { threads } });
}

function choose(kernels: NonNullable<CpuOptions['kernels']>): CpuVariant {
  if (kernels === 'plain') return 'plain';
  if (kernels === 'relaxed') {
    if (hasRelaxedSimd()) return 'relaxed';
    throw new LowlandError('LOWLAND_E_WEBASSEMBLY', 'This engine has no relaxed SIMD, or a content-security policy forbids WebAssembly. Use kernels "auto".');
  }
  if (hasSimd()) return 'simd';
  if (kernels === 'auto') return 'plain';
  throw new LowlandError('LOWLAND_E_WEBASSEMBLY', 'This engine has no WebAssembly SIMD, or a content-security policy forbids WebAssembly. Use kernels "auto" or "plain".');
}

function openOn(site: Site, dtype: Dtype, relaxed: boolean): WasmDevice {
  return new WasmDevice(site.arena, dtype, wasmKernels(site.arena, site.library(dtype, relaxed), dtype));
}

/** @throws LOWLAND_E_THREADS when the pool has no workers any more */
function siteOf(threads: Threads): Site {
  if (threads.state === 'open') return threads['~site'] as Site;
  throw new LowlandError('LOWLAND_E_THREADS', `The pool of threads is ${threads.state}. Open a new one.`, { details: { state: threads.state } });
}
