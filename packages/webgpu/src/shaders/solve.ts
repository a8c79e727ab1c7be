/** Cholesky factors and triangular solves that stay on the device, for matrices as small as the rank of a problem. Bound by the latency of dependent columns. */
import { shader } from '../runtime/shader.ts';

/** Columns of a factor, or unknowns of a solve, that one dispatch finds: those of larger matrices come in several, each short. */
export const solveBlock = 32;

/**
 * Columns first … end - 1 of l = the lower Cholesky factor of a + shift I, r x r, in the rows up to end, by one workgroup, column after column; those
 * before are there. After it 1 in l[r r], or 0 where a pivot was not positive and finite. Told by the bits: compilers may assume that there is no NaN.
 */
export const cholesky = shader(
  'cholesky',
  { a: 'read f32', l: 'write f32' },
  { r: 'u32', first: 'u32', end: 'u32', aAt: 'u32', shift: 'f32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var positive = 1.0;
  for (var j = p.first; j < p.end; j++) {
    for (var i = j + lane; i < p.end; i += 64u) {
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
    for (var i = j + lane; i < p.end; i += 64u) {
      l[i * p.r + j] = select(l[i * p.r + j] / root, root, i == j);
    }
    storageBarrier();
  }
  if (lane == 0u) {
    l[p.r * p.r] = select(positive * l[p.r * p.r], positive, p.first == 0u);
  }
}`,
);

/** The rows of these columns from end on, a row a thread. */
export const choleskyRows = shader(
  'choleskyRows',
  { a: 'read f32', l: 'write f32' },
  { begin: 'u32', r: 'u32', first: 'u32', end: 'u32', aAt: 'u32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let i = p.end + 64u * (p.begin + group.x) + lane;
  if (i >= p.r) {
    return;
  }
  for (var j = p.first; j < p.end; j++) {
    var s = a[p.aAt + i * p.r + j];
    for (var k = 0u; k < j; k++) {
      s -= l[i * p.r + k] * l[j * p.r + k];
    }
    l[i * p.r + j] = s / l[j * p.r + j];
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

/**
 * Unknowns first … end - 1, counted from the last one where `backward`, of the n of each right-hand side, a side a thread; those before are in out.
 * Number q of side c stands at c across + q along, in b and out.
 */
export const triangularSolve = shader(
  'triangularSolve',
  { l: 'read f32', b: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', sides: 'u32', across: 'u32', along: 'u32', first: 'u32', end: 'u32', backward: 'u32', lAt: 'u32', bAt: 'u32', outAt: 'u32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let side = 64u * (p.begin + group.x) + lane;
  if (side >= p.sides) {
    return;
  }
  for (var t = p.first; t < p.end; t++) {
    let q = select(t, p.n - 1u - t, p.backward != 0u);
    var s = b[p.bAt + side * p.across + q * p.along];
    for (var before = 0u; before < t; before++) {
      let k = select(before, p.n - 1u - before, p.backward != 0u);
      s -= l[p.lAt + max(q, k) * p.n + min(q, k)] * out[p.outAt + side * p.across + k * p.along];
    }
    out[p.outAt + side * p.across + q * p.along] = s / l[p.lAt + q * p.n + q];
  }
}`,
);
