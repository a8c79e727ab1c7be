/** Every shader: its text declares what its record says, and WebGPU takes it, on a device that only checks. */
import { describe, expect, it } from 'vitest';

import { shaders } from '../test/shaders.ts';
import { findAdapter, findGpu } from './runtime/gpu.ts';
import { blockBytes, type Shader } from './runtime/shader.ts';

describe.each(shaders.map((shader) => [shader.name, shader] as const))('%s', (_, { code, buffers, parameters, name }: Shader) => {
  it('declares the buffers and parameters of its record, in this order', () => {
    const declared = [...code.matchAll(/@group\(0\) @binding\((\d+)\) var<storage, (read|read_write)> (\w+): array<(\w+)>;/g)];
    expect(declared.map(([, binding, access, variable, type]) => [Number(binding), variable, `${access === 'read' ? 'read' : 'write'} ${type!}`])).toEqual(
      Object.entries(buffers).map(([variable, use], i) => [i + 1, variable, use]),
    );
    const struct = /struct Parameters \{([^}]*)\}/.exec(code)![1]!;
    expect([...struct.matchAll(/(\w+): (\w+),/g)].map(([, field, type]) => [field, type])).toEqual(Object.entries(parameters));
    expect(4 * Object.keys(parameters).length).toBeLessThanOrEqual(blockBytes);
    // what every device allows
    expect(Object.keys(buffers).length).toBeLessThanOrEqual(8);
  });

  it('uses all that it declares', () => {
    expect(Object.keys(buffers).filter((variable) => !new RegExp(String.raw`\b${variable}\[`).test(code))).toEqual([]);
    expect(Object.keys(parameters).filter((field) => !new RegExp(String.raw`\bp\.${field}\b`).test(code))).toEqual([]);
  });

  it('is taken by WebGPU', async () => {
    const device = await (await findAdapter(await findGpu(['backend=null']), undefined)).requestDevice();
    const module = device.createShaderModule({ label: name, code });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ lineNum, message }) => `${lineNum}: ${message}`)).toEqual([]);
    device.destroy();
  });
});

it('no two shaders share a name, by which pipelines are remembered', () => {
  expect(new Set(shaders.map(({ name }) => name)).size).toBe(shaders.length);
});
