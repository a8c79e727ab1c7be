/** What every backend must do, on SwiftShader. */
import { backendChecks } from '@lowland/core/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { webgpu } from './index.ts';

const backend = webgpu();
afterAll(() => backend[Symbol.asyncDispose]());

describe('the shared suite', () => {
  it.each(backendChecks(backend))('$name', async ({ run }) => {
    await run();
    expect(backend.usage).toEqual({ devices: 0, buffers: 0, bytes: 0 });
  });
});
