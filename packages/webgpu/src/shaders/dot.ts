/** Sums: each thread its share in order, then a tree. The partition depends on the length alone. Bound by memory. */
import { shader } from '../runtime/shader.ts';
import { forSums, keepSum, keptSum, sumFunctions, sumTree } from './sums.ts';

/**
 * The inner product over the numbers of workgroup g, `share` of them each, the last one fewer: rounded into out[outAt] where one workgroup takes
 * all, else sum g of `out`. n is below 2^31.
 */
export const dot = forSums((sums) =>
  shader(
    sums === 'f32' ? 'dot' : 'dotDouble',
    { x: 'read f32', y: 'read f32', out: 'write f32' },
    { begin: 'u32', n: 'u32', xAt: 'u32', yAt: 'u32', outAt: 'u32', share: 'u32' },
    `${sumFunctions(sums, 'p.n >> 31u')}
${sumTree(256)}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let g = p.begin + group.x;
  let first = g * p.share;
  let to = min(first + p.share, p.n);
  var sum = Sum();
  for (var i = first + lane; i < to; i += 256u) {
    sum = plusProduct(sum, x[p.xAt + i], y[p.yAt + i]);
  }
  let all = total(lane, sum);
  if (lane != 0u) {
    return;
  }
  if (p.share >= p.n) {
    out[p.outAt] = rounded(all);
  } else {
    ${keepSum(sums, 'out', 'g', 'all')}
  }
}`,
  ),
);

/** out[outAt] = the sum of the sums 0 … n - 1 of x, rounded. */
export const sum = forSums((sums) =>
  shader(
    sums === 'f32' ? 'sum' : 'sumDouble',
    { x: 'read f32', out: 'write f32' },
    { n: 'u32', outAt: 'u32' },
    `${sumFunctions(sums, 'p.n >> 31u')}
${sumTree(256)}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = Sum();
  for (var i = lane; i < p.n; i += 256u) {
    sum = together(sum, ${keptSum(sums, 'x', 'i')});
  }
  let all = total(lane, sum);
  if (lane == 0u) {
    out[p.outAt] = rounded(all);
  }
}`,
  ),
);
