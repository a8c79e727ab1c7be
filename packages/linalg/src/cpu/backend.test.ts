import { errorCode, type Device } from '@lowland/core';
import { backendChecks } from '@lowland/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { hasRelaxedSimd } from '../wasm/support.ts';
import { cpu, liveBytes } from './backend.ts';

const variants = ['plain', 'wasm', ...(hasRelaxedSimd() ? ['relaxed' as const] : [])] as const;
const backends = variants.flatMap((kernels) => (['f64', 'f32'] as const).map((dtype) => cpu({ kernels, dtype })));

describe.each(backends)('cpu, $variant $dtype', (backend) => {
  it.each(backendChecks(backend))('$name', async (check) => {
    const live = liveBytes();
    await check.run();
    // Scratch of kernels may have grown; what the check took is back.
    expect(liveBytes() - live).toBeLessThan(2 ** 18);
  });
});

describe('the variant', () => {
  function forbidden() {
    throw new WebAssembly.CompileError('refused by the content security policy');
  }
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return errorCode(error);
    }
    return undefined;
  };
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('is SIMD by default, in bits; relaxed only when asked for, within tolerances', () => {
    expect([cpu().variant, cpu().dtype, cpu().determinism]).toEqual(['simd', 'f64', 'bits']);
    expect(backends.map(({ variant, determinism }) => [variant, determinism])).toEqual(
      variants.flatMap((kernels) => Array.from({ length: 2 }, () => [kernels === 'wasm' ? 'simd' : kernels, kernels === 'relaxed' ? 'tolerance' : 'bits'])));
  });

  it('has host() in f64 only', () => {
    for (const backend of backends) expect([backend.kernels.has('host'), (backend.open() as Device).host !== undefined]).toEqual(Array.from({ length: 2 }, () => backend.dtype === 'f64'));
  });

  it.each([
    ['there is no WebAssembly', undefined],
    // What browsers do under a policy without 'wasm-unsafe-eval'.
    ['a content-security policy forbids it', { Module: forbidden }],
  ])('is plain where %s', async (_, stub) => {
    vi.stubGlobal('WebAssembly', stub);
    vi.resetModules();
    const fresh = await import('./backend.ts');
    const backend = fresh.cpu();
    expect(backend.variant).toBe('plain');
    const device = backend.open() as Device;
    const x = device.memory().vector(3);
    device.kernels.fill(x, 2);
    const slot = device.memory().vector(1);
    device.kernels.dot(x, x, slot);
    expect(device.scalar(slot)).toBe(12);
    expect([code(() => fresh.cpu({ kernels: 'wasm' })), code(() => fresh.cpu({ kernels: 'relaxed' }))]).toEqual(['LOWLAND_E_WEBASSEMBLY', 'LOWLAND_E_WEBASSEMBLY']);
  });
});
