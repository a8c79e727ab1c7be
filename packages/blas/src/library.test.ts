import { errorCode } from '@lowland/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { describeNative } from '../test/system.ts';
import { blas } from './blas.ts';
import { blasInfo } from './info.ts';
import { openLibrary } from './library.ts';
import { loadKoffi } from './native.ts';
import { platformOf } from './platforms.ts';
import { symmetricEigen, thinQr, thinSvd } from './index.ts';

function caught(run: () => unknown): { code: string | undefined; message: string } {
  try {
    run();
  } catch (error) {
    return { code: errorCode(error), message: (error as Error).message };
  }
  return { code: undefined, message: '' };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a library that is not there', () => {
  it('is an error that names it and says what to install', () => {
    vi.stubEnv('LOWLAND_BLAS', '/nowhere/libopenblas.so.0');
    const identity = { rows: 1, cols: 1, data: Float64Array.of(1) };
    for (const run of [() => blas(), () => blasInfo(), () => openLibrary(), () => symmetricEigen(identity), () => thinSvd(identity), () => thinQr(identity)]) {
      const { code, message } = caught(run);
      expect(code).toBe('LOWLAND_E_BLAS_MISSING');
      expect(message).toContain('/nowhere/libopenblas.so.0');
      expect(message).toContain(platformOf(process.platform).install);
    }
  });

  it('is not replaced by another when an option names it', () => {
    expect(caught(() => blas({ library: 'libnothing-of-this-name.so' })).code).toBe('LOWLAND_E_BLAS_MISSING');
  });

  it('is found out too when the file is something else', () => {
    const { code, message } = caught(() => openLibrary(process.execPath));
    expect(code).toBe('LOWLAND_E_BLAS_MISSING');
    expect(message).toContain(process.execPath);
  });

  it('may be koffi', () => {
    const { code, message } = caught(() => loadKoffi(() => { throw new Error("Cannot find module 'koffi'"); }));
    expect(code).toBe('LOWLAND_E_BLAS_MISSING');
    expect(message).toContain('npm install koffi');
  });

  it.each(['linux', 'darwin', 'win32', 'freebsd'])('has usual places and a hint on %s', (name) => {
    const { libraries, install } = platformOf(name);
    expect(libraries.some((library) => library.includes('openblas'))).toBe(true);
    expect(new Set(libraries).size).toBe(libraries.length);
    expect(install).toContain('openblas');
  });
});

describeNative("this system's library", () => {
  it('is opened once, and named', () => {
    expect(openLibrary()).toBe(openLibrary());
    const { path, vendor, config, core, integers, lapack } = blasInfo();
    expect(path).not.toBe('');
    expect([32, 64]).toContain(integers);
    if (vendor === 'OpenBLAS') {
      expect(config).toMatch(/^OpenBLAS \d+\.\d+/);
      expect(config.includes('USE64BITINT')).toBe(integers === 64);
      expect(core).toMatch(/\w+/);
      expect(lapack).toBe(path);
    }
  });

  it('can be named by its path', () => {
    const { path, vendor } = blasInfo();
    expect(blasInfo({ library: path })).toMatchObject({ path, vendor });
    vi.stubEnv('LOWLAND_BLAS', path);
    expect(blasInfo()).toMatchObject({ path, vendor });
  });

  it('uses the threads that are asked for, whoever asked before', () => {
    if (blasInfo().vendor !== 'OpenBLAS') return;
    expect([1, 2, 1].map((threads) => blasInfo({ threads }).threads)).toEqual([1, 2, 1]);
  });

  it('refuses threads and number types that are none', () => {
    for (const threads of [0, 1.5, NaN, -1]) expect(caught(() => blas({ threads })).code).toBe('LOWLAND_E_OPTIONS');
    expect(caught(() => blas({ dtype: 'f16' as 'f32' })).code).toBe('LOWLAND_E_OPTIONS');
  });
});
