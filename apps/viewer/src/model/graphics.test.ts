import { expect, it, vi } from 'vitest';

import { lackOf } from './graphics.ts';

const answering = (answer: Promise<GPUAdapter | null>) => ({ requestAdapter: () => answer });

it('says why there is no WebGPU: none in the browser, none for this page, no GPU, an error, no answer', async () => {
  vi.stubGlobal('isSecureContext', true);
  expect(await lackOf(undefined, 10)).toMatch(/^This browser has no WebGPU/);
  vi.stubGlobal('isSecureContext', false);
  expect(await lackOf(undefined, 10)).toMatch(/only to pages from https/);
  vi.unstubAllGlobals();
  expect(await lackOf(answering(Promise.resolve(null)), 10)).toMatch(/^WebGPU finds no GPU/);
  expect(await lackOf(answering(Promise.reject(new TypeError('blocked'))), 10)).toBe('WebGPU could not be asked: TypeError: blocked');
  expect(await lackOf(answering(new Promise(() => undefined)), 10)).toBe('WebGPU did not answer within 0.01 s.');
  expect(await lackOf(answering(Promise.resolve({} as GPUAdapter)), 10)).toBeNull();
});
