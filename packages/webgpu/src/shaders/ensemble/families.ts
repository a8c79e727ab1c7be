/**
 * Families of ensembles: `squaredResidual(run, lane, slope)` writes the gradient of w/2 |rho|^2 into `g`, by slope = w, or 2 w where symmetric, and
 * gives |rho|^2. The sums and their orders are those of linalg's families.
 */
import type { Piece } from './runs.ts';

/**
 * Of a matrix Z, a piece of some rows at a time, the products with the factors: g_U = slope Z V, g_V = slope Z^T U. Entries of pieces are owned by their
 * place in the whole matrix, so that sums do not depend on the pieces; those of g_V go on from piece to piece.
 */
const pieces = `
// The first of the numbers from \`first\` on that this thread owns.
fn own(first: u32, lane: u32) -> u32 {
  return first + (lane + 64u - first % 64u) % 64u;
}

// Rows of a piece.
fn most() -> u32 {
  return mostResiduals / p.cols;
}

// Entry (i, j) of X, added to \`sum\`.
fn entryFrom(sum0: f32, i: u32, j: u32) -> f32 {
  let v = second() + j * p.rank;
  var sum = sum0;
  for (var a = 0u; a < p.rank; a++) {
    sum = sum + x[i * p.rank + a] * x[v + a];
  }
  return sum;
}

// The rows i0 … end - 1 of Z, which stand in the residual.
fn multiplyPiece(lane: u32, slope: f32, i0: u32, end: u32) {
  let v = second();
  let before = i0 * p.cols;
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
}`;

/** R = X - M. 6 rows cols rank operations, 4 where symmetric. */
const factorization: Piece = {
  name: 'factorization',
  buffers: { targets: 'read f32' },
  parameters: { targetsAt: 'u32', targetsStep: 'u32' },
  code: `${pieces}

fn squaredResidual(run: u32, lane: u32, slope: f32) -> f32 {
  let at = p.targetsAt + run * p.targetsStep;
  var share = 0.0;
  for (var i0 = 0u; i0 < p.rows; i0 += most()) {
    let end = min(i0 + most(), p.rows);
    let before = i0 * p.cols;
    for (var e = own(before, lane); e < end * p.cols; e += 64u) {
      let entry = entryFrom(-targets[at + e], e / p.cols, e % p.cols);
      residual[e - before] = entry;
      share = share + entry * entry;
    }
    workgroupBarrier();
    multiplyPiece(lane, slope, i0, end);
    workgroupBarrier();
  }
  return total(lane, share);
}`,
};

/** What measurements need beside the workgroup's memory: their residuals, or these times what is measured, so many for each run. */
const measured = {
  buffers: { data: 'read f32', rho: 'write f32' },
  parameters: { measurements: 'u32', dataAt: 'u32', dataStep: 'u32' },
} as const satisfies Pick<Piece, 'buffers' | 'parameters'>;

/**
 * rho_k = <A_k, X> - b_k, a measurement a thread, while a piece of X stands in the workgroup's memory; then pieces of Z = sum of rho_k A_k, an entry a
 * thread. Bound by memory: each number of the A_k is read twice.
 */
