/** The GPU on the command line: SwiftShader, which must be there. */
import { swiftshader } from '@lowland/vitest-config/swiftshader';
import { expect, test, vi } from 'vitest';

import { call } from './testing.ts';

// Read when the first GPU is looked for.
Object.assign(process.env, swiftshader());

const problem = ['matrix-factorization', '--generate', 'rows=30,cols=20,rank=2,noise=0', '--rank', '2', '--backend', 'webgpu'] as const;

test('--backend webgpu solves in f32, and proves in f64', async () => {
  const { code, stdout } = await call('solve', ...problem, '--optimizer', 'gradient-descent', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    backend: 'webgpu',
    computing: { dtype: 'f32', adapter: expect.stringMatching(/./) as string },
    stop: { reason: 'converged' },
    polish: { method: 'trust-region', value: { before: expect.any(Number) as number } },
    verdict: { kind: 'global-minimum' },
    plan: { determinism: 'tolerance', readsPerStep: expect.anything() as unknown },
  });
});

test('the plan shows routes, kernels and memory before a GPU is looked for', async () => {
  const { code, stdout } = await call('plan', ...problem, '--json');
  expect(code).toBe(0);
  const { bytes, capabilities } = JSON.parse(stdout) as { bytes: number; capabilities: { name: string; route: string; kernels: string[] }[] };
  expect(bytes).toBeGreaterThan(4 * 30 * 20);
  expect(capabilities.find(({ name }) => name === 'valueAndGradient')).toMatchObject({ route: 'fused', kernels: expect.arrayContaining(['residualProducts']) as string[] });
});

test('f64 and problems that are functions on the host are refused with a reason', async () => {
  const wide = await call('plan', ...problem, '--backend.dtype', 'f64');
  expect(wide.code).toBe(2);
  expect(wide.stderr).toMatch(/f32[^]*4\.76\d*e-7[^]*LOWLAND_E_PRECISION/);
  const host = await call('plan', 'double-well', '--optimizer', 'gradient-descent', '--backend', 'webgpu');
  expect(host.code).toBe(3);
  expect(host.stdout).toMatch(/host[^]*LOWLAND_E_KERNEL/);
});

const looked = (command: string, ...more: readonly string[]) => call(command, ...problem, '--optimizer', 'gradient-descent', '--max-iterations', '3', '--quiet', ...more);

test('what analyses say of a point of the GPU is computed on the cpu, in f64, and documents say so', async () => {
  const { code, stdout } = await looked('spectrum', '--json', '--probes', '0', '--traceProducts', '0');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    computing: { run: { backend: 'webgpu', dtype: 'f32', adapter: expect.any(String) as string }, analysis: { backend: 'cpu', dtype: 'f64' } },
    result: { variables: 100, lowerBound: { value: expect.any(Number) as number } },
  });
});

test('a slice that is no polynomial is evaluated on the GPU, in f32, held against f64, and says so', async () => {
  const { code, stdout } = await looked('slice', '--loss', 'huber', '--second', 'random', '--grid', '9');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^The run computed on webgpu in f32; what follows is about the point named above, and computed on cpu in f64; the values of the section are webgpu's, in f32\.$/m);
  expect(stdout).toMatch(/six products with the data, in f32; where looked at, within [1-9]\.\de-\d/);
});

test('doctor says what works here, and what the rest lacks', async () => {
  vi.stubEnv('LOWLAND_BLAS', '/nowhere/libopenblas.so.0');
  const { code, stdout } = await call('doctor', '--json');
  const words = await call('doctor');
  vi.unstubAllEnvs();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    backends: {
      cpu: { usable: true, kernels: 'simd' },
      blas: { usable: false, code: 'LOWLAND_E_BLAS_MISSING', why: expect.stringMatching(/nowhere/) as string },
      webgpu: { usable: true, vendor: expect.any(String) as string, limits: { bufferBytes: expect.any(Number) as number }, numerics: { twoSum: expect.any(String) as string } },
    },
  });
  expect(words.stdout).toMatch(/^cpu\n {2}kernels: simd$[^]*^blas: not usable$[^]*^webgpu$[^]*^ {2}numerics\n {4}twoSum: /m);
});
