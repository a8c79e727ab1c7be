import { type Device, errorCode } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { cpu } from './backend.ts';
import { hostVector } from './device.ts';
import { withKernels } from './replaced.ts';

describe.each(['plain', 'wasm'] as const)('a device of %s kernels with one replaced', (kernels) => {
  it('calls what replaces, which can call what it replaces, and is else the same', () => {
    const device = withKernels(cpu({ kernels }).open() as Device, (own) => ({
      fill(out, value) {
        own.fill(out, 2 * value);
        hostVector(out)[0] = value;
      },
    }));
    const memory = device.memory();
    const [x, slot] = [memory.vector(4), memory.vector(1)];
    device.kernels.fill(device.view(x, 1, 3), 3);
    device.kernels.dot(x, x, slot);
    expect([device.read(x), device.scalar(slot), device.host!(x)]).toEqual([Float64Array.of(0, 3, 6, 6), 81, Float64Array.of(0, 3, 6, 6)]);
    device[Symbol.dispose]();
    let code: string | undefined;
    try {
      device.memory();
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe(kernels === 'wasm' ? 'LOWLAND_E_DISPOSED' : undefined);
  });
});
