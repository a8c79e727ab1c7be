import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';

import { type Device, errorCode, streamKey } from '@lowland/core';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { Bench, check, expectSame, key, side } from '../../test/kernel-bench.ts';
import { cpu, type CpuOptions } from '../cpu/backend.ts';
import { Assembly, i32 } from '../wasm/asm.ts';
import { scratchAt } from '../wasm/arena.ts';
import type { Site } from '../wasm/site.ts';
import { hasRelaxedSimd } from '../wasm/support.ts';
import type { Crew } from './crew.ts';
import { openThreads, type Threads, type ThreadsOptions } from './index.ts';

const codeOf = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    return errorCode(error);
  }
  return undefined;
};
const site = (threads: Threads) => threads['~site'] as Site;
const crewOf = (threads: Threads) => site(threads).crew!;

describe('results', () => {
  const pools: Threads[] = [];
  beforeAll(async () => {
    // Parts of any size, and the usual ones.
    for (const options of [{ count: 1, grain: 1 }, { count: 2, grain: 1 }, { count: 3, grain: 3000 }, { count: 2 }]) pools.push(await openThreads(options));
  });
  afterAll(async () => {
    for (const pool of pools) await pool[Symbol.asyncDispose]();
  });

  /** What all kernels that share their work give on one shape. */
  const shared = (options: CpuOptions, m: number, n: number, k: number, start: number): Float64Array[] => {
    const bench = new Bench(cpu(options), start);
    const { kernels } = bench;
    const results: Float64Array[] = [];
    for (const [ta, tb] of [['N', 'N'], ['N', 'T'], ['T', 'N'], ['T', 'T']] as const) {
      const out = bench.matrix(m, n);
      kernels.gemm(ta, tb, -0.75, (ta === 'N' ? bench.matrix(m, k) : bench.matrix(k, m)).mat, (tb === 'N' ? bench.matrix(k, n) : bench.matrix(n, k)).mat, 1.25, out.mat);
      results.push(bench.read(out.mat));
    }
    const [a, x, y] = [bench.matrix(m, n), bench.vector(n), bench.vector(m)];
    kernels.gemv('N', 2, a.mat, x.vec, 0.5, y.vec);
    kernels.gemv('T', 2, a.mat, y.vec, 0.5, x.vec);
    const [gram, wide, l, b, solved] = [bench.matrix(n, n), bench.matrix(m, m), bench.matrix(n, n), bench.matrix(n, k), bench.matrix(n, k)];
    kernels.syrk('T', 1, a.mat, 0, gram.mat);
    kernels.syrk('N', 0.5, a.mat, 2, wide.mat);
    kernels.potrf(gram.mat, 3, l.mat);
    kernels.trsm('L', 'T', l.mat, b.mat, solved.mat);
    results.push(...[y, x].map(({ vec }) => bench.read(vec)), ...[gram, wide, l, solved].map(({ mat }) => bench.read(mat)));
    if (m > 0 && n > 0) {
      const [row, col] = [m, n].map((limit, i) => bench.memory.integers(Int32Array.from({ length: 120 }, (_, e) => (e * (37 + i) + start) % limit)));
      const sampled = bench.vector(120);
      const [u, v] = [bench.matrix(m, k), bench.matrix(n, k)];
      kernels.sddmm(row!, col!, u.mat, v.mat, sampled.vec);
      results.push(bench.read(sampled.vec));
      kernels.sddmmPair(row!, col!, u.mat, v.mat, bench.matrix(m, k).mat, bench.matrix(n, k).mat, sampled.vec);
      results.push(bench.read(sampled.vec));
    }
    bench.close();
    return results;
  };

  check('are the bits of one thread, for every count and size of parts', 100, [side, side, fc.nat(120), key], (m: number, n: number, k: number, start: number) => {
    for (const kernels of ['wasm', ...(hasRelaxedSimd() ? (['relaxed'] as const) : [])] as const) {
      for (const dtype of ['f64', 'f32'] as const) {
        const alone = shared({ kernels, dtype }, m, n, k, start);
        for (const threads of pools) expectSame(alone, shared({ kernels, dtype, threads }, m, n, k, start));
      }
    }
  });

  it.each([
    { parts: 'bands of rows', m: 331, n: 277, k: 513 },
    { parts: 'columns that are packed by themselves', m: 120, n: 530, k: 300 },
  ])('are those also of large products, whose parts are what they are in use: $parts', ({ m, n, k }) => {
    const alone = shared({ kernels: 'wasm' }, m, n, k, 5);
    for (const threads of pools) expectSame(alone, shared({ kernels: 'wasm', threads }, m, n, k, 5));
    expect(alone).toHaveLength(12);
  });

  /** What the kernels that go over data in one pass give, on sizes of several parts. */
  const passes = (options: CpuOptions): Float64Array[] => {
    const bench = new Bench(cpu(options), 3);
    const { kernels, memory } = bench;
    const [m, n, r, count] = [601, 523, 13, 60_000];
    const [target, u, v, b, c, left, right, slots] = [
      bench.matrix(m, n), bench.matrix(m, r), bench.matrix(n, r), bench.matrix(n, r), bench.matrix(m, r), bench.matrix(m, r), bench.matrix(n, r), bench.vector(3),
    ];
    kernels.residualProducts(target.mat, u.mat, v.mat, 0.7, b.mat, left.mat, c.mat, right.mat, slots.vec, 0);
    const results = [left, right].map(({ mat }) => bench.read(mat));

    const ints = (length: number, entry: (i: number) => number) => memory.integers(Int32Array.from({ length }, (_, i) => entry(i)));
    const [pointers, index] = [ints(m + 1, (i) => Math.floor((count * i) / m)), ints(count, (e) => (e * 7919) % n)];
    const [toColumns, rows, order] = [ints(n + 1, (j) => Math.floor((count * j) / n)), ints(count, (e) => (e * 31) % m), ints(count, (e) => (e * 7) % count)];
    const [data, roots, z, solved] = [bench.vector(count), bench.vector(count), bench.vector(count), bench.matrix(m, r)];
    kernels.observedResidual(pointers, index, data.vec, roots.vec, u.mat, v.mat, z.vec, 2, b.mat, left.mat, slots.vec, 1);
    kernels.observedProduct(toColumns, rows, order, z.vec, 2, c.mat, right.mat);
    kernels.normalEquations(pointers, index, data.vec, undefined, v.mat, 0.5, solved.mat);
    results.push(...[z.vec, left.mat, right.mat, solved.mat].map((x) => bench.read(x)));

    const [rho, sum, drawn] = [bench.vector(m), bench.vector(n), bench.vector(n)];
    kernels.residualAdjoint(0.5, target.mat, bench.vector(n).vec, bench.vector(m).vec, rho.vec, sum.vec);
    results.push(bench.read(rho.vec), bench.read(sum.vec));
    const stream = streamKey(1, 'threads');
    kernels.seededResidualAdjoint(0.5, stream, bench.vector(n).vec, undefined, rho.vec, drawn.vec);
    results.push(bench.read(rho.vec), bench.read(drawn.vec));
    kernels.seededResidualAdjoint(0.5, stream, bench.vector(n).vec, undefined, rho.vec);
    results.push(bench.read(rho.vec), bench.read(slots.vec));
    const [p, q, few] = [bench.matrix(3000, 41), bench.matrix(3000, 37), 7];
    const [w1, w2, out1, out2, measured] = [bench.matrix(41, few), bench.matrix(37, few), bench.matrix(41, few), bench.matrix(37, few), bench.vector(3000)];
    kernels.rankOneProducts(0.5, p.mat, q.mat, bench.vector(3000).vec, w1.mat, w2.mat, measured.vec, out1.mat, out2.mat);
    results.push(...[measured.vec, out1.mat, out2.mat].map((x) => bench.read(x)));
    const [complexRows, point, along, intensities, sums] = [bench.vector(2 * 3000 * 41), bench.vector(82), bench.vector(82), bench.vector(3000), bench.vector(82)];
    kernels.phaseProducts(0.5, bench.device.matrix(complexRows.vec, 0, 3000, 41, true), intensities.vec, 0.1, point.vec, measured.vec, sums.vec, along.vec);
    results.push(...[measured.vec, sums.vec].map((x) => bench.read(x)));
    kernels.phaseProducts(0.5, p.mat, intensities.vec, undefined, bench.device.view(point.vec, 0, 41), measured.vec, bench.device.view(sums.vec, 0, 41));
    results.push(...[measured.vec, sums.vec].map((x) => bench.read(x)));
    bench.close();
    return results;
  };

  it.each(['f64', 'f32'] as const)('are the bits of one thread in passes over %s data', (dtype) => {
    const alone = passes({ kernels: 'wasm', dtype });
    for (const threads of pools) expectSame(alone, passes({ kernels: 'wasm', dtype, threads }));
    expect(alone).toHaveLength(19);
  });
});

