/**
 * Residuals at observed entries over compressed rows, and their products: entry e of row i, pointers[i] <= e < pointers[i + 1], is in column
 * index[e]. A workgroup takes whole rows, so rows of thousands of entries are shared out and nothing is scattered. Bound by the
 * memory of the factor rows that entries gather.
 */
import { shader } from '../runtime/shader.ts';
import { forSums, keepSum, sumFunctions, sumTree } from './sums.ts';

const entry = `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {`;

/**
 * rho_e = root_e <u_i, v_j> - data_e and z[step e + place] = root_e rho_e; squares[g] = the sum of rho_e^2 over the rows g, g + groups, …. Roots are 1
 * unless `weighted`.
 */
export const observedResidual = forSums((sums) => shader(
  sums === 'f32' ? 'observedResidual' : 'observedResidualDouble',
  { pointers: 'read u32', index: 'read u32', data: 'read f32', roots: 'read f32', u: 'read f32', v: 'read f32', z: 'write f32', squares: 'write f32' },
  { begin: 'u32', groups: 'u32', rows: 'u32', r: 'u32', weighted: 'u32', step: 'u32', place: 'u32', dataAt: 'u32', rootsAt: 'u32', uAt: 'u32', vAt: 'u32', zAt: 'u32' },
  `${sumFunctions(sums, 'p.rows >> 31u')}
${sumTree(64)}
${entry}
  let g = p.begin + group.x;
  var sum = Sum();
  for (var row = g; row < p.rows; row += p.groups) {
    let ui = p.uAt + row * p.r;
    for (var e = pointers[row] + lane; e < pointers[row + 1u]; e += 64u) {
      let vj = p.vAt + index[e] * p.r;
      var inner = 0.0;
      for (var q = 0u; q < p.r; q++) {
        inner += u[ui + q] * v[vj + q];
      }
      var root = 1.0;
      if (p.weighted != 0u) {
        root = roots[p.rootsAt + e];
      }
      let rho = root * inner - data[p.dataAt + e];
      z[p.zAt + p.step * e + p.place] = root * rho;
      sum = plus(sum, rho * rho);
    }
  }
  let all = total(lane, sum);
  if (lane == 0u) {
    ${keepSum(sums, 'squares', 'g', 'all')}
  }
}`,
));

/** z[2 e] = root_e^2 (<du_i, v_j> + <u_i, dv_j>) */
export const observedDifferential = shader(
  'observedDifferential',
  { pointers: 'read u32', index: 'read u32', roots: 'read f32', u: 'read f32', v: 'read f32', du: 'read f32', dv: 'read f32', z: 'write f32' },
  { begin: 'u32', r: 'u32', weighted: 'u32', rootsAt: 'u32', uAt: 'u32', vAt: 'u32', duAt: 'u32', dvAt: 'u32', zAt: 'u32' },
  `${entry}
  let row = p.begin + group.x;
  let i = row * p.r;
  for (var e = pointers[row] + lane; e < pointers[row + 1u]; e += 64u) {
    let j = index[e] * p.r;
    var inner = 0.0;
    for (var q = 0u; q < p.r; q++) {
      inner += du[p.duAt + i + q] * v[p.vAt + j + q] + u[p.uAt + i + q] * dv[p.dvAt + j + q];
    }
    var root = 1.0;
    if (p.weighted != 0u) {
      root = roots[p.rootsAt + e];
    }
    z[p.zAt + 2u * e] = root * root * inner;
  }
}`,
);

/**
 * out_i = scale sum over the entries of row i of z[a] b_j, or with `step` 2 of z[2 a] b_j + z[2 a + 1] db_j; a = order[e], or e where nothing is
 * `ordered`. Threads are shared out over the columns of b, and where these are few over the entries too.
 */
export const observedProduct = shader(
  'observedProduct',
  { pointers: 'read u32', index: 'read u32', order: 'read u32', z: 'read f32', b: 'read f32', db: 'read f32', out: 'write f32' },
  { begin: 'u32', r: 'u32', step: 'u32', ordered: 'u32', zAt: 'u32', bAt: 'u32', dbAt: 'u32', outAt: 'u32', scale: 'f32' },
  `
var<workgroup> shares: array<f32, 64>;
${entry}
  let row = p.begin + group.x;
  for (var q0 = 0u; q0 < p.r; q0 += 64u) {
    let across = min(64u, p.r - q0);
    let parts = 64u / across;
    let q = q0 + lane % across;
    let part = lane / across;
    var sum = 0.0;
    if (part < parts) {
      for (var e = pointers[row] + part; e < pointers[row + 1u]; e += parts) {
        var a = e;
        if (p.ordered != 0u) {
          a = order[e];
        }
        let j = index[e] * p.r + q;
        sum += z[p.zAt + p.step * a] * b[p.bAt + j];
        if (p.step == 2u) {
          sum += z[p.zAt + 2u * a + 1u] * db[p.dbAt + j];
        }
      }
    }
    shares[lane] = sum;
    workgroupBarrier();
    if (lane < across) {
      var all = 0.0;
      for (var t = 0u; t < parts; t++) {
        all += shares[t * across + lane];
      }
      out[p.outAt + row * p.r + q] = p.scale * all;
    }
    workgroupBarrier();
  }
}`,
);
