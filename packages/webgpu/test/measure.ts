/**
 * Every kernel, on the GPU of this machine, against its two limits: bytes moved over the bandwidth that a copy reaches, and operations over the rate
 * of chains of multiply-adds in registers. Prints the share of the nearer limit. What to expect, and why, is in LIMITS.md.
 *
 *     node --conditions=@lowland/source packages/webgpu/test/measure.ts [size [rank]]
 *
 * `size` (default 4096) is the side of dense matrices; vectors and lists of entries have size^2 numbers.
 */
import { argv } from 'node:process';

import { GpuDevice } from '../src/device.ts';
import { webgpuInfo } from '../src/info.ts';
import { shader } from '../src/runtime/shader.ts';
import { openSite } from '../src/webgpu.ts';
import { casesOf } from './cases.ts';

const size = Number(argv[2] ?? 4096);
const rank = Number(argv[3] ?? 10);
// Pairs of numbers for each entry of a list.
const bufferBytes = Math.max(8 * size * size, 2 ** 27);

/** Sixteen chains of `rounds` multiply-adds a thread. */
const [threads, rounds] = [2 ** 16, 256];
const chains = shader(
  'chains',
  { out: 'write f32' },
  { rounds: 'u32', factor: 'f32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var a = vec4f(f32(id.x));
  var b = a + 1.0;
  var c = a + 2.0;
  var d = a + 3.0;
  for (var i = 0u; i < p.rounds; i++) {
    a = a * p.factor + b;
    b = b * p.factor + c;
    c = c * p.factor + d;
    d = d * p.factor + a;
  }
  let all = a + b + c + d;
  out[id.x] = all.x + all.y + all.z + all.w;
}`,
);

const { vendor, architecture, description, fallback, sums } = await webgpuInfo();
console.log(`${vendor} ${architecture} ${description}${fallback ? ' (software: its numbers say nothing about GPUs)' : ''}, size ${size}, rank ${rank}, sums in ${sums}`);

const { lane } = await openSite({ bufferBytes });
using device = new GpuDevice(lane, bufferBytes, () => undefined);
const cases = casesOf(device, size, rank);
using memory = device.memory();

/** Seconds of one call: the best of five batches, each long enough, less what a read takes. */
async function seconds(call: () => void): Promise<number> {
  const slot = memory.vector(1);
  const batch = async (times: number) => {
    const begin = performance.now();
    for (let i = 0; i < times; i++) call();
    await device.scalar(slot);
    return (performance.now() - begin) / 1000;
  };
  await batch(1);
  const read = Math.min(await batch(0), await batch(0), await batch(0));
  const times = Math.max(1, Math.min(200, Math.ceil(0.05 / (await batch(1)))));
  let best = Infinity;
  for (let i = 0; i < 5; i++) best = Math.min(best, Math.max(1e-9, (await batch(times)) - read) / times);
  return best;
}

const words = lane.zeros(4 * threads);
const rate = (threads * rounds * 32) / (await seconds(() => { lane.run(chains, { out: words }, { rounds, factor: 0.5 }, threads / 64); }));
const copying = cases[0]!;
const bandwidth = copying.bytes / (await seconds(copying.call));
console.log(`copy ${(bandwidth / 1e9).toFixed(1)} GB/s, multiply-adds ${(rate / 1e9).toFixed(1)} GFlop/s\n`);

for (const { name, bytes, operations, call } of cases) {
  const time = await seconds(call);
  const [byMemory, byRate] = [bytes / bandwidth, operations / rate];
  const share = Math.max(byMemory, byRate) / time;
  console.log(
    `${name.padEnd(48)} ${(time * 1e3).toFixed(3).padStart(10)} ms ${(bytes / time / 1e9).toFixed(1).padStart(8)} GB/s ${(operations / time / 1e9).toFixed(1).padStart(8)} GFlop/s  `
      + `${(100 * share).toFixed(0).padStart(4)}% of ${byMemory > byRate ? 'bandwidth' : 'rate'}`,
  );
}
