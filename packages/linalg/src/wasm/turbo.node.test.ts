import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

// The flag holds for a whole process: these processes have nothing else to do.
const script = (body: string) => `
  import { cpu, enableTurbo } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
  const product = () => {
    const device = cpu({ kernels: 'wasm' }).open();
    const memory = device.memory();
    const matrix = () => {
      const x = memory.vector(70 * 70);
      device.write(x, Float64Array.from({ length: 4900 }, (_, i) => Math.sin(i)));
      return device.matrix(x, 0, 70, 70);
    };
    const [a, b, c] = [matrix(), matrix(), matrix()];
    for (let round = 0; round < 50; round++) device.kernels.gemm('N', 'T', 1, a, b, 0, c);
    return device.read(c).join();
  };
  ${body}`;
const run = (body: string): unknown =>
  JSON.parse(execFileSync(process.execPath, ['--conditions=@lowland/source', '--no-warnings', '--input-type=module', '--eval', script(body)], { encoding: 'utf8' }));

it('goes on where the engine has it, with the same results, before and after devices were opened', () => {
  const major = Number.parseInt(process.versions.node, 10);
  expect(run('const before = product(); const on = enableTurbo(); console.log(JSON.stringify([on, product() === before, enableTurbo() === on]));')).toEqual([
    major >= 24 && process.arch === 'x64',
    true,
    true,
  ]);
});

it('stays off where this is not Node, and where there is no WebAssembly', () => {
  expect(run('process.getBuiltinModule = undefined; console.log(JSON.stringify(enableTurbo()));')).toBe(false);
  expect(run('globalThis.WebAssembly = undefined; console.log(JSON.stringify(enableTurbo()));')).toBe(false);
});
