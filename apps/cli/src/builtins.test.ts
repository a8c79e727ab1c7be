import { blasInfo } from '@lowland/blas';
import { expect, test, vi } from 'vitest';

import { builtins, installed } from './builtins.ts';
import { main } from './main.ts';

const notFound = (name: string) => Object.assign(new Error(`Cannot find package '${name}' imported from builtins.js`), { code: 'ERR_MODULE_NOT_FOUND' });

test('backends of packages of their own come with them', async () => {
  expect((await builtins()).flatMap(({ backends = [] }) => backends.map(({ id }) => id))).toEqual(['cpu', 'blas', 'webgpu']);
});

test('without that package there is none, and no word about it', async () => {
  expect(await installed('@lowland/blas', () => Promise.reject(notFound('@lowland/blas')))).toEqual([]);
});

test('a package that is there and broken is an error', async () => {
  await expect(installed('@lowland/blas', () => Promise.reject(notFound('koffi')))).rejects.toThrow('koffi');
  await expect(installed('@lowland/blas', () => Promise.reject(new SyntaxError('Unexpected token')))).rejects.toThrow('Unexpected token');
});

const arguments_ = ['solve', 'matrix-factorization', '--generate', 'rows=30,cols=20,rank=2,noise=0', '--rank', '2', '--backend', 'blas', '--json'];

async function call(): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  }
  const code = await main(arguments_);
  vi.restoreAllMocks();
  return { code, ...said };
}

test('--backend blas says what to install where there is no library', async () => {
  vi.stubEnv('LOWLAND_BLAS', '/nowhere/libopenblas.so.0');
  const { code, stderr } = await call();
  vi.unstubAllEnvs();
  expect(code).toBe(2);
  expect(stderr).toMatch(/nowhere[^]*install[^]*LOWLAND_E_BLAS_MISSING/);
});

function hasLibrary(): boolean {
  try {
    return blasInfo().path !== '';
  } catch {
    return false;
  }
}

test.skipIf(process.env['CI'] === undefined && !hasLibrary())('--backend blas solves and proves', async () => {
  const { code, stdout } = await call();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    backend: 'blas',
    computing: { dtype: 'f64', library: blasInfo().path, vendor: blasInfo().vendor, threads: expect.any(Number) as number, kernels: 'simd' }, 
    stop: { reason: 'converged' },
    verdict: { kind: 'global-minimum' },
  });
});
