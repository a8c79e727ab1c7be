/**
 * Families of ensembles: `squaredResidual(run, lane, slope)` writes the gradient of w/2 |rho|^2 into `g`, by slope = w, or 2 w where symmetric, and
 * gives |rho|^2. The sums and their orders are those of linalg's `Family`.
 */
import type { Piece } from './runs.ts';

/**
 * R = U V^T - M, a piece of some rows at a time: its entries are owned by their place in the whole matrix, so that sums do not depend on the
 * pieces. Sums of g_V go on from piece to piece. 6 rows cols rank operations, 4 where symmetric.
 */
export const factorization: Piece = {
  name: 'factorization',
  buffers: { targets: 'read f32' },
  parameters: { targetsAt: 'u32', targetsStep: 'u32' },
  code: `
// The first of the numbers from \`first\` on that this thread owns.
fn own(first: u32, lane: u32) -> u32 {
  return first + (lane + 64u - first % 64u) % 64u;
}

fn squaredResidual(run: u32, lane: u32, slope: f32) -> f32 {
  let v = second();
  let data = p.targetsAt + run * p.targetsStep;
  let most = mostResiduals / p.cols;
  var share = 0.0;
  for (var i0 = 0u; i0 < p.rows; i0 += most) {
    let end = min(i0 + most, p.rows);
    let before = i0 * p.cols;
    for (var e = own(before, lane); e < end * p.cols; e += 64u) {
      let i = e / p.cols;
      let j = e % p.cols;
      var sum = -targets[data + e];
      for (var a = 0u; a < p.rank; a++) {
        sum = sum + x[i * p.rank + a] * x[v + j * p.rank + a];
      }
      residual[e - before] = sum;
      share = share + sum * sum;
    }
    workgroupBarrier();
    for (var k = own(i0 * p.rank, lane); k < end * p.rank; k += 64u) {
      let row = (k / p.rank) * p.cols - before;
      let a = k % p.rank;
      var sum = 0.0;
      for (var j = 0u; j < p.cols; j++) {
        sum = sum + residual[row + j] * x[v + j * p.rank + a];
      }
      g[k] = slope * sum;
    }
    if (p.symmetric == 0u) {
      for (var k = own(v, lane); k < p.variables; k += 64u) {
        let j = (k - v) / p.rank;
        let a = (k - v) % p.rank;
        var sum = 0.0;
        if (i0 > 0u) {
          sum = g[k];
        }
        for (var i = i0; i < end; i++) {
          sum = sum + residual[i * p.cols - before + j] * x[i * p.rank + a];
        }
        g[k] = select(sum, slope * sum, end == p.rows);
      }
    }
    workgroupBarrier();
  }
  return total(lane, share);
}`,
};
