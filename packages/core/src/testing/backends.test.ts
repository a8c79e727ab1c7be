import { describe, expect, it } from 'vitest';
import { errorCode, type Device } from '../index.ts';
import { asyncBackend, backendChecks, referenceBackend, type PlainMatrix } from './index.ts';

describe.each([referenceBackend(), asyncBackend({ reads: 'microtask' })])('$id backend', (backend) => {
  it.each(backendChecks(backend))('$name', async ({ run }) => {
    await run();
    expect(backend.usage).toMatchObject({ devices: 0, live: 0 });
  });
});

describe('backendChecks', () => {
  /** The names of the checks that fail when a kernel is changed. */
  async function caught(change: (kernels: Device['kernels']) => void): Promise<string[]> {
    const right = referenceBackend();
    const wrong = {
      ...right,
      open: async () => {
        const device = await right.open();
        change(device.kernels);
        return device;
      },
    };
    const failed: string[] = [];
    for (const { name, run } of backendChecks(wrong)) {
      await Promise.resolve(run()).catch((error: unknown) => {
        expect(errorCode(error)).toMatch(/LOWLAND_E_(CHECK|SHAPE)/);
        failed.push(name);
      });
    }
    return failed;
  }

  it('finds wrong kernels', async () => {
    expect(await caught(() => undefined)).toEqual([]);
    const wrongs: [(kernels: Device['kernels']) => void, RegExp][] = [
      [(k) => { const { gemm } = k; k.gemm = (ta, tb, ...rest) => { gemm(ta, tb === 'C' ? 'T' : tb, ...rest); }; }, /gemm, complex/],
      [(k) => { const { gemm } = k; k.gemm = (ta, tb, alpha, a, b, beta, out) => { gemm(ta, tb, alpha * (1 + 1e-13), a, b, beta, out); }; }, /gemm, real/],
      [(k) => { const { dot } = k; k.dot = (x, y, out) => { dot(x, y, out); }; }, /dot/],
      [(k) => { const { axpy } = k; k.axpy = (alpha, x, out) => { axpy(-alpha, x, out); }; }, /axpy/],
      [(k) => { const { posvRight } = k; k.posvRight = (a, _, b, out) => { posvRight(a, 0, b, out); }; }, /posvRight/],
      [(k) => { const { spmm } = k; k.spmm = (row, col, values, b, out) => { spmm(row, col, values, b, out, false); }; }, /spmm/],
      [(k) => { const { normal } = k; k.normal = (key, out) => { normal({ ...key, index: key.index + 1 }, out); }; }, /normal/],
    ];
    for (const [change, name] of wrongs) expect((await caught(change)).join('\n')).toMatch(name);
  });
});

