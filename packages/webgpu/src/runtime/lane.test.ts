/** Work is cut by the time that it takes. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { requireDriver } from '../../test/devices.ts';
import { type Clock, clockOf } from './clock.ts';
import { findAdapter, findGpu } from './gpu.ts';
import { Lane } from './lane.ts';
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

/** Each thread a chain of so many rounds. */
const busy = shader('busy', { out: 'write f32' }, { begin: 'u32', rounds: 'u32' }, `
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var x = f32(lane);
  for (var i = 0u; i < p.rounds; i++) {
    x = x * 0.5 + 1.0;
  }
  out[64u * (p.begin + group.x) + lane] = x;
}`);

it.each(['timestamp-query', 'none'])('both clocks tell times of a real dispatch: %s', async (feature) => {
  const device = feature === 'none' ? await (await findAdapter(await findGpu(), undefined)).requestDevice() : gpu;
  const clock = clockOf(device);
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

it('parts of long work take what they may', async () => {
  const times: number[] = [];
  const clock = clockOf(gpu);
  const lane = new Lane(gpu, 10, {
    start: (idle) => {
      const timing = clock.start(idle);
      return timing && { ...timing, milliseconds: async () => {
        const taken = await timing.milliseconds();
        times.push(taken!);
        return taken;
      } };
    },
  });
  const store = lane.zeros(4 * 64 * 200);
  const call = async () => {
    times.length = 0;
    lane.spread(busy, { out: store }, { rounds: 2000 }, 200, 10 * 2 ** 22);
    await lane.read(store, 0, 4);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [...times];
  };
  // said to be ten milliseconds, hence one part
  const [whole] = await call();
  lane.budget = whole! / 8;
  for (let i = 0; i < 2; i++) await call();
  // Beside other programs times vary much: the least is what a part takes.
  expect(Math.min(...(await call()))).toBeLessThan(whole! / 2);
});
