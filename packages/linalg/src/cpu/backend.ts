import { type Backend, baseKernelNames, type Dtype, type KernelName, LowlandError } from '@lowland/core';

import { maximumArenaBytes } from '../wasm/arena.ts';
import { WasmDevice } from '../wasm/device.ts';
import { wasmKernels } from '../wasm/kernels.ts';
import { sharedArena, sharedLibrary } from '../wasm/shared.ts';
import { hasRelaxedSimd, hasSimd } from '../wasm/support.ts';
import { PlainDevice } from './device.ts';
import { extraKernelNames } from './plain-kernels.ts';

export interface CpuOptions {
  /**
   * `auto` (the default): WebAssembly kernels where the engine compiles them, else plain TypeScript (a content-security policy without
   * `wasm-unsafe-eval` forbids WebAssembly); `variant` of the backend says which. `wasm` and `plain` insist on one. `relaxed` uses
   * fused multiply-add where the engine has relaxed SIMD: other bits from machine to machine, determinism `tolerance`.
   */
  readonly kernels?: 'auto' | 'wasm' | 'plain' | 'relaxed';
  /** Default f64. */
  readonly dtype?: Dtype;
}

/** Which kernels run. Bits are the same within one variant and number type; in f64 `plain` and `simd` agree, too. */
export type CpuVariant = 'plain' | 'simd' | 'relaxed';

export interface CpuBackend extends Backend {
  readonly variant: CpuVariant;
}

/**
 * The `cpu` backend: synchronous, one thread, WebAssembly SIMD kernels emitted at run time, plain TypeScript where there are none.
 *
 * WebAssembly devices of a process share one memory of at most 4 GiB; plain ones have the heap.
 *
 * @throws LOWLAND_E_WEBASSEMBLY when `wasm` or `relaxed` is insisted on and the engine or a policy refuses it
 * @example
 * const solution = await solve(objective, optimizer, { backend: cpu() });
 */
export function cpu({ kernels = 'auto', dtype = 'f64' }: CpuOptions = {}): CpuBackend {
  const variant = choose(kernels);
  const names: KernelName[] = [...baseKernelNames, ...extraKernelNames];
  if (dtype === 'f64') names.push('host');
  return {
    id: 'cpu',
    dtype,
    sync: true,
    variant,
    kernels: new Set(names),
    limits: variant === 'plain' ? { bytes: 2 ** 34, bufferBytes: 2 ** 33 } : { bytes: maximumArenaBytes, bufferBytes: maximumArenaBytes },
    determinism: variant === 'relaxed' ? 'tolerance' : 'bits',
    open: () => (variant === 'plain' ? new PlainDevice(dtype) : openShared(dtype, variant === 'relaxed')),
  };
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

/** The kernels of a variant for the shared memory. */
function openShared(dtype: Dtype, relaxed: boolean): WasmDevice {
  const arena = sharedArena();
  return new WasmDevice(arena, dtype, wasmKernels(arena, sharedLibrary(dtype, relaxed), dtype));
}
