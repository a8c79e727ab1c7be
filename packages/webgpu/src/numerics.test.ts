/** What the device is asked about itself, and the words that all devices draw alike. */
import { normals, parseOptions, streamKey, words } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { driverIsNamed, useDevice } from '../test/devices.ts';
import plugin, { webgpu, webgpuInfo } from './index.ts';

const bench = useDevice();

describe('webgpuInfo', () => {
  // Of SwiftShader: what the notes of this backend measured. Another driver may differ in all of it.
  it.skipIf(driverIsNamed)('names SwiftShader, what it allows and how it rounds', async () => {
    const { numerics, limits, ...info } = await webgpuInfo();
    expect(info).toMatchObject({ vendor: 'google', architecture: 'swiftshader', fallback: true, sums: 'df64' });
    expect(limits).toMatchObject({ workgroupThreads: 256, workgroupBytes: 32768 });
    expect(limits.bufferBytes).toBeGreaterThanOrEqual(2 ** 27);
    expect(numerics).toEqual({
      twoSum: 'plain',
      twoProduct: 'plain',
      fusedMultiplyAdd: false,
      contracts: false,
      roundsDivision: true,
      roundsRoot: true,
      keepsSubnormals: false,
      keepsNonFinite: true,
      comparesNan: false,
    });
  });
});

describe('Philox', () => {
  it.each([[0, 0, 1], [1, 5, 7], [2 ** 53 - 1, 2 ** 40 + 3, 4096], [12345, 0, 0]])('seed %i, index %i: %i words, those of core', async (seed, index, count) => {
    const key = streamKey(seed, 'words', index);
    const expected = new Uint32Array(count);
    words(key, expected);
    expect(await bench.device.words(key, count)).toEqual(expected);
  });

  it('normals are those of the host, rounded once', async () => {
    const out = bench.memory.vector(1001);
    bench.device.kernels.normal(streamKey(3, 'normals', 2), out);
    const expected = new Float32Array(1001);
    normals(streamKey(3, 'normals', 2), expected);
    expect(await bench.device.read(out)).toEqual(Float64Array.from(expected));
  });
});

it('a backend names its GPU once that was opened', () => {
  expect(webgpu().details).toEqual({ sums: 'df64 where the self-test passes' });
  expect(bench.backend.details['adapter']).toMatch(driverIsNamed ? /./ : /swiftshader/);
});

describe('the definition', () => {
  const definition = plugin.backends![0]!;
  const make = (given: Record<string, unknown>) => definition.create(parseOptions(definition.options, given, definition.id));

  it('makes the backend of its options', () => {
    expect(make({})).toMatchObject({ id: 'webgpu', dtype: 'f32', sync: false, determinism: 'tolerance', limits: { bufferBytes: 2 ** 27 } });
    expect(make({ bufferBytes: 2 ** 28 }).limits.bufferBytes).toBe(2 ** 28);
    expect(() => make({ dtype: 'f64' })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_PRECISION' }));
    expect(() => make({ dispatchMilliseconds: 0 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
    expect(() => webgpu({ dispatchMilliseconds: NaN })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
    expect(() => make({ power: 'much' })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
  });
});
