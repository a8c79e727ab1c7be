/** Sums: each thread its share in order, then a tree. The partition depends on the length alone. Bound by memory. */
import { shader } from '../runtime/shader.ts';

const tree = `
var<workgroup> shares: array<f32, 256>;

fn total(lane: u32, share: f32) -> f32 {
  shares[lane] = share;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shares[lane] += shares[lane + half];
    }
  }
  return shares[0];
}`;

/** out[outAt + g] = the inner product over the numbers of workgroup g: `share` of them each, the last one fewer. */
export const dot = shader(
  'dot',
  { x: 'read f32', y: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', xAt: 'u32', yAt: 'u32', outAt: 'u32', share: 'u32' },
  `${tree}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let g = p.begin + group.x;
  let first = g * p.share;
  let to = min(first + p.share, p.n);
  var sum = 0.0;
  for (var i = first + lane; i < to; i += 256u) {
    sum += x[p.xAt + i] * y[p.yAt + i];
  }
  let all = total(lane, sum);
  if (lane == 0u) {
    out[p.outAt + g] = all;
  }
}`,
);

/** out[outAt] = the sum of x[0 … n - 1]. */
export const sum = shader(
  'sum',
  { x: 'read f32', out: 'write f32' },
  { n: 'u32', outAt: 'u32' },
  `${tree}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < p.n; i += 256u) {
    sum += x[i];
  }
  let all = total(lane, sum);
  if (lane == 0u) {
    out[p.outAt] = all;
  }
}`,
);
