/**
 * Products with a matrix that is never held: row k of it holds the first n numbers of the stream with the index of the key plus k, by the lattice
 * rule, drawn where they are used. Bound by arithmetic: some 250 operations on words for a number, which serves one product or two.
 */
import { shader } from '../runtime/shader.ts';
import { latticeFunctions, streamParameters } from './philox.ts';

/** a(k, j): number j of row k. */
const drawnNumber = `${latticeFunctions}

fn drawn(k: u32, j: u32) -> f32 {
  let low = p.indexLow + k;
  return lattice(j, vec2u(low, p.indexHigh + select(0u, 1u, low < k)), p.purpose, vec2u(p.seedLow, p.seedHigh));
}`;

/** rho[k] = <a_k, x> - y[k] where there are `data`, and where `two`, drho[k] = <a_k, dx>: a row a workgroup. */
export const drawnImage = shader(
  'drawnImage',
  { x: 'read f32', y: 'read f32', dx: 'read f32', rho: 'write f32', drho: 'write f32' },
  { begin: 'u32', n: 'u32', data: 'u32', two: 'u32', xAt: 'u32', yAt: 'u32', dxAt: 'u32', rhoAt: 'u32', drhoAt: 'u32', ...streamParameters },
  `${drawnNumber}

var<workgroup> shares: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let k = p.begin + group.x;
  var sum = vec2f();
  for (var j = lane; j < p.n; j += 64u) {
    let a = drawn(k, j);
    sum.x += a * x[p.xAt + j];
    if (p.two != 0u) {
      sum.y += a * dx[p.dxAt + j];
    }
  }
  shares[lane] = sum;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shares[lane] += shares[lane + half];
    }
  }
  if (lane != 0u) {
    return;
  }
  var residual = shares[0].x;
  if (p.data != 0u) {
    residual -= y[p.yAt + k];
  }
  rho[p.rhoAt + k] = residual;
  if (p.two != 0u) {
    drho[p.drhoAt + k] = shares[0].y;
  }
}`,
);

/**
 * slices[s n + j] = sum of rho[k] a_kj over the rows of slice s, `share` of them, in their order; and where `two`, dslices likewise of drho.
 * Workgroup g takes 64 columns of slice g / across.
 */
export const drawnAdjoint = shader(
  'drawnAdjoint',
  { rho: 'read f32', drho: 'read f32', slices: 'write f32', dslices: 'write f32' },
  { begin: 'u32', m: 'u32', n: 'u32', across: 'u32', share: 'u32', two: 'u32', rhoAt: 'u32', drhoAt: 'u32', ...streamParameters },
  `${drawnNumber}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let g = p.begin + group.x;
  let slice = g / p.across;
  let j = 64u * (g % p.across) + lane;
  if (j >= p.n) {
    return;
  }
  let first = slice * p.share;
  var sum = vec2f();
  for (var k = first; k < min(first + p.share, p.m); k++) {
    let a = drawn(k, j);
    sum.x += rho[p.rhoAt + k] * a;
    if (p.two != 0u) {
      sum.y += drho[p.drhoAt + k] * a;
    }
  }
  slices[slice * p.n + j] = sum.x;
  if (p.two != 0u) {
    dslices[slice * p.n + j] = sum.y;
  }
}`,
);
