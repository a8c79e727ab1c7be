import type { Device } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { cpu } from './backend.ts';
import { hostKernels } from './plain-kernels.ts';

describe.each([cpu({ kernels: 'plain' }), cpu(), cpu({ dtype: 'f32' })])('divideByRoot on cpu, $variant $dtype', (backend) => {
  it('divides by the shifted root, each entry rounded as it should be', () => {
    using device = backend.open() as Device;
    using memory = device.memory();
    const round = backend.dtype === 'f32' ? Math.fround : (x: number) => x;
    const [x, y] = [Float64Array.from([3, -1, 0, 0.1, 1e-30]), Float64Array.from([4, 0.3, 0, 1e-20, 7])];
    const [given, squares, out] = [memory.vector(5), memory.vector(5), memory.vector(5)];
    device.write(given, x);
    device.write(squares, y);
    device.kernels.divideByRoot!(given, squares, 1e-8, out);
    const expected = x.map((xi, i) => round(round(xi) / (Math.sqrt(round(y[i]!)) + 1e-8)));
    expect(device.read(out)).toEqual(expected);
  });

  it('refuses lengths that differ', () => {
    using device = backend.open() as Device;
    using memory = device.memory();
    const [two, three] = [memory.vector(2), memory.vector(3)];
    expect(() => { device.kernels.divideByRoot!(two, three, 1, three); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error);
  });
});

it('is lent to devices of others', () => {
  const out = new Float64Array(1);
  hostKernels.divideByRoot(Float64Array.of(6), Float64Array.of(4), 1, out);
  expect(out[0]).toBe(2);
});
