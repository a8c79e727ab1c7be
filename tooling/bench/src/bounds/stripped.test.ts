import { expect, test } from 'vitest';

import { Assembly, f64, i32, v128, vector } from '../../../../packages/linalg/src/wasm/asm.ts';
import { observedModule } from '../../../../packages/linalg/src/wasm/observed-module.ts';
import { innermostLoops, stripped } from './stripped.ts';

test('of a sum nothing is left but its first operand; loads and stores stay', () => {
  const lanes = vector('f64');
  const asm = new Assembly();
  asm.func('run', { at: 'i32' }, (f, { at }) => {
    f.do(v128.store(at, lanes.add(lanes.mul(v128.load(at), v128.load(at, 16)), v128.load(at, 32)), 48));
    f.do(f64.store(at, f64.sub(f64.load(at, 8), f64.load(at, 16)), 64));
    return undefined;
  });
  const code = asm.assemble();
  const run = (bytes: Uint8Array<ArrayBuffer>): readonly number[] => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const numbers = new Float64Array(memory.buffer, 0, 9);
    numbers.set([2, 3, 5, 7, 11, 13]);
    (new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports['run'] as (at: number) => void)(0);
    return [...numbers.subarray(6)];
  };
  expect(run(code)).toEqual([2 * 5 + 11, 3 * 7 + 13, 3 - 5]);
  expect(run(stripped(code))).toEqual([2, 3, 3]);
});

test('an instruction that is not known is refused', () => {
  const asm = new Assembly();
  asm.func('run', { at: 'i32' }, (f, { at }) => {
    f.copy(at, i32.add(at, 8), 8);
    return undefined;
  });
  expect(() => stripped(asm.assemble())).toThrow(/0xfc/);
});

test('counts of the passes at rank 10: two entries, one, then sums of four rows, of one', () => {
  const code = (name: 'products' | 'gathered') => observedModule('f64', false, 10, name).assemble();
  // Residuals of two: their rows of v and two numbers of data; 18 sums and products, their lanes added, then residuals and squares.
  expect(innermostLoops(code('products')).slice(0, 4)).toEqual([
    { loads: 11, stores: 1, arithmetic: 18 + 3 + 3 },
    { loads: 6, stores: 1, arithmetic: 13 },
    { loads: 24, stores: 0, arithmetic: 40 },
    { loads: 6, stores: 0, arithmetic: 10 },
  ]);
  expect(innermostLoops(code('gathered')).slice(0, 2)).toEqual([
    { loads: 24, stores: 0, arithmetic: 40 },
    { loads: 6, stores: 0, arithmetic: 10 },
  ]);
  for (const name of ['products', 'gathered'] as const) {
    const [whole, bare] = [innermostLoops(code(name)), innermostLoops(stripped(code(name)))];
    expect(bare).toEqual(whole.map((loop) => ({ ...loop, arithmetic: 0 })));
  }
});