const sensing: Piece = {
  name: 'sensing',
  buffers: { matrices: 'read f32', ...measured.buffers },
  parameters: { matricesAt: 'u32', matricesStep: 'u32', ...measured.parameters },
  code: `${pieces}

fn squaredResidual(run: u32, lane: u32, slope: f32) -> f32 {
  let size = p.rows * p.cols;
  let at = p.matricesAt + run * p.matricesStep;
  let b = p.dataAt + run * p.dataStep;
  let to = run * p.measurements;
  var share = 0.0;
  for (var i0 = 0u; i0 < p.rows; i0 += most()) {
    let end = min(i0 + most(), p.rows);
    let before = i0 * p.cols;
    for (var e = own(before, lane); e < end * p.cols; e += 64u) {
      residual[e - before] = entryFrom(0.0, e / p.cols, e % p.cols);
    }
    workgroupBarrier();
    for (var k = lane; k < p.measurements; k += 64u) {
      var sum = -data[b + k];
      if (i0 > 0u) {
        sum = rho[to + k];
      }
      for (var e = before; e < end * p.cols; e++) {
        sum = sum + matrices[at + k * size + e] * residual[e - before];
      }
      rho[to + k] = sum;
      if (end == p.rows) {
        share = share + sum * sum;
      }
    }
    workgroupBarrier();
  }
  storageBarrier();
  for (var i0 = 0u; i0 < p.rows; i0 += most()) {
    let end = min(i0 + most(), p.rows);
    let before = i0 * p.cols;
    for (var e = own(before, lane); e < end * p.cols; e += 64u) {
      var sum = 0.0;
      for (var k = 0u; k < p.measurements; k++) {
        sum = sum + rho[to + k] * matrices[at + k * size + e];
      }
      residual[e - before] = sum;
    }
    workgroupBarrier();
    multiplyPiece(lane, slope, i0, end);
    workgroupBarrier();
  }
  return total(lane, share);
}`,
};

/**
 * Magnitudes of z_k = <a_k, x>, a measurement a thread, then the sums of w_k a_k, a number of x a thread. A complex vector is two real rows: of a pair
 * (a, b) of a_k^* that of the real part has a, -b, that of the imaginary part b, a. Bound by memory: each number of the a_k is read twice.
 */
const phaseRetrieval: Piece = {
  name: 'phase-retrieval',
  buffers: { vectors: 'read f32', ...measured.buffers },
  parameters: { vectorsAt: 'u32', vectorsStep: 'u32', complex: 'u32', smoothing: 'f32', ...measured.parameters },
  code: `
fn squaredResidual(run: u32, lane: u32, slope: f32) -> f32 {
  let at = p.vectorsAt + run * p.vectorsStep;
  let y = p.dataAt + run * p.dataStep;
  let width = 1u + p.complex;
  let to = run * width * p.measurements;
  let plain = p.smoothing < 0.0;
  var share = 0.0;
  for (var k = lane; k < p.measurements; k += 64u) {
    var z = vec2f();
    for (var i = 0u; i < p.variables; i += width) {
      let a = vectors[at + k * p.variables + i];
      z.x = z.x + a * x[i];
      if (p.complex != 0u) {
        let b = vectors[at + k * p.variables + i + 1u];
        z.x = z.x + (-b) * x[i + 1u];
        z.y = z.y + b * x[i];
        z.y = z.y + a * x[i + 1u];
      }
    }
    var magnitude = z.x * z.x;
    if (p.complex != 0u) {
      magnitude = magnitude + z.y * z.y;
    }
    if (!plain) {
      magnitude = sqrt(magnitude + p.smoothing * p.smoothing);
    }
    let residue = magnitude - data[y + k];
    var factor = residue;
    if (!plain) {
      factor = 0.0;
      if (magnitude != 0.0) {
        factor = residue / magnitude;
      }
    }
    rho[to + width * k] = factor * z.x;
    if (p.complex != 0u) {
      rho[to + width * k + 1u] = factor * z.y;
    }
    share = share + residue * residue;
  }
  storageBarrier();
  for (var i = lane; i < p.variables; i += 64u) {
    var sum = 0.0;
    for (var k = 0u; k < p.measurements; k++) {
      let row = at + k * p.variables;
      if (p.complex == 0u) {
        sum = sum + vectors[row + i] * rho[to + k];
      } else {
        let other = vectors[row + (i ^ 1u)];
        sum = sum + select(-vectors[row + i], vectors[row + i], i % 2u == 0u) * rho[to + 2u * k];
        sum = sum + other * rho[to + 2u * k + 1u];
      }
    }
    g[i] = select(0.5 * slope, slope, plain) * sum;
  }
  return total(lane, share);
}`,
};

export const families = { factorization, sensing, 'phase-retrieval': phaseRetrieval } as const satisfies Readonly<Record<string, Piece>>;
