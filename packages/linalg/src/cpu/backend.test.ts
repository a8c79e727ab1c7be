import type { Device } from '@lowland/core';
import { backendChecks } from '@lowland/core/testing';
import { describe, expect, it } from 'vitest';

import { liveBytes } from '../wasm/shared.ts';
import { hasRelaxedSimd } from '../wasm/support.ts';
import { cpu } from './backend.ts';

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
  it('is SIMD by default, in bits; relaxed only when asked for, within tolerances', () => {
    expect([cpu().variant, cpu().dtype, cpu().determinism]).toEqual(['simd', 'f64', 'bits']);
    expect(backends.map(({ variant, determinism }) => [variant, determinism])).toEqual(
      variants.flatMap((kernels) => Array.from({ length: 2 }, () => [kernels === 'wasm' ? 'simd' : kernels, kernels === 'relaxed' ? 'tolerance' : 'bits'])));
  });

  it('has host() in f64 only', () => {
    for (const backend of backends) expect([backend.kernels.has('host'), (backend.open() as Device).host !== undefined]).toEqual(Array.from({ length: 2 }, () => backend.dtype === 'f64'));
  });
});

describe('options that are none', () => {
  it.each([{ kernels: 'fast' }, { dtype: 'f16' }, { threads: 2 }, { threads: null }])('are refused: %o', (options) => {
    expect(() => cpu(options as object)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
  });
});
