/**
 * Every kernel that moves much or computes much, on the GPU of this machine, against its two limits: bytes moved over the bandwidth that a copy
 * reaches, and operations over the rate of chains of multiply-adds in registers. Prints the share of the nearer limit.
 *
 *     node --conditions=@lowland/source packages/webgpu/test/measure.ts [size]
 *
 * `size` (default 4096) is the side of dense matrices; vectors and lists of entries have size^2 numbers. What to expect, reasoned and not
 * measured: elementwise kernels and `dot` near 1; products with few columns, and the residual in one pass, near the bandwidth for ranks up to
 * about 10; large square products well below their limit, since tiles are shared by caches alone; sparse ones by how local their rows are.
 */
import { argv } from 'node:process';

import type { Mat, Vec } from '@lowland/core';

import { GpuDevice } from '../src/device.ts';
import { webgpuInfo } from '../src/info.ts';
import { shader } from '../src/runtime/shader.ts';
import { openSite } from '../src/webgpu.ts';

const size = Number(argv[2] ?? 4096);
const [count, rank] = [size * size, 10];
const bufferBytes = 4 * count;

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

const { vendor, architecture, description, fallback } = await webgpuInfo();
console.log(`${vendor} ${architecture} ${description}${fallback ? ' (software: its numbers say nothing about GPUs)' : ''}, size ${size}`);

const { lane } = await openSite({ bufferBytes });
using device = new GpuDevice(lane, bufferBytes, () => undefined);
using memory = device.memory();
const { kernels } = device;
const vector = (length: number): Vec => {
  const x = memory.vector(length);
  kernels.fill(x, 0.5);
  return x;
};
const matrix = (rows: number, cols: number): Mat => device.matrix(vector(rows * cols), 0, rows, cols);

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

const [x, y, z] = [matrix(size, size), matrix(size, size), matrix(size, size)];
const [u, v, left, right, slot] = [matrix(size, rank), matrix(size, rank), matrix(size, rank), matrix(size, rank), vector(1)];
const indices = (of: (e: number) => number) => memory.integers(Int32Array.from({ length: count }, (_, e) => of(e)));
// A row's entries at strides through the columns.
const [row, col] = [indices((e) => Math.floor(e / size)), indices((e) => (e * 7919) % size)];
const pointers = memory.integers(Int32Array.from({ length: size + 1 }, (_, i) => i * size));

const bandwidth = (8 * count) / (await seconds(() => { kernels.copy(x, y); }));
const words = lane.zeros(4 * threads);
const rate = (threads * rounds * 32) / (await seconds(() => { lane.run(chains, { out: words }, { rounds, factor: 0.5 }, threads / 64); }));
console.log(`copy ${(bandwidth / 1e9).toFixed(1)} GB/s, multiply-adds ${(rate / 1e9).toFixed(1)} GFlop/s\n`);

/** Name, bytes that must be moved, operations, call. */
const cases: readonly (readonly [string, number, number, () => void])[] = [
  ['axpy', 12 * count, 2 * count, () => { kernels.axpy(0.5, x, y); }],
  ['mul', 12 * count, count, () => { kernels.mul(x, y, z); }],
  ['dot', 8 * count, 2 * count, () => { kernels.dot(x, y, slot); }],
  ['loss logistic', 20 * count, 30 * count, () => { kernels.loss!('logistic', slot, x, y, undefined, z); }],
  ['gemm, square', 12 * count, 2 * count * size, () => { kernels.gemm('N', 'N', 1, x, y, 0, z); }],
  [`gemm, M V of ${rank} columns`, 4 * count, 2 * count * rank, () => { kernels.gemm('N', 'N', 1, x, v, 0, left); }],
  [`gemm, M^T U of ${rank} columns`, 4 * count, 2 * count * rank, () => { kernels.gemm('T', 'N', 1, x, u, 0, right); }],
  [`gemm, U V^T of rank ${rank}`, 4 * count, 2 * count * rank, () => { kernels.gemm('N', 'T', 1, u, v, 0, z); }],
  ['gemv', 4 * count, 2 * count, () => { kernels.gemv('N', 1, x, device.view(y, 0, size), 0, device.view(z, 0, size)); }],
  ['gemv, transposed', 4 * count, 2 * count, () => { kernels.gemv('T', 1, x, device.view(y, 0, size), 0, device.view(z, 0, size)); }],
  ['residualProducts', 4 * count, 6 * count * rank, () => { kernels.residualProducts!(x, u, v, 1, v, left, u, right, slot); }],
  ['sddmm', 12 * count, 2 * count * rank, () => { kernels.sddmm(row, col, u, v, z); }],
  ['spmm', 12 * count, 2 * count * rank, () => { kernels.spmm(row, col, x, v, left, false); }],
  ['observedResidual', 16 * count, 4 * count * rank, () => { kernels.observedResidual!(pointers, col, x, undefined, u, v, z, 1, v, left, slot); }],
];
for (const [name, bytes, operations, call] of cases) {
  const time = await seconds(call);
  const [byMemory, byRate] = [bytes / bandwidth, operations / rate];
  const share = Math.max(byMemory, byRate) / time;
  console.log(
    `${name.padEnd(28)} ${(time * 1e3).toFixed(3).padStart(10)} ms ${(bytes / time / 1e9).toFixed(1).padStart(8)} GB/s ${(operations / time / 1e9).toFixed(1).padStart(8)} GFlop/s  `
      + `${(100 * share).toFixed(0).padStart(4)}% of ${byMemory > byRate ? 'bandwidth' : 'rate'}`,
  );
}
