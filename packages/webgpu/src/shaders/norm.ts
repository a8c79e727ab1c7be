/** The Euclidean norm with no overflow or underflow on the way: squares are taken of numbers scaled by the largest of their share. Bound by memory. */
import { shader } from '../runtime/shader.ts';
import { forSums, keepSum, keptSum, sumFunctions, sumTree } from './sums.ts';

/** `scaleOf(bits)`: what brings a number near 1 and rounds nothing. */
export const scaleOf = `
// 2^-e for the exponent e of these bits, within what is a normal number both ways.
fn scaleOf(bits: u32) -> f32 {
  return bitcast<f32>((254u - clamp(bits >> 23u, 2u, 252u)) << 23u);
}`;

/** `largest(lane, bits)` of 256 threads, and `scaleOf(bits)`. */
export const largest = `
var<workgroup> most: array<u32, 256>;

// The largest of all, in every thread. Bits of numbers that are not negative ascend as they do, those of NaN beyond.
fn largest(lane: u32, bits: u32) -> u32 {
  most[lane] = bits;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      most[lane] = max(most[lane], most[lane + half]);
    }
  }
  workgroupBarrier();
  return most[0];
}

${scaleOf}`;

/** Of the share of workgroup g: scales[g] = the bits of the largest |x|, parts[g] = the sum of squares, scaled by it. */
export const normParts = forSums((sums) =>
  shader(
    sums === 'f32' ? 'normParts' : 'normPartsDouble',
    { x: 'read f32', scales: 'write u32', parts: 'write f32' },
    { begin: 'u32', n: 'u32', xAt: 'u32', share: 'u32' },
    `${sumFunctions(sums, 'p.n >> 31u')}
${sumTree(256)}
${largest}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let g = p.begin + group.x;
  let first = p.xAt + g * p.share;
  let end = p.xAt + min((g + 1u) * p.share, p.n);
  var bits = 0u;
  for (var i = first + lane; i < end; i += 256u) {
    bits = max(bits, bitcast<u32>(x[i]) & 0x7fffffffu);
  }
  let all = largest(lane, bits);
  let scale = scaleOf(all);
  var sum = Sum();
  for (var i = first + lane; i < end; i += 256u) {
    let value = scale * x[i];
    sum = plusProduct(sum, value, value);
  }
  let squares = total(lane, sum);
  if (lane == 0u) {
    scales[g] = all;
    ${keepSum(sums, 'parts', 'g', 'squares')}
  }
}`,
  ),
);

/** out[outAt] = the norm of `count` shares. What is not finite is what the largest of all was. */
export const norm = forSums((sums) =>
  shader(
    sums === 'f32' ? 'norm' : 'normDouble',
    { scales: 'read u32', parts: 'read f32', out: 'write f32' },
    { count: 'u32', outAt: 'u32' },
    `${sumFunctions(sums, 'p.count >> 31u')}
${sumTree(256)}
${largest}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var bits = 0u;
  for (var i = lane; i < p.count; i += 256u) {
    bits = max(bits, scales[i]);
  }
  let all = largest(lane, bits);
  let scale = scaleOf(all);
  var sum = Sum();
  for (var i = lane; i < p.count; i += 256u) {
    let ratio = scale / scaleOf(scales[i]);
    sum = together(sum, ratio * (ratio * ${keptSum(sums, 'parts', 'i')}));
  }
  let squares = total(lane, sum);
  if (lane == 0u) {
    out[p.outAt] = select(sqrt(rounded(squares)) / scale, bitcast<f32>(all), all >= 0x7f800000u);
  }
}`,
  ),
);
