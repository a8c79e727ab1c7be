/** Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011) to the words of core: WGSL has no 64-bit product, so its high half is made of 16-bit ones. */
import { shader } from '../runtime/shader.ts';

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

/** out[i] = word i of the stream: a block of four a thread. Bound by arithmetic. */
export const words = shader(
  'words',
  { out: 'write u32' },
  { begin: 'u32', n: 'u32', seedLow: 'u32', seedHigh: 'u32', indexLow: 'u32', indexHigh: 'u32', purpose: 'u32' },
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