describe('the test devices', () => {
  const open = async (extra = {}) => {
    const backend = asyncBackend({ extra });
    const device = await backend.open();
    return { backend, device, memory: device.memory() };
  };

  it('enforce the alias rule on every kernel, for views of one vector too', async () => {
    const { device, memory } = await open({ twice: (x: Float32Array, out: Float32Array) => { out.set(x.map((a) => 2 * a)); } });
    const { kernels } = device;
    const x = memory.vector(8);
    device.write(x, Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const [left, right] = [device.view(x, 0, 4), device.view(x, 4, 4)];
    const [a, b, out] = [device.matrix(x, 0, 2, 2), device.matrix(x, 4, 2, 2), device.matrix(memory.vector(4), 0, 2, 2)];
    const index = memory.integers(Int32Array.of(0, 1));
    const one = memory.vector(2);
    for (const call of [
      () => { kernels.copy(left, right); },
      () => { kernels.axpy(1, device.view(x, 1, 4), left); },
      () => { kernels.mul(left, right, left); },
      () => { kernels.dot(left, left, right); },
      () => { kernels.dot(x, x, x); },
      () => { kernels.gemm('N', 'N', 1, a, out, 0, b); },
      () => { kernels.gemm('N', 'N', 1, a, out, 0, a); },
      () => { kernels.gemv('N', 1, a, one, 0, device.view(x, 4, 2)); },
      () => { kernels.posvRight(out, 1, a, b); },
      () => { kernels.sddmm(index, index, a, out, device.view(x, 4, 2)); },
      () => { kernels.spmm(index, index, one, a, b, false); },
      () => { (kernels as unknown as { twice(p: unknown, q: unknown): void }).twice(left, right); },
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'LOWLAND_E_ALIAS' }));
    }
  });

  it('refuse handles of others, and what was freed', async () => {
    const { device, memory } = await open();
    const other = await open();
    const foreign = other.memory.vector(2);
    const mine = memory.vector(2);
    expect(() => { device.kernels.copy(foreign, mine); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_HANDLE' }));
    expect(() => device.read({ length: 2, '~vec': true })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_HANDLE' }));
    const view = device.view(mine, 0, 1);
    memory[Symbol.dispose]();
    for (const use of [() => device.read(mine), () => device.scalar(view), () => memory.vector(1), () => { device.kernels.fill(mine, 0); }]) {
      expect(use).toThrow(expect.objectContaining({ code: 'LOWLAND_E_DISPOSED' }));
    }
    device[Symbol.dispose]();
    expect(() => device.memory()).toThrow(expect.objectContaining({ code: 'LOWLAND_E_DISPOSED' }));
  });

  it('refuse wrong shapes', async () => {
    const { device, memory } = await open();
    const { kernels } = device;
    const [x, y, slot] = [memory.vector(4), memory.vector(3), memory.vector(1)];
    const [a, b] = [device.matrix(x, 0, 2, 2), device.matrix(memory.vector(6), 0, 3, 2)];
    const index = memory.integers(Int32Array.of(0, 5));
    const shape = expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }) as Error;
    for (const call of [
      () => { kernels.copy(x, y); },
      () => { kernels.axpy(1, x, y); },
      () => { kernels.mul(x, x, y); },
      () => { kernels.dot(x, y, slot); },
      () => { kernels.dot(x, x, slot, 1); },
      () => { kernels.gemm('N', 'N', 1, a, b, 0, a); },
      () => { kernels.gemm('N', 'N', 1, x as never, b, 0, a); },
      () => { kernels.gemv('N', 1, a, y, 0, y); },
      () => { kernels.posvRight(a, 0, a, b); },
      () => { kernels.sddmm(index, index, a, b, memory.vector(2)); },
      () => { device.view(x, 2, 3); },
      () => { device.matrix(x, 0, 3, 2); },
      () => { device.write(x, new Float64Array(3)); },
      () => { void device.scalar(x, 4); },
      () => { memory.vector(-1); },
    ]) {
      expect(call).toThrow(shape);
    }
  });

  it('count allocations and reads, and answer later', async () => {
    const { backend, device, memory } = await open();
    const x = memory.vector(2);
    memory.integers(Int32Array.of(1));
    expect(backend.usage).toMatchObject({ devices: 1, live: 2, reads: 0 });
    device.kernels.fill(x, 1.1);
    const answer = device.read(x);
    device.kernels.fill(x, 5);
    // what it was when asked, in f32
    expect(await answer).toEqual(Float64Array.of(Math.fround(1.1), Math.fround(1.1)));
    expect(await device.scalar(x, 1)).toBe(5);
    expect(backend.usage.reads).toBe(2);
    memory[Symbol.dispose]();
    memory[Symbol.dispose]();
    expect(backend.usage.live).toBe(0);
    const slow = asyncBackend({ reads: 5 });
    const begin = performance.now();
    const slowDevice = await slow.open();
    await slowDevice.read(slowDevice.memory().vector(1));
    expect(performance.now() - begin).toBeGreaterThan(8);
  });

  it('run extra kernels over plain arrays', async () => {
    const { backend, device, memory } = await open({
      rowSums: (a: PlainMatrix, rows: Int32Array, factor: number, out: Float32Array) => {
        rows.forEach((row, i) => (out[i] = factor * (a.data[row * a.cols]! + a.data[row * a.cols + 1]!)));
      },
    });
    expect(backend.kernels.has('rowSums' as never)).toBe(true);
    const a = memory.vector(4);
    device.write(a, Float64Array.of(1, 2, 3, 4));
    const out = memory.vector(2);
    const { rowSums } = device.kernels as unknown as { rowSums(...args: unknown[]): void };
    rowSums(device.matrix(a, 0, 2, 2), memory.integers(Int32Array.of(1, 0)), 2, out);
    expect(await device.read(out)).toEqual(Float64Array.of(14, 6));
  });
});
