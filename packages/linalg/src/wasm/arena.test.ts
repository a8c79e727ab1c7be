import { errorCode } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { PlainDevice } from '../cpu/device.ts';
import { Arena } from './arena.ts';
import { WasmDevice } from './device.ts';
import { wasmKernels } from './kernels.ts';
import { Library } from './library.ts';

/** A device of its own, over a memory of at most so many bytes. */
function device(maximumBytes?: number) {
  const arena = new Arena(maximumBytes);
  return { arena, device: new WasmDevice(arena, 'f64', wasmKernels(arena, new Library(arena, 'f64', false), 'f64')) };
}
function code(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return errorCode(error);
  }
  return undefined;
}

describe('Arena', () => {
  it('gives zeroed blocks that do not overlap, also out of memory that was used', () => {
    const arena = new Arena();
    let state = 1;
    const random = (n: number) => (state = (state * 48271) % 0x7fffffff) % n;
    const blocks = new Map<number, number>();
    for (let round = 0; round < 1000; round++) {
      if (blocks.size > 40 || (blocks.size > 0 && random(2) === 0)) {
        const [at, bytes] = [...blocks][random(blocks.size)]!;
        blocks.delete(at);
        arena.free(at, bytes);
      } else {
        const bytes = 1 + random(round % 10 === 0 ? 300_000 : 2_000);
        const at = arena.allocate(bytes);
        const mine = new Uint8Array(arena.memory.buffer, at, bytes);
        expect([at % 64, mine.every((byte) => byte === 0)]).toEqual([0, true]);
        for (const [other, size] of blocks) expect(at + bytes <= other || other + size <= at).toBe(true);
        mine.fill(255);
        blocks.set(at, bytes);
      }
    }
    for (const [at, bytes] of blocks) arena.free(at, bytes);
    expect(arena.live).toBe(0);
    // All spans are joined again: one block of everything fits without growing.
    const { epoch } = arena;
    arena.allocate(arena.memory.buffer.byteLength - 65_536);
    expect(arena.epoch).toBe(epoch);
  });

  it('refuses what it cannot hold, and goes on', () => {
    const arena = new Arena(2 ** 21);
    const at = arena.allocate(1000);
    for (const bytes of [2 ** 21, 2 ** 32, 2 ** 40, 2 ** 53]) expect(code(() => arena.allocate(bytes))).toBe('LOWLAND_E_MEMORY');
    expect(code(() => arena.work(2 ** 22))).toBe('LOWLAND_E_MEMORY');
    arena.f64[at / 8] = 7;
    const other = arena.allocate(1_500_000);
    expect([arena.f64[at / 8], other > at]).toEqual([7, true]);
    arena.free(other, 1_500_000);
    arena.free(at, 1000);
    expect(arena.live).toBe(0);
  });
});

