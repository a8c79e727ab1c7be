/**
 * The residual R = u v^T - target and what is made of it, in one pass over the target; R is never stored. Bound by memory for small ranks: the
 * target is read once, and of parts of the products about rank / 32 as much is written and read again.
 */
import { shader } from '../runtime/shader.ts';
import { forSums, keepSum, sumFunctions, sumTree } from './sums.ts';

/** Columns of b and c that a dispatch takes: the sums of 64 rows lie in the workgroup's memory, of which every device has 16 KiB. */
export const mostColumns = 32;
/** Rows of a block, one a thread. */
export const blockRows = 64;
/** Columns of R at a time. */
export const stripColumns = 16;

/**
 * Workgroup y blocks + x takes the row blocks x, x + blocks, … and `width` columns from y width on:
 *
 *     leftParts[y] = R b over its columns,   rightParts[x] = R^T c over its rows,   squares[y blocks + x] = |R|^2 of its part
 *
 * with columns first … first + r - 1 of b and c. `wanted` has the bits 1 (left) and 2 (right). Squares of sixteen numbers are added in f32, all are
 * positive and as exact as the residual; what they add up to is kept as sums.
 */
export const residual = forSums((sums) => shader(
  sums === 'f32' ? 'residual' : 'residualDouble',
  { data: 'read f32', u: 'read f32', v: 'read f32', b: 'read f32', c: 'read f32', leftParts: 'write f32', rightParts: 'write f32', squares: 'write f32' },
  {
    begin: 'u32', blocks: 'u32', m: 'u32', n: 'u32', k: 'u32', r: 'u32', stride: 'u32', first: 'u32', width: 'u32', wanted: 'u32',
    dataAt: 'u32', uAt: 'u32', vAt: 'u32', bAt: 'u32', cAt: 'u32',
  },
  `${sumFunctions(sums, 'p.m >> 31u')}
${sumTree(64)}

// Of a strip of 16 columns: entry (row, column) at 64 column + row.
var<workgroup> strip: array<f32, 1024>;
// R b of a block: column q of row t at 64 q + t, which thread t alone touches.
var<workgroup> leftSums: array<f32, 2048>;

// Minus the target in four columns, where they are inside.
fn begun(row: u32, j: u32) -> vec4f {
  let at = p.dataAt + row * p.n;
  let last = p.n - 1u;
  return -vec4f(data[at + min(j, last)], data[at + min(j + 1u, last)], data[at + min(j + 2u, last)], data[at + min(j + 3u, last)]);
}

fn clipped(sum: vec4f, j: u32, end: u32, inside: bool) -> vec4f {
  return select(vec4f(), sum, (vec4u(j) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)) & vec4<bool>(inside));
}

fn keep(sum: vec4f, column: u32, lane: u32) {
  strip[64u * column + lane] = sum.x;
  strip[64u * column + 64u + lane] = sum.y;
  strip[64u * column + 128u + lane] = sum.z;
  strip[64u * column + 192u + lane] = sum.w;
}

// Rows of v or b in four columns of R, the last one again beyond the edge.
fn rows4(j: u32, at: u32, stride: u32) -> vec4u {
  return at + min(vec4u(j) + vec4u(0u, 1u, 2u, 3u), vec4u(p.n - 1u)) * stride;
}

fn of_v(at: vec4u) -> vec4f {
  return vec4f(v[at.x], v[at.y], v[at.z], v[at.w]);
}

fn of_b(at: vec4u) -> vec4f {
  return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let g = p.begin + group.x;
  let x = g % p.blocks;
  let y = g / p.blocks;
  let begin = y * p.width;
  let end = min(begin + p.width, p.n);
  var sum = Sum();
  for (var i0 = 64u * x; i0 < p.m; i0 += 64u * p.blocks) {
    let inside = i0 + lane < p.m;
    let row = min(i0 + lane, p.m - 1u);
    for (var q = 0u; q < p.r; q++) {
      leftSums[64u * q + lane] = 0.0;
    }
    for (var j = begin; j < end; j += 16u) {
      var s0 = begun(row, j);
      var s1 = begun(row, j + 4u);
      var s2 = begun(row, j + 8u);
      var s3 = begun(row, j + 12u);
      let v0 = rows4(j, p.vAt, p.k);
      let v1 = rows4(j + 4u, p.vAt, p.k);
      let v2 = rows4(j + 8u, p.vAt, p.k);
      let v3 = rows4(j + 12u, p.vAt, p.k);
      for (var l = 0u; l < p.k; l++) {
        let ul = u[p.uAt + row * p.k + l];
        s0 += ul * of_v(v0 + l);
        s1 += ul * of_v(v1 + l);
        s2 += ul * of_v(v2 + l);
        s3 += ul * of_v(v3 + l);
      }
      s0 = clipped(s0, j, end, inside);
      s1 = clipped(s1, j + 4u, end, inside);
      s2 = clipped(s2, j + 8u, end, inside);
      s3 = clipped(s3, j + 12u, end, inside);
      sum = plus(sum, dot(s0, s0) + dot(s1, s1) + dot(s2, s2) + dot(s3, s3));
      if ((p.wanted & 1u) != 0u) {
        let b0 = rows4(j, p.bAt + p.first, p.stride);
        let b1 = rows4(j + 4u, p.bAt + p.first, p.stride);
        let b2 = rows4(j + 8u, p.bAt + p.first, p.stride);
        let b3 = rows4(j + 12u, p.bAt + p.first, p.stride);
        for (var q = 0u; q < p.r; q++) {
          leftSums[64u * q + lane] += dot(s0, of_b(b0 + q)) + dot(s1, of_b(b1 + q)) + dot(s2, of_b(b2 + q)) + dot(s3, of_b(b3 + q));
        }
      }
      if ((p.wanted & 2u) != 0u) {
        keep(s0, 0u, lane);
        keep(s1, 4u, lane);
        keep(s2, 8u, lane);
        keep(s3, 12u, lane);
        workgroupBarrier();
        for (var pair = lane; pair < 16u * p.r; pair += 64u) {
          let column = pair / p.r;
          let q = pair % p.r;
          if (j + column < end) {
            var part = 0.0;
            for (var t = 0u; t < min(64u, p.m - i0); t++) {
              part += strip[64u * column + t] * c[p.cAt + (i0 + t) * p.stride + p.first + q];
            }
            let at = (x * p.n + j + column) * p.r + q;
            if (i0 == 64u * x) {
              rightParts[at] = part;
            } else {
              rightParts[at] += part;
            }
          }
        }
        workgroupBarrier();
      }
    }
    if ((p.wanted & 1u) != 0u && inside) {
      for (var q = 0u; q < p.r; q++) {
        leftParts[(y * p.m + row) * p.r + q] = leftSums[64u * q + lane];
      }
    }
  }
  let all = total(lane, sum);
  if (lane == 0u) {
    ${keepSum(sums, 'squares', 'g', 'all')}
  }
}`,
));