describe('a pool', () => {
  const opened: Threads[] = [];
  const open = async (options?: ThreadsOptions) => {
    const threads = await openThreads({ count: 2, grain: 1, ...options });
    opened.push(threads);
    return threads;
  };
  afterEach(async () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    for (const threads of opened.splice(0)) await threads[Symbol.asyncDispose]();
  });
  /** The sum of the entries of a product, as a device has it. */
  const product = (device: Device, n = 60): number => {
    const memory = device.memory();
    try {
      const [a, c] = [device.matrix(memory.vector(n * n), 0, n, n), device.matrix(memory.vector(n * n), 0, n, n)];
      device.kernels.fill(a, 0.5);
      device.kernels.gemm('N', 'T', 1, a, a, 0, c);
      return (device.read(c) as Float64Array).reduce((sum, x) => sum + x, 0);
    } finally {
      memory[Symbol.dispose]();
    }
  };

  it('has the threads of the machine, 8 at most, unless told', async () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 64 });
    const threads = await openThreads();
    opened.push(threads);
    expect([threads.count, threads.state, (await open({ count: 3 })).count]).toEqual([8, 'open', 3]);
  });

  it('leaves variant and determinism as they are', async () => {
    const backend = cpu({ threads: await open() });
    expect([backend.variant, backend.determinism, backend.sync]).toEqual(['simd', 'bits', true]);
  });

  it('goes on while its memory grows, with many devices on it', async () => {
    const threads = await open();
    const devices = [{}, { dtype: 'f32' as const }, {}].map((options) => cpu({ threads, ...options }).open() as Device);
    const { arena } = site(threads);
    for (let round = 0; round < 20; round++) {
      for (const device of devices) expect(product(device)).toBe(60 ** 3 / 4);
      const { epoch } = arena;
      const large = devices[round % 3]!.memory().vector(arena.memory.buffer.byteLength / 64);
      expect(large.length).toBeGreaterThan(0);
      if (round === 0) expect(arena.epoch).toBeGreaterThanOrEqual(epoch);
    }
    expect(arena.epoch).toBeGreaterThan(3);
    for (const device of devices) device[Symbol.dispose]();
  });

  it('does not leak: a thousand runs need no more memory than one', async () => {
    const threads = await open();
    const device = cpu({ threads }).open() as Device;
    for (let n = 1; n < 40; n++) product(device, n);
    const [live, bytes] = [threads.liveBytes, site(threads).arena.memory.buffer.byteLength];
    for (let k = 0; k < 1000; k++) product(device, 1 + (k % 39));
    expect([threads.liveBytes, site(threads).arena.memory.buffer.byteLength]).toEqual([live, bytes]);
  });

  it('lets go of its memory once it is disposed and nobody holds it', async () => {
    const memory = await (async () => {
      const threads = await openThreads({ count: 2 });
      const device = cpu({ threads }).open() as Device;
      product(device);
      await threads[Symbol.asyncDispose]();
      return new WeakRef(site(threads).arena.memory);
    })();
    const { gc } = globalThis as unknown as { gc: () => void };
    // Whoever looks at it keeps it for the rest of a turn: so look after the collection only.
    let gone = false;
    for (let round = 0; round < 100 && !gone; round++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gc();
      gone = memory.deref() === undefined;
    }
    expect(gone).toBe(true);
  });

  it('once disposed: devices go on alone, with the same results, and no new ones are opened', async () => {
    const threads = await open();
    const backend = cpu({ threads });
    const device = backend.open() as Device;
    const before = product(device);
    threads[Symbol.dispose]();
    await threads[Symbol.asyncDispose]();
    expect([threads.state, product(device), await codeOf(() => backend.open())]).toEqual(['closed', before, 'LOWLAND_E_THREADS']);
  });

  it('refuses what cannot be', async () => {
    for (const options of [{ count: 0 }, { count: 1.5 }, { count: NaN }, { grain: 0 }, { grain: NaN }, { deadline: -1 }]) {
      expect(await codeOf(() => openThreads(options))).toBe('LOWLAND_E_OPTIONS');
    }
    const threads = await open();
    expect(await codeOf(() => cpu({ kernels: 'plain', threads }))).toBe('LOWLAND_E_OPTIONS');
  });

  it('is refused where browsers refuse it, with what to do', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    await expect(openThreads()).rejects.toMatchObject({ code: 'LOWLAND_E_THREADS', message: expect.stringContaining('Cross-Origin-Opener-Policy') as string });
    vi.unstubAllGlobals();
    vi.stubGlobal('SharedArrayBuffer', undefined);
    await expect(openThreads()).rejects.toMatchObject({ code: 'LOWLAND_E_THREADS' });
    vi.unstubAllGlobals();
    vi.spyOn(Atomics, 'wait').mockImplementation(() => { throw new TypeError('Atomics.wait cannot be called in this context'); });
    await expect(openThreads()).rejects.toMatchObject({ code: 'LOWLAND_E_THREADS', message: expect.stringContaining('in a worker') as string });
  });

  describe('with a worker that fails', () => {
    /** Calls that meet: the worker's says that it is there and fails, the calling thread's waits for it. */
    const meeting = (crew: Crew, { arena }: Site, fail: (asm: Assembly) => (f: Parameters<Parameters<Assembly['func']>[2]>[0]) => void) => {
      const asm = new Assembly();
      asm.func('meet', { flag: 'i32' }, (f, { flag }) => {
        f.if(i32.eq(asm.scratch, scratchAt), () => {
          f.repeat(() => {}, () => i32.eq(i32.load(flag), 0));
        }, () => {
          f.do(i32.store(flag, 1));
          fail(asm)(f);
        });
        return undefined;
      });
      const code = asm.assemble({ shared: true });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory: arena.memory, scratch: scratchAt } });
      const { meet } = crew.listed(exports as Record<string, () => number>, code);
      const flag = arena.allocate(4);
      for (let call = 0; call < 2; call++) meet!(flag);
    };

    it.each([
      ['traps', () => (f: { do(...code: number[][]): void }) => { f.do([0x00]); }, /unreachable/],
      ['does not come to an end', () => (f: { repeat(body: () => void, condition: () => number): void }) => { f.repeat(() => {}, () => 1); }, /end/],
    ])('because it %s: an error, and it is broken', async (_, fail, why) => {
      const threads = await open({ deadline: 0.3 });
      const device = cpu({ threads }).open() as Device;
      expect(product(device)).toBe(60 ** 3 / 4);
      const crew = crewOf(threads);
      meeting(crew, site(threads), fail);
      let error: unknown;
      try {
        crew.join();
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ code: 'LOWLAND_E_THREADS', message: expect.stringMatching(why) as string });
      expect(threads.state).toBe('broken');
      expect([await codeOf(() => product(device)), await codeOf(() => cpu({ threads }).open())]).toEqual(['LOWLAND_E_THREADS', 'LOWLAND_E_THREADS']);
    });

    it('because someone ended it', async () => {
      const workers: Worker[] = [];
      class Known extends Worker {
        constructor(...options: ConstructorParameters<typeof Worker>) {
          super(...options);
          workers.push(this);
        }
      }
      const spy = vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ Worker: Known });
      const threads = await open();
      spy.mockRestore();
      await workers[0]!.terminate();
      await vi.waitFor(() => { expect(threads.state).toBe('broken'); });
      expect(await codeOf(() => cpu({ threads }).open())).toBe('LOWLAND_E_THREADS');
    });

    it('because it cannot start', async () => {
      const spy = vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ Worker: vi.fn(() => { throw new Error('no more threads'); }) });
      await expect(openThreads({ count: 2 })).rejects.toMatchObject({ code: 'LOWLAND_E_THREADS', message: expect.stringContaining('no more threads') as string });
      expect(spy).toHaveBeenCalledWith('node:worker_threads');
    });
  });
});