describe('the device over an arena', () => {
  it('keeps handles valid while the memory grows and moves', () => {
    const { arena, device: cpu } = device();
    const memory = cpu.memory();
    const x = memory.vector(3);
    const part = cpu.view(x, 1, 2);
    cpu.write(x, Float64Array.of(1, 2, 3));
    const before = cpu.host!(part);
    expect(cpu.host!(part)).toBe(before);
    const large = memory.vector(2 ** 20);
    expect([before.length, arena.epoch > 1]).toEqual([0, true]);
    expect(cpu.host!(part)).toEqual(Float64Array.of(2, 3));
    cpu.kernels.copy(x, cpu.view(large, 2 ** 20 - 3, 3));
    expect([cpu.scalar(large, 2 ** 20 - 1), cpu.scalar(part)]).toEqual([3, 2]);
    cpu[Symbol.dispose]();
  });

  it('frees what `using` leaves, and all of a device that is disposed', () => {
    const { arena, device: cpu } = device();
    const live = arena.live;
    {
      using memory = cpu.memory();
      memory.vector(1000);
      memory.integers(Int32Array.of(1, 2));
      expect(arena.live).toBeGreaterThan(live + 8000);
    }
    expect(arena.live).toBe(live);
    cpu.memory().vector(10);
    cpu.memory().vector(10);
    cpu[Symbol.dispose]();
    expect([arena.live, code(() => cpu.memory())]).toEqual([live, 'LOWLAND_E_DISPOSED']);
  });

  it('does not leak: ten thousand runs need no more memory than one', () => {
    const { arena, device: cpu } = device();
    const run = (n: number) => {
      using memory = cpu.memory();
      const [u, v, product] = [cpu.matrix(memory.vector(n * 3), 0, n, 3), cpu.matrix(memory.vector(n * 3), 0, n, 3), cpu.matrix(memory.vector(n * n), 0, n, n)];
      cpu.kernels.gemm('N', 'T', 1, u, v, 0, product);
      memory.integers(new Int32Array(n));
    };
    for (let n = 1; n < 100; n++) run(n);
    const [live, bytes] = [arena.live, arena.memory.buffer.byteLength];
    for (let k = 0; k < 10_000; k++) run(1 + (k % 99));
    expect([arena.live, arena.memory.buffer.byteLength]).toEqual([live, bytes]);
  });

  it('gives back what was never disposed and is no longer held', async () => {
    // The configurations of vitest expose it, in Node.js and in Chromium.
    const collect = (globalThis as unknown as { gc: () => void }).gc;
    const { arena, device: cpu } = device();
    const live = arena.live;
    const held = (() => {
      const view = cpu.view(cpu.memory().vector(100), 50, 50);
      new WasmDevice(arena, 'f64', cpu.kernels).memory().vector(1_000_000);
      return view;
    })();
    const owned = arena.live - live - 8_000_000;
    for (let round = 0; round < 100 && arena.live - live > owned; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // The view holds the vector that it is part of.
    expect([arena.live - live, cpu.scalar(held)]).toEqual([owned, 0]);
  });

  it('says so when a vector is used after its memory was freed', () => {
    const { device: cpu } = device();
    const memory = cpu.memory();
    const [x, y] = [memory.vector(4), cpu.memory().vector(4)];
    const part = cpu.view(x, 1, 2);
    const index = memory.integers(Int32Array.of(0));
    memory[Symbol.dispose]();
    memory[Symbol.dispose]();
    for (const use of [
      () => { cpu.kernels.copy(x, y); },
      () => { cpu.kernels.fill(part, 1); },
      () => cpu.read(x),
      () => cpu.scalar(part),
      () => cpu.host!(x),
      () => cpu.view(x, 0, 1),
      () => memory.vector(1),
      () => { cpu.kernels.sddmm(index, index, cpu.matrix(y, 0, 4, 1), cpu.matrix(y, 0, 4, 1), cpu.view(y, 0, 1)); },
    ]) expect(code(use)).toBe('LOWLAND_E_DISPOSED');
  });

  it('refuses handles of another memory or number type, which would lie elsewhere in its own', () => {
    const { arena, device: cpu } = device();
    const narrow = new WasmDevice(arena, 'f32', wasmKernels(arena, new Library(arena, 'f32', false), 'f32'));
    const memory = cpu.memory();
    const [x, slot, index] = [memory.vector(4), memory.vector(1), memory.integers(Int32Array.of(0))];
    const square = cpu.matrix(x, 0, 2, 2);
    for (const other of [narrow, device().device, new PlainDevice('f64')]) {
      const theirs = other.memory();
      const [y, foreignIndex] = [theirs.vector(4), theirs.integers(Int32Array.of(0))];
      const matrix = other.matrix(y, 0, 2, 2);
      for (const use of [
        () => { cpu.kernels.fill(y, 1); },
        () => { cpu.kernels.copy(x, y); },
        () => { cpu.kernels.dot(x, x, y); },
        () => { cpu.kernels.gemm('N', 'T', 1, matrix, square, 0, square); },
        () => { cpu.kernels.trsm!('L', 'N', matrix, square, square); },
        () => { cpu.kernels.potrf!(square, 0, matrix); },
        () => { cpu.kernels.sddmm(index, foreignIndex, cpu.matrix(x, 0, 4, 1), cpu.matrix(x, 0, 4, 1), slot); },
        () => cpu.scalar(y),
        () => cpu.scalar(other.view(y, 1, 2)),
      ]) expect(code(use)).toBe('LOWLAND_E_HANDLE');
      expect([...cpu.read(x), ...other.read(y)]).toEqual(new Array(8).fill(0));
    }
  });

  it('refuses sizes beyond 32 bits and beyond its memory, and goes on working', () => {
    const { device: cpu } = device(2 ** 22);
    const memory = cpu.memory();
    const x = memory.vector(8);
    cpu.kernels.fill(x, 2);
    for (const length of [2 ** 19, 2 ** 29, 2 ** 31, 2 ** 32 + 1, 2 ** 50]) expect(code(() => memory.vector(length))).toBe('LOWLAND_E_MEMORY');
    for (const length of [-1, 0.5, NaN]) expect(code(() => memory.vector(length))).toBe('LOWLAND_E_SHAPE');
    // Scratch of a kernel that does not fit: 64 bytes for each of 60 000 rows.
    const [deep, wide] = [memory.vector(60_000), memory.vector(120_000)];
    const out = memory.vector(2);
    const product = () => { cpu.kernels.gemm('N', 'T', 1, cpu.matrix(deep, 0, 1, 60_000), cpu.matrix(wide, 0, 2, 60_000), 0, cpu.matrix(out, 0, 1, 2)); };
    memory.vector(180_000);
    expect(code(product)).toBe('LOWLAND_E_MEMORY');
    const slot = memory.vector(1);
    cpu.kernels.dot(x, x, slot);
    expect(cpu.scalar(slot)).toBe(32);
  });

  it('refuses what the engine refuses to grow by, and goes on working', () => {
    const { arena, device: cpu } = device();
    const memory = cpu.memory();
    const x = memory.vector(8);
    cpu.kernels.fill(x, 2);
    const { live } = arena;
    arena.memory.grow = () => { throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory'); };
    for (const use of [() => memory.vector(2 ** 20), () => memory.integers(new Int32Array(2 ** 20)), () => arena.work(2 ** 23)]) expect(code(use)).toBe('LOWLAND_E_MEMORY');
    expect([arena.live, memory.vector(100).length, cpu.read(x)[7]]).toEqual([live, 100, 2]);
    Reflect.deleteProperty(arena.memory, 'grow');
    const slot = cpu.view(memory.vector(2 ** 20), 2 ** 20 - 1, 1);
    cpu.kernels.dot(x, x, slot);
    expect(cpu.scalar(slot)).toBe(32);
  });

  it('refuses shapes that do not fit, and indices outside', () => {
    const { device: cpu } = device();
    const { kernels } = cpu;
    const memory = cpu.memory();
    const [x, y, slot] = [memory.vector(4), memory.vector(6), memory.vector(1)];
    const [a, b] = [cpu.matrix(x, 0, 2, 2), cpu.matrix(y, 0, 3, 2)];
    const [good, bad] = [memory.integers(Int32Array.of(0, 1)), memory.integers(Int32Array.of(0, 3))];
    const two = cpu.view(x, 0, 2);
    for (const call of [
      () => { kernels.copy(x, y); },
      () => { kernels.axpy(1, x, y); },
      () => { kernels.mul(x, x, y); },
      () => { kernels.dot(x, y, slot); },
      () => { kernels.dot(x, x, slot, 1); },
      () => { kernels.nrm2!(x, slot, -1); },
      () => { kernels.gemm('N', 'N', 1, a, b, 0, a); },
      () => { kernels.gemv('N', 1, a, x, 0, two); },
      () => { kernels.ger!(1, x, x, a); },
      () => { kernels.syrk!('N', 1, b, 0, a); },
      () => { kernels.trsm!('L', 'N', a, b, b); },
      () => { kernels.potrf!(b, 0, b); },
      () => { kernels.posvRight(a, 0, a, b); },
      () => { kernels.sddmm(good, good, a, b, slot); },
      () => { kernels.sddmm(bad, good, a, b, two); },
      () => { kernels.spmm(good, bad, two, a, b, false); },
      () => { kernels.spmm(good, good, slot, a, b, false); },
      () => cpu.view(x, 2, 3),
      () => cpu.matrix(x, 0, 3, 2),
      () => cpu.matrix(x, 0, -2, -2),
      () => cpu.matrix(x, 0, 0.5, 8),
      () => cpu.blocks(x, { blocks: [{ name: 'U', shape: [-2, -2] }] }),
      () => { cpu.write(x, new Float64Array(3)); },
      () => cpu.scalar(x, 4),
    ]) expect(code(call)).toBe('LOWLAND_E_SHAPE');
  });
});
