/** What `cpu()` and host factorisations choose in engines without WebAssembly. Only Node.js loads a module anew; browsers are asked in tooling/browser. */
import { errorCode, type Device } from '@lowland/core';
import { afterEach, expect, it, vi } from 'vitest';

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

it('factorises on the heap where there is no WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const { withWorkspace } = await import('../factor/workspace.ts');
  expect(withWorkspace((workspace) => workspace.constructor.name)).toBe('PlainWorkspace');
});