describe('a process', () => {
  const run = (body: string): string =>
    execFileSync(process.execPath, ['--conditions=@lowland/source', '--no-warnings', '--input-type=module', '--eval', body], { encoding: 'utf8', timeout: 30_000 });
  const script = (then: string) => `
    import { cpu } from ${JSON.stringify(new URL('../cpu/backend.ts', import.meta.url).href)};
    import { openThreads } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    const threads = await openThreads({ count: 2, grain: 1 });
    const device = cpu({ threads }).open();
    const x = device.memory().vector(10000);
    const a = device.matrix(x, 0, 100, 100);
    device.kernels.fill(x, 1);
    const c = device.matrix(device.memory().vector(10000), 0, 100, 100);
    device.kernels.gemm('N', 'N', 1, a, a, 0, c);
    ${then}`;

  it('ends beside a pool that nobody disposed', () => {
    expect(run(script('console.log(device.scalar(c, 9999));'))).toBe('100\n');
  });

  it('may have its pool in a worker', () => {
    const inner = script("(await import('node:worker_threads')).parentPort.postMessage(device.scalar(c, 5));");
    expect(run(`
      import { Worker } from 'node:worker_threads';
      new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(inner)}))).on('message', (sum) => { console.log(sum); });
    `)).toBe('100\n');
  });
});
