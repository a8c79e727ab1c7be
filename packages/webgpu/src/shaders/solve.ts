/** The r x r solve that stays on the device. Bound by the latency of r dependent columns: r is the rank of a problem, small. */
import { shader } from '../runtime/shader.ts';

/**
 * l = the lower Cholesky factor of a + shift I, r x r, by one workgroup, column after column; after it 1 in l[r r], or 0 where a pivot is not
 * positive and finite. Told by the bits: compilers may assume that there is no NaN.
 */
export const cholesky = shader(
  'cholesky',
  { a: 'read f32', l: 'write f32' },
  { r: 'u32', aAt: 'u32', shift: 'f32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var positive = 1.0;
  for (var j = 0u; j < p.r; j++) {
    for (var i = j + lane; i < p.r; i += 64u) {
      var s = a[p.aAt + i * p.r + j] + select(0.0, p.shift, i == j);
      for (var k = 0u; k < j; k++) {
        s -= l[i * p.r + k] * l[j * p.r + k];
      }
      l[i * p.r + j] = s;
    }
    storageBarrier();
    let pivot = l[j * p.r + j];
    let bits = bitcast<u32>(pivot);
    let good = bits > 0u && bits < 0x7f800000u;
    let root = sqrt(select(1.0, pivot, good));
    positive *= select(0.0, 1.0, good);
    storageBarrier();
    for (var i = j + lane; i < p.r; i += 64u) {
      l[i * p.r + j] = select(l[i * p.r + j] / root, root, i == j);
    }
    storageBarrier();
  }
  if (lane == 0u) {
    l[p.r * p.r] = positive;
  }
}`,
);

/** out = b (l l^T)^-1, a row a thread; what `nan` holds where there is no factor. */
export const substitute = shader(
  'substitute',
  { l: 'read f32', b: 'read f32', out: 'write f32' },
  { begin: 'u32', rows: 'u32', r: 'u32', bAt: 'u32', outAt: 'u32', nan: 'u32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let r = p.r;
  let row = 64u * (p.begin + group.x) + lane;
  if (row >= p.rows) {
    return;
  }
  let x = p.outAt + row * r;
  if (l[r * r] == 0.0) {
    for (var i = 0u; i < r; i++) {
      out[x + i] = bitcast<f32>(p.nan);
    }
    return;
  }
  for (var i = 0u; i < r; i++) {
    var s = b[p.bAt + row * r + i];
    for (var k = 0u; k < i; k++) {
      s -= l[i * r + k] * out[x + k];
    }
    out[x + i] = s / l[i * r + i];
  }
  for (var j = r; j > 0u; j--) {
    let i = j - 1u;
    var s = out[x + i];
    for (var k = i + 1u; k < r; k++) {
      s -= l[k * r + i] * out[x + k];
    }
    out[x + i] = s / l[i * r + i];
  }
}`,
);
