/** Work is cut by the time that it takes, and what is cut gives the bits of what is whole. */
import type { Mat } from '@lowland/core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { requireDriver } from '../../test/devices.ts';
import { GpuDevice } from '../device.ts';
import { leastBufferBytes } from '../webgpu.ts';
import { type Clock, clockOf } from './clock.ts';
import { findAdapter, findGpu } from './gpu.ts';
import { defaultBudget, Lane } from './lane.ts';
import { shader } from './shader.ts';

let gpu: GPUDevice;
beforeAll(async () => {
  await requireDriver();
  gpu = await (await findAdapter(await findGpu(), undefined)).requestDevice({ requiredFeatures: ['timestamp-query'] });
});
afterAll(() => { gpu.destroy(); });

/** Each workgroup writes where its dispatch began. */
const begins = shader('begins', { out: 'write u32' }, { begin: 'u32' }, '@compute @workgroup_size(1) fn main(@builtin(workgroup_id) group: vec3u) { out[p.begin + group.x] = p.begin; }');
const groups = 1000;
/** Of so many workgroups this is what a shader takes 100 ms for as long as nothing is known of it. */
const work = 100 * 2 ** 22;

/** The sizes of the dispatches into which `groups` workgroups were cut. */
async function cuts(lane: Lane): Promise<number[]> {
  const store = lane.zeros(4 * groups);
  lane.spread(begins, { out: store }, {}, groups, work);
  const found = [...new Uint32Array(await lane.read(store, 0, 4 * groups))];
  lane.pool.give(store);
  const starts = [...new Set(found)];
  // each workgroup ran once, in one dispatch that is a range
  expect(found).toEqual(starts.flatMap((start, i) => Array.from({ length: (starts[i + 1] ?? groups) - start }, () => start)));
  return starts.map((start, i) => (starts[i + 1] ?? groups) - start);
}

/** A clock on which all dispatches take a time of their own; it counts how often it was asked. */
function madeUp(milliseconds: (asked: number) => number | undefined): Clock & { asked: number } {
  const clock = {
    asked: 0,
    start: () => ({ pass: {}, end: () => undefined, milliseconds: () => Promise.resolve(milliseconds(clock.asked++)) }),
  };
  return clock;
}

it('cuts what nothing is known of by what the slowest GPUs do, then by what was measured, up to eight times as much at once', async () => {
  // 40 ms a part, whatever it holds
  const clock = madeUp(() => 40);
  const lane = new Lane(gpu, 50, clock);
  // 100 ms predicted: two parts; and 80 ms, since each took 40
  expect(await cuts(lane)).toEqual([500, 500]);
  expect(await cuts(lane)).toEqual([500, 500]);
  // much faster: 0.1 ms; then it is not worth timing
  const fast = madeUp(() => 0.1);
  const quick = new Lane(gpu, 50, fast);
  expect(await cuts(quick)).toEqual([500, 500]);
  expect(await cuts(quick)).toEqual([1000]);
  expect(await cuts(quick)).toEqual([1000]);
  expect(fast.asked).toBe(2);
  // a thousand seconds a part: 64 times slower after two parts, 7 workgroups each; then each alone
  const slow = new Lane(gpu, 50, madeUp(() => 1e6));
  expect((await cuts(slow)).length).toBe(2);
  expect((await cuts(slow)).length).toBe(143);
  expect((await cuts(slow)).length).toBe(groups);
  expect((await cuts(slow)).length).toBe(groups);
});

it('takes no time from a clock that has none', async () => {
  const lane = new Lane(gpu, 50, madeUp(() => undefined));
  for (let i = 0; i < 3; i++) expect(await cuts(lane)).toEqual([500, 500]);
  const never = new Lane(gpu, 10, { start: () => undefined });
  for (let i = 0; i < 3; i++) expect((await cuts(never)).length).toBe(10);
});

it('hands over together what takes the budget in all', async () => {
  const submits: number[] = [];
  const queue = { writeBuffer: gpu.queue.writeBuffer.bind(gpu.queue), submit: (commands: GPUCommandBuffer[]) => { submits.push(commands.length); gpu.queue.submit(commands); } };
  const watched = new Proxy(gpu, { get: (target, name) => {
    const value: unknown = name === 'queue' ? queue : Reflect.get(target, name, target);
    return typeof value === 'function' ? (value.bind(target) as unknown) : value;
  } });
  const lane = new Lane(watched, 50, { start: () => undefined });
  const store = lane.zeros(4 * groups);
  // 5 ms each, below what is timed: ten of them
  for (let i = 0; i < 30; i++) lane.spread(begins, { out: store }, {}, groups, work / 20);
  expect(submits.length).toBe(2);
  await lane.read(store, 0, 4);
  expect(submits.length).toBe(3);
});

