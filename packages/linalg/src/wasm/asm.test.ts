import { describe, expect, it } from 'vitest';

import { Assembly, f32, f64, i32, v128, vector, type Signature } from './asm.ts';
import { gemmModule } from './gemm-module.ts';
import { residualModule } from './residual-module.ts';
import { sparseModule } from './sparse-module.ts';
import { hasRelaxedSimd } from './support.ts';
import { triangularModule } from './triangular-module.ts';
import { vectorModule } from './vector-module.ts';

function instance(asm: Assembly) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(asm.assemble()), { env: { memory } });
  return { memory, call: exports as Record<string, (...args: number[]) => number> };
}

describe('the assembler', () => {
  it('encodes constants of every size', () => {
    const numbers = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 2 ** 27, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1];
    const asm = new Assembly();
    numbers.forEach((n, k) => asm.func(`i${String(k)}`, {}, () => i32.add(n, 0)));
    const floats = [0, -0, 1.5, Math.PI, -1e300, 2 ** -1074, Infinity, NaN];
    floats.forEach((x, k) => {
      asm.func(`d${String(k)}`, {}, () => f64.mul(x, 1));
      asm.func(`s${String(k)}`, {}, () => f32.mul(x, 1));
    });
    const { call } = instance(asm);
    expect(numbers.map((_, k) => call[`i${String(k)}`]!())).toEqual(numbers.map((n) => n | 0));
    expect(floats.map((_, k) => call[`d${String(k)}`]!())).toEqual(floats);
    expect(floats.map((_, k) => call[`s${String(k)}`]!())).toEqual(floats.map(Math.fround));
  });

  it('counts loops, takes branches, calls functions, treats addresses as unsigned', () => {
    const asm = new Assembly();
    const square = asm.func('square', { x: 'i32' }, (_, { x }) => i32.mul(x, x));
    const sum = asm.func('sum', { n: 'i32' }, (f, { n }) => {
      const [i, total] = [f.local('i32'), f.local('i32')];
      f.loop(i, n, 1, () => {
        f.if(i32.and(i, 1), () => { f.advance(total, i); }, () => { f.set(total, i32.add(total, i32.mul(i, i))); });
      });
      return total;
    });
    asm.func('store', { at: 'i32', n: 'i32' }, (f, { at, n }) => {
      f.call(square, { x: n });
      f.do([0x1a]); // drop
      f.do(i32.store(at, 7));
      return undefined;
    });
    asm.func('above', { a: 'i32', b: 'i32' }, (_, { a, b }) => i32.gt(a, b));
    const { call, memory } = instance(asm);
    expect(sum.signature).toEqual({ n: 'i32' } satisfies Signature);
    expect([0, 1, 2, 6].map((n) => call['sum']!(n))).toEqual([0, 0, 1, 29]);
    call['store']!(16, 3);
    expect(new Int32Array(memory.buffer)[4]).toBe(7);
    expect(call['above']!(-1, 1)).toBe(1);
  });

  it('knows its vectors', () => {
    const asm = new Assembly();
    const lanes = vector('f64');
    asm.func('lanes', { at: 'i32', x: 'f64' }, (f, { at, x }) => {
      const v = f.local('v128', lanes.madd(lanes.splat(x), v128.load(at), lanes.loadLane(i32.add(at, 8), lanes.loadLow(at), 1), false));
      f.do(v128.store(at, lanes.div(v, lanes.splat(2)), 16));
      return lanes.extract(v, 1);
    });
    const { call, memory } = instance(asm);
    const numbers = new Float64Array(memory.buffer);
    numbers.set([3, 5]);
    expect(call['lanes']!(0, 3)).toBe(20);
    expect([...numbers.subarray(2, 4)]).toEqual([6, 10]);
  });
});

it('all kernel modules are valid, and small', () => {
  for (const dtype of ['f64', 'f32'] as const) {
    for (const relaxed of hasRelaxedSimd() ? [false, true] : [false]) {
      const modules = [gemmModule(dtype, relaxed, !relaxed), ...[0, 10, 16].map((rank) => residualModule(dtype, relaxed, { rank, paced: !relaxed, inOrder: rank > 0 })), vectorModule(dtype, relaxed), triangularModule(dtype), ...[0, 1, 10, 23, 64].map((rank) => sparseModule(dtype, relaxed, rank))];
      for (const module of modules) {
        const bytes = module.assemble();
        expect([WebAssembly.validate(bytes), bytes.length < 16384]).toEqual([true, true]);
      }
    }
  }
});
