import { execFileSync } from 'node:child_process';
import process from 'node:process';

import type { Dtype, ExtraKernels, Kernels } from '@lowland/core';
import { hostVector } from '@lowland/linalg';
import { afterEach, expect, it, vi } from 'vitest';

import { describeNative } from '../../test/system.ts';
import { blas } from '../blas.ts';
import { signature } from '../cblas.ts';
import { openLibrary } from '../library.ts';
import { Hands, scratch } from './hands.ts';

const [axpy, dot, copy] = [0, 1, 2] as const;
const crew = (workers: number, library = openLibrary()) => {
  library.useThreads(1);
  return new Hands(library, (['axpy', 'dot', 'copy'] as const).map((name) => signature(library, 'f64', name)), workers);
};

afterEach(() => { vi.restoreAllMocks(); });

describeNative('hands', () => {
  it.each([0, 1, 3])('make every call once and those of a job in their order, with %s workers', async (workers) => {
    const hands = crew(workers);
    await hands.ready;
    const [n, jobs] = [1000, 40];
    const ones = new Float64Array(n).fill(1);
    // Until workers have taken part; the calling thread waits for none.
    for (let round = 0; round < 5 || (workers > 0 && hands.helped === 0 && round < 20_000); round++) {
      const sums = Array.from({ length: jobs }, () => new Float64Array(n));
      const places = sums.flatMap((sum, job) => {
        hands.begin(8 * n);
        return [1, 2, 3].map((times) => {
          for (let i = 0; i < 10; i++) hands.call(axpy, n, job, hands.address(ones), 1, hands.address(sum), 1);
          hands.call(copy, n, hands.address(sum), 1, scratch, 1);
          return { place: hands.call(dot, n, scratch, 1, hands.address(ones), 1), expected: 10 * times * job * n };
        });
      });
      hands.join();
      for (const { place, expected } of places) expect(hands.result(place)).toBe(expected);
    }
    expect(hands.helped > 0).toBe(workers > 0);
  });

  it('say it when a job fails, whoever does it', async () => {
    const hands = crew(1);
    await hands.ready;
    for (let job = 0; job < 20; job++) {
      hands.begin(0);
      hands.call(99);
    }
    expect(() => { hands.join(); }).toThrow();
  });

  it('compute without workers that cannot start, with a warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const hands = crew(1, { ...openLibrary(), path: '/nowhere/libblas.so' });
    await hands.ready;
    expect(warned).toHaveBeenCalledOnce();
    const x = Float64Array.of(3, 4);
    hands.begin(0);
    const place = hands.call(dot, 2, hands.address(x), 1, hands.address(x), 1);
    hands.join();
    expect([hands.result(place), hands.helped]).toEqual([25, 0]);
  });

  it.each(['f64', 'f32'] as const)('give residuals in %s the same bits, whatever their number', async (dtype: Dtype) => {
    const products = async (threads: number) => {
      const device = await blas({ dtype, threads }).open();
      const memory = device.memory();
      const matrix = (rows: number, cols: number, seed: number) => {
        const x = memory.vector(rows * cols);
        device.write(x, Float64Array.from({ length: rows * cols }, (_, i) => ((i * 7919 + seed) % 1009) / 1009 - 0.5));
        return device.matrix(x, 0, rows, cols);
      };
      const [m, n, r] = [731, 1013, 7];
      const [target, u, v, left, right, squares] = [matrix(m, n, 1), matrix(m, r, 2), matrix(n, r, 3), matrix(m, r, 4), matrix(n, r, 5), memory.vector(2)];
      // Workers come while these run.
      for (let round = 0; round < 60; round++) (device.kernels as Kernels & ExtraKernels).residualProducts(target, u, v, 0.7, v, left, u, right, squares, 1);
      return [left, right, squares].map((x) => hostVector(x).slice());
    };
    const alone = await products(1);
    for (const threads of [2, 3]) expect(await products(threads)).toEqual(alone);
  });

  it('let a process end', () => {
    const body = `
      import { blas } from ${JSON.stringify(new URL('../blas.ts', import.meta.url).href)};
      const device = blas({ threads: 2 }).open();
      const [x, u, out] = [1e6, 1e4, 1].map((length) => device.memory().vector(length));
      device.kernels.fill(u, 1);
      const [target, factor] = [device.matrix(x, 0, 1000, 1000), device.matrix(u, 0, 1000, 10)];
      device.kernels.residualProducts(target, factor, factor, 1, undefined, undefined, undefined, undefined, out);
      console.log(device.scalar(out));`;
    const said = execFileSync(process.execPath, ['--conditions=@lowland/source', '--no-warnings', '--input-type=module', '--eval', body], { encoding: 'utf8', timeout: 30_000 });
    expect(said).toBe('100000000\n');
  });
});
