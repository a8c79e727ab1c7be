/**
 * Householder's reflections and one-sided Jacobi rotations, for matrices with few columns. Inside of these kernels columns lie one after the other:
 * number (i, c) of a matrix with m rows at c m + i. Bound by latency: columns depend on each other, and one dispatch takes one.
 */
import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';
import { largest, scaleOf } from './norm.ts';
import { sumFunctions, sumTree } from './sums.ts';

/** out (columns one after the other) = a, `rows` x `cols`, or its transpose where `across` and `along`, the steps to the next row and column, say so. */
export const columnsIn = shader(
  'columnsIn',
  { a: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', rows: 'u32', across: 'u32', along: 'u32', aAt: 'u32' },
  each('out[i] = a[p.aAt + (i % p.rows) * p.across + (i / p.rows) * p.along];'),
);

/**
 * From rows j … of column j of x the reflection I - beta v v^T that leaves of them alpha in row j: vectors[j m + i] = v_i, scaled against overflow,
 * coefficients[2 j] = beta, coefficients[2 j + 1] = alpha. One workgroup.
 */
export const reflector = shader(
  'reflector',
  { x: 'read f32', vectors: 'write f32', coefficients: 'write f32' },
  { m: 'u32', j: 'u32' },
  `${sumFunctions('f32', '')}
${sumTree(256)}
${largest}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  let at = p.j * p.m;
  var bits = 0u;
  for (var i = p.j + lane; i < p.m; i += 256u) {
    bits = max(bits, bitcast<u32>(x[at + i]) & 0x7fffffffu);
  }
  let all = largest(lane, bits);
  let scale = scaleOf(all);
  var sum = Sum();
  for (var i = p.j + lane; i < p.m; i += 256u) {
    let value = scale * x[at + i];
    vectors[at + i] = value;
    sum = plusProduct(sum, value, value);
  }
  let squares = total(lane, sum);
  if (lane == 0u) {
    let size = sqrt(squares);
    let first = scale * x[at + p.j];
    let alpha = select(size, -size, first > 0.0);
    vectors[at + p.j] = first - alpha;
    coefficients[2u * p.j] = select(1.0 / (size * (size + abs(first))), 0.0, all == 0u);
    coefficients[2u * p.j + 1u] = alpha / scale;
  }
}`,
);

/** Reflection j of columns first … of x, a column a workgroup. */
export const reflect = shader(
  'reflect',
  { vectors: 'read f32', coefficients: 'read f32', x: 'write f32' },
  { begin: 'u32', m: 'u32', j: 'u32', first: 'u32' },
  `${sumFunctions('f32', '')}
${sumTree(256)}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let v = p.j * p.m;
  let at = (p.first + p.begin + group.x) * p.m;
  var sum = Sum();
  for (var i = p.j + lane; i < p.m; i += 256u) {
    sum = plusProduct(sum, vectors[v + i], x[at + i]);
  }
  let part = total(lane, sum);
  if (lane == 0u) {
    shares[0] = coefficients[2u * p.j] * part;
  }
  workgroupBarrier();
  let factor = shares[0];
  for (var i = p.j + lane; i < p.m; i += 256u) {
    x[at + i] -= factor * vectors[v + i];
  }
}`,
);

/** out = the triangle of x after its reflections, zero below; rows with the sign of alpha, so that the diagonal is not negative, where `signed`. */
export const triangle = shader(
  'triangle',
  { x: 'read f32', coefficients: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', m: 'u32', rows: 'u32', across: 'u32', along: 'u32', signed: 'u32', outAt: 'u32' },
  each(`let row = i % p.rows;
    let col = i / p.rows;
    var value = 0.0;
    if (col == row) {
      value = coefficients[2u * row + 1u];
    } else if (col > row) {
      value = x[col * p.m + row];
    }
    if (p.signed != 0u && col >= row && coefficients[2u * row + 1u] < 0.0) {
      value = -value;
    }
    out[p.outAt + row * p.across + col * p.along] = value;`),
);

/** out = the m x n matrix with the k x n matrix x on top and zeros below. */
export const extend = shader(
  'extend',
  { x: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', m: 'u32', k: 'u32' },
  each(`let row = i % p.m;
    var value = 0.0;
    if (row < p.k) {
      value = x[(i / p.m) * p.k + row];
    }
    out[i] = value;`),
);

/** x times the power of two that brings size[0] near 1, so that squares neither overflow nor vanish; and `back`. */
export const nearOne = shader(
  'nearOne',
  { size: 'read f32', x: 'write f32' },
  { begin: 'u32', n: 'u32', back: 'u32' },
  `${scaleOf}
${each(`let scale = scaleOf(bitcast<u32>(size[0]));
    x[i] = select(x[i] * scale, x[i] / scale, p.back != 0u);`)}`,
);

/** out = as many columns of the m x m identity as there is room for, with the signs of the alphas where `signed`. */
export const identity = shader(
  'identity',
  { coefficients: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', m: 'u32', signed: 'u32' },
  each(`var value = select(0.0, 1.0, i % (p.m + 1u) == 0u);
    if (p.signed != 0u && coefficients[2u * (i / p.m) + 1u] < 0.0) {
      value = -value;
    }
    out[i] = value;`),
);

/**
 * A sweep of rotations over all pairs of the n columns of x, which make them orthogonal; of y, which has as many, the same. Rounds of pairs that
 * share no column, a pair a thread. moved[sweep + 1] = whether there was any; without one in the sweep before nothing is done. One workgroup.
 */
export const rotations = shader(
  'rotations',
  { x: 'write f32', y: 'write f32', moved: 'write u32' },
  { n: 'u32', sweep: 'u32' },
  `
var<workgroup> open: u32;
var<workgroup> turned: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    open = moved[p.sweep];
  }
  if (workgroupUniformLoad(&open) == 0u) {
    if (lane == 0u) {
      moved[p.sweep + 1u] = 0u;
    }
    return;
  }
  // A tournament: of an even number of players the last one stays, the others go round.
  let players = p.n + p.n % 2u;
  let circle = players - 1u;
  var any = 0u;
  for (var round = 0u; round < circle; round++) {
    for (var pair = lane; 2u * pair < players; pair += 64u) {
      let one = (round + pair) % circle;
      let other = select((round + circle - pair) % circle, circle, pair == 0u);
      if (max(one, other) >= p.n) {
        continue;
      }
      let a = one * p.n;
      let b = other * p.n;
      var sums = vec3f();
      for (var i = 0u; i < p.n; i++) {
        let u = x[a + i];
        let v = x[b + i];
        sums += vec3f(u * u, v * v, u * v);
      }
      if (abs(sums.z) <= 2.4e-7 * sqrt(sums.x) * sqrt(sums.y)) {
        continue;
      }
      any = 1u;
      let zeta = (sums.y - sums.x) / (2.0 * sums.z);
      let t = select(-1.0, 1.0, zeta >= 0.0) / (abs(zeta) + sqrt(1.0 + zeta * zeta));
      let c = 1.0 / sqrt(1.0 + t * t);
      let s = c * t;
      for (var i = 0u; i < p.n; i++) {
        let u = x[a + i];
        let v = x[b + i];
        x[a + i] = c * u - s * v;
        x[b + i] = s * u + c * v;
        let w = y[a + i];
        let z = y[b + i];
        y[a + i] = c * w - s * z;
        y[b + i] = s * w + c * z;
      }
    }
    storageBarrier();
  }
  turned[lane] = any;
  workgroupBarrier();
  if (lane == 0u) {
    var all = 0u;
    for (var t = 0u; t < 64u; t++) {
      all |= turned[t];
    }
    moved[p.sweep + 1u] = all;
  }
}`,
);

/** values[c] = the norms of the n columns of x, descending; order[c] = which column that is. One workgroup. */
export const descending = shader(
  'descending',
  { x: 'read f32', values: 'write f32', order: 'write u32' },
  { n: 'u32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  for (var c = lane; c < p.n; c += 64u) {
    var sum = 0.0;
    for (var i = 0u; i < p.n; i++) {
      sum += x[c * p.n + i] * x[c * p.n + i];
    }
    // aside, and sorted in front of it
    values[p.n + c] = sqrt(sum);
  }
  storageBarrier();
  for (var c = lane; c < p.n; c += 64u) {
    let value = values[p.n + c];
    var place = 0u;
    for (var d = 0u; d < p.n; d++) {
      let other = values[p.n + d];
      place += select(0u, 1u, other > value || (other == value && d < c));
    }
    values[place] = value;
    order[place] = c;
  }
}`,
);

/** out = the columns of x in this order. */
export const ordered = shader(
  'ordered',
  { x: 'read f32', order: 'read u32', out: 'write f32' },
  { begin: 'u32', n: 'u32', m: 'u32' },
  each('out[i] = x[order[i / p.m] * p.m + i % p.m];'),
);

/** out, by rows, = the first `cols` columns of x, `rows` long; what `nan` holds where it is `guarded` and guard[0] is not finite. */
export const columnsOut = shader(
  'columnsOut',
  { x: 'read f32', guard: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', rows: 'u32', cols: 'u32', outAt: 'u32', guarded: 'u32', nan: 'u32' },
  each(`let finite = p.guarded == 0u || (bitcast<u32>(guard[0]) & 0x7f800000u) != 0x7f800000u;
    out[p.outAt + i] = select(bitcast<f32>(p.nan), x[(i % p.cols) * p.rows + i / p.cols], finite);`),
);
