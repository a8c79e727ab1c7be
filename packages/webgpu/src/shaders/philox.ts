/** Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011) to the words of core: WGSL has no 64-bit product, so its high half is made of 16-bit ones. */
import type { StreamKey } from '@lowland/core';

import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';

const two32 = 2 ** 32;

/** What a shader is told of a stream, and the parameters that tell it. */
export const streamParameters = { seedLow: 'u32', seedHigh: 'u32', indexLow: 'u32', indexHigh: 'u32', purpose: 'u32' } as const;
export const streamOf = ({ seed, purpose, index }: StreamKey): Readonly<Record<keyof typeof streamParameters, number>> => ({
  seedLow: seed % two32,
  seedHigh: Math.floor(seed / two32),
  indexLow: index % two32,
  indexHigh: Math.floor(index / two32),
  purpose,
});

const philoxFunctions = `
fn multiplyHigh(x: u32, y: u32) -> u32 {
  let xl = x & 0xffffu;
  let xh = x >> 16u;
  let yl = y & 0xffffu;
  let yh = y >> 16u;
  let middle = xh * yl + ((xl * yl) >> 16u);
  let other = xl * yh + (middle & 0xffffu);
  return xh * yh + (middle >> 16u) + (other >> 16u);
}

fn philox(counter: vec4u, seed: vec2u) -> vec4u {
  var c = counter;
  var k = seed;
  for (var round = 0; round < 10; round++) {
    let high0 = multiplyHigh(0xd2511f53u, c.x);
    let high1 = multiplyHigh(0xcd9e8d57u, c.z);
    c = vec4u(high1 ^ c.y ^ k.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

/**
 * `lattice(i, index, purpose, seed)`: number i of a stream by the lattice rule, the bits of core's `latticeNormals`. Some 250 operations on words, most of
 * them for products of 64 bits.
 */
export const latticeFunctions = `${philoxFunctions}

fn lattice(i: u32, index: vec2u, purpose: u32, seed: vec2u) -> f32 {
  let ones = countOneBits(philox(vec4u(i, index, purpose), seed));
  return f32(i32(ones.x + ones.y + ones.z + ones.w) - 64) * ${Math.fround(1 / Math.sqrt(32))};
}`;

/** out[i] = word i of the stream: a block of four a thread. Bound by arithmetic. */
export const words = shader(
  'words',
  { out: 'write u32' },
  { begin: 'u32', n: 'u32', ...streamParameters },
  `${philoxFunctions}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let block = 64u * (p.begin + group.x) + lane;
  if (4u * block >= p.n) {
    return;
  }
  let drawn = philox(vec4u(block, p.indexLow, p.indexHigh, p.purpose), vec2u(p.seedLow, p.seedHigh));
  for (var i = 0u; i < min(4u, p.n - 4u * block); i++) {
    out[4u * block + i] = drawn[i];
  }
}`,
);

/** out[outAt + i] = number i of the stream by the lattice rule. Bound by arithmetic. */
export const latticeNumbers = shader(
  'latticeNumbers',
  { out: 'write f32' },
  { begin: 'u32', n: 'u32', outAt: 'u32', ...streamParameters },
  `${latticeFunctions}
${each('out[p.outAt + i] = lattice(i, vec2u(p.indexLow, p.indexHigh), p.purpose, vec2u(p.seedLow, p.seedHigh));')}`,
);
