/** Products of matrices. Elements (i, k) of a stand at aAt + i ai + k ak, those of b alike, so transposes are strides. */
import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';

const parameters = {
  begin: 'u32', m: 'u32', n: 'u32', k: 'u32', aAt: 'u32', ai: 'u32', ak: 'u32', bAt: 'u32', bk: 'u32', bj: 'u32', outAt: 'u32', alpha: 'f32', beta: 'f32',
} as const;

/** Four rows and columns from (i0, j0) on: 32 operations for 8 numbers read. Beyond the edge the last row or column again, which nobody stores. */
const tile = `
fn tileRows(i0: u32) -> vec4u {
  return p.aAt + min(vec4u(i0) + vec4u(0u, 1u, 2u, 3u), vec4u(p.m - 1u)) * p.ai;
}

fn tileColumns(j0: u32) -> vec4u {
  return p.bAt + min(vec4u(j0) + vec4u(0u, 1u, 2u, 3u), vec4u(p.n - 1u)) * p.bj;
}

fn tileProduct(i0: u32, j0: u32, first: u32, end: u32, stride: u32) -> array<vec4f, 4> {
  let rows = tileRows(i0);
  let columns = tileColumns(j0);
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var k = first; k < end; k += stride) {
    let ak = rows + k * p.ak;
    let bk = columns + k * p.bk;
    let right = vec4f(b[bk.x], b[bk.y], b[bk.z], b[bk.w]);
    s0 += a[ak.x] * right;
    s1 += a[ak.y] * right;
    s2 += a[ak.z] * right;
    s3 += a[ak.w] * right;
  }
  return array<vec4f, 4>(s0, s1, s2, s3);
}

fn store(i: u32, j0: u32, base: u32, sums: vec4f) {
  if (i >= p.m) {
    return;
  }
  for (var j = j0; j < min(j0 + 4u, p.n); j++) {
    let at = base + i * p.n + j;
    var value = p.alpha * sums[j - j0];
    if (p.beta != 0.0) {
      value += p.beta * out[at];
    }
    out[at] = value;
  }
}`;

/** out = alpha a b + beta out, a tile a thread. Bound by memory for small k and n, else by how the caches serve the tiles. */
export const product = shader(
  'product',
  { a: 'read f32', b: 'read f32', out: 'write f32' },
  parameters,
  `${tile}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let across = (p.n + 3u) / 4u;
  let at = 64u * (p.begin + group.x) + lane;
  let i0 = (at / across) * 4u;
  let j0 = (at % across) * 4u;
  if (i0 >= p.m) {
    return;
  }
  let sums = tileProduct(i0, j0, 0u, p.k, 1u);
  store(i0, j0, p.outAt, sums[0]);
  store(i0 + 1u, j0, p.outAt, sums[1]);
  store(i0 + 2u, j0, p.outAt, sums[2]);
  store(i0 + 3u, j0, p.outAt, sums[3]);
}`,
);

/**
 * The same for few numbers of long sums: a tile a workgroup, whose threads share the sum out; workgroup slice tiles + tile
 * takes `share` terms of it, and its sums go to out + slice m n. Bound by memory: each number of a is read once for four columns.
 */
export const innerProduct = shader(
  'innerProduct',
  { a: 'read f32', b: 'read f32', out: 'write f32' },
  { ...parameters, share: 'u32' },
  `${tile}

var<workgroup> shares: array<vec4f, 256>;
var<workgroup> parts: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let across = (p.n + 3u) / 4u;
  let tiles = across * ((p.m + 3u) / 4u);
  let at = (p.begin + group.x) % tiles;
  let slice = (p.begin + group.x) / tiles;
  let i0 = (at / across) * 4u;
  let j0 = (at % across) * 4u;
  let first = slice * p.share;
  let sums = tileProduct(i0, j0, first + lane, min(first + p.share, p.k), 64u);
  shares[lane] = sums[0];
  shares[64u + lane] = sums[1];
  shares[128u + lane] = sums[2];
  shares[192u + lane] = sums[3];
  workgroupBarrier();
  // Of each row sixteen threads add four shares each, and one of them what these found.
  let row = lane / 16u;
  let four = 64u * row + 4u * (lane % 16u);
  parts[lane] = shares[four] + shares[four + 1u] + shares[four + 2u] + shares[four + 3u];
  workgroupBarrier();
  if (lane < 4u) {
    var sum = vec4f();
    for (var t = 0u; t < 16u; t++) {
      sum += parts[16u * lane + t];
    }
    store(i0 + lane, j0, p.outAt + slice * p.m * p.n, sum);
  }
}`,
);

/** out = alpha times the sum of its slices + beta out; rows of `cols` numbers, `stride` apart in out. */
export const sumSlices = shader(
  'sumSlices',
  { slices: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', count: 'u32', cols: 'u32', stride: 'u32', outAt: 'u32', alpha: 'f32', beta: 'f32' },
  each(`var sum = 0.0;
    for (var s = 0u; s < p.count; s++) {
      sum += slices[s * p.n + i];
    }
    let at = p.outAt + (i / p.cols) * p.stride + i % p.cols;
    var value = p.alpha * sum;
    if (p.beta != 0.0) {
      value += p.beta * out[at];
    }
    out[at] = value;`),
);

/** Complex matrices, pairs (re, im); strides count pairs. aSign and bSign are -1 where a factor is conjugated. One number of out a thread. */
export const complexProduct = shader(
  'complexProduct',
  { a: 'read f32', b: 'read f32', out: 'write f32' },
  { ...parameters, aSign: 'f32', bSign: 'f32' },
  `
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let at = 256u * (p.begin + group.x) + lane;
  if (at < p.m * p.n) {
    let i = at / p.n;
    let j = at % p.n;
    var sum = vec2f();
    for (var k = 0u; k < p.k; k++) {
      let x = p.aAt + 2u * (i * p.ai + k * p.ak);
      let y = p.bAt + 2u * (k * p.bk + j * p.bj);
      let l = vec2f(a[x], p.aSign * a[x + 1u]);
      let r = vec2f(b[y], p.bSign * b[y + 1u]);
      sum += vec2f(l.x * r.x - l.y * r.y, l.x * r.y + l.y * r.x);
    }
    let to = p.outAt + 2u * at;
    var value = p.alpha * sum;
    if (p.beta != 0.0) {
      value += p.beta * vec2f(out[to], out[to + 1u]);
    }
    out[to] = value.x;
    out[to + 1u] = value.y;
  }
}`,
);