it.each(['timestamp-query', 'none'])('both clocks tell times of a real dispatch: %s', async (feature) => {
  const device = feature === 'none' ? await (await findAdapter(await findGpu(), undefined)).requestDevice() : gpu;
  const clock = clockOf(device);
  const busy = shader('busy', { out: 'write f32' }, { begin: 'u32', rounds: 'u32' }, `
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var x = f32(lane);
  for (var i = 0u; i < p.rounds; i++) {
    x = x * 0.5 + 1.0;
  }
  out[64u * (p.begin + group.x) + lane] = x;
}`);
  const times: number[] = [];
  const lane = new Lane(device, 1e-3, {
    start: (idle) => {
      const timing = clock.start(idle);
      return timing && { ...timing, milliseconds: async () => {
        const taken = await timing.milliseconds();
        times.push(taken!);
        return taken;
      } };
    },
  });
  const store = lane.zeros(4 * 64 * 4);
  const begun = performance.now();
  for (let i = 0; i < 2; i++) {
    lane.spread(busy, { out: store }, { rounds: 20_000 }, 4, 1e7);
    await lane.read(store, 0, 4);
    // what it took is told beside the read, or soon after it
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const all = performance.now() - begun;
  // one of each call at least: both clocks tell of one part at a time
  expect(times.length).toBeGreaterThanOrEqual(2);
  for (const time of times) {
    expect(time).toBeGreaterThan(0);
    expect(time).toBeLessThan(all);
  }
  if (device !== gpu) device.destroy();
});

it('kernels that are cut give the bits of kernels that are not', async () => {
  const lane = new Lane(gpu, defaultBudget, { start: () => undefined });
  using device = new GpuDevice(lane, leastBufferBytes, () => undefined);
  using memory = device.memory();
  const { kernels } = device;
  let seed = 0;
  const matrix = (rows: number, cols: number, complex = false): Mat => {
    const x = memory.vector(rows * cols * (complex ? 2 : 1));
    kernels.normal({ seed: seed++, purpose: 1, index: 0 }, x);
    return device.matrix(x, 0, rows, cols, complex);
  };
  const [m, n, r] = [130, 90, 3];
  const [target, u, v, du, dv] = [matrix(m, n), matrix(m, r), matrix(n, r), matrix(m, r), matrix(n, r)];
  const [long, complex] = [matrix(1, 2000), matrix(40, 9, true)];
  const pointers = memory.integers(Int32Array.from({ length: m + 1 }, (_, i) => 7 * i));
  const index = memory.integers(Int32Array.from({ length: 7 * m }, (_, e) => (e * 31) % n));
  const rows = memory.integers(Int32Array.from({ length: 7 * m }, (_, e) => Math.floor(e / 7)));
  const data = matrix(7 * m, 1);
  const make = (rows: number, cols: number, complex = false) => device.matrix(memory.vector(rows * cols * (complex ? 2 : 1)), 0, rows, cols, complex);
  const [left, right, slot, z, pairs] = [make(m, r), make(n, r), memory.vector(2), memory.vector(7 * m), memory.vector(14 * m)];
  const [square, thin, pairProduct, entries] = [make(m, m), make(1, 1), make(9, 9, true), make(m, n)];
  const calls: readonly (readonly [() => void, ...(typeof slot)[]])[] = [
    [() => { kernels.gemm('N', 'T', 1, target, target, 0, square); }, square],
    [() => { kernels.gemm('N', 'T', 1, long, long, 0, thin); }, thin],
    [() => { kernels.gemm('C', 'N', 1, complex, complex, 0, pairProduct); }, pairProduct],
    [() => { kernels.dot(target, target, slot, 1); }, slot],
    [() => { kernels.mul(target, target, entries); }, entries],
    [() => { kernels.residualProducts!(target, u, v, 1, v, left, u, right, slot); }, left, right, slot],
    [() => { kernels.observedResidual!(pointers, index, data, undefined, u, v, z, 1, v, left, slot); }, z, left, slot],
    [() => { kernels.observedCurvature!(pointers, index, data, undefined, u, v, du, dv, pairs, 1, left); }, pairs, left],
    [() => { kernels.sddmm(rows, index, u, v, z); }, z],
    [() => { kernels.spmm(rows, index, data, v, left, false); }, left],
  ];
  for (const [call, ...outs] of calls) {
    const found: Float64Array[][] = [];
    for (const budget of [defaultBudget, 5e-4]) {
      lane.budget = budget;
      for (const out of outs) kernels.fill(out, NaN);
      call();
      found.push([]);
      for (const out of outs) found.at(-1)!.push(await device.read(out));
    }
    expect(found[1]).toEqual(found[0]);
      }
});
