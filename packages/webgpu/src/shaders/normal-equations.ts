/** Least squares over the entries of each row, as alternating methods solve them: the matrix of each row first, then its solution. */
import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';

/** Numbers that a row with r unknowns has for itself: its matrix, what it is changed into, its right-hand side, and coefficients. */
export const rowSpace = (r: number): number => 2 * r * (r + 1);

/**
 * For `rows` rows from `first` on, entry e of which is in column j = index[e] with the weight w_e: the matrix sum of w_e v_j v_j^T + shift I and the
 * right-hand side sum of w_e values_e v_j, a number a thread. Bound by the memory of the rows of v, which the r (r + 1) threads of a row share.
 */
export const normalMatrices = shader(
  'normalMatrices',
  { pointers: 'read u32', index: 'read u32', values: 'read f32', weights: 'read f32', v: 'read f32', space: 'write f32' },
  { begin: 'u32', n: 'u32', first: 'u32', r: 'u32', weighted: 'u32', valuesAt: 'u32', weightsAt: 'u32', vAt: 'u32', shift: 'f32' },
  each(`let r = p.r;
    let row = i / (r * (r + 1u));
    let c = i / (r + 1u) % r;
    let d = i % (r + 1u);
    if (d <= c || d == r) {
      var sum = select(0.0, p.shift, c == d);
      for (var e = pointers[p.first + row]; e < pointers[p.first + row + 1u]; e++) {
        let at = p.vAt + index[e] * r;
        var term = v[at + c];
        if (p.weighted != 0u) {
          term *= weights[p.weightsAt + e];
        }
        if (d == r) {
          term *= values[p.valuesAt + e];
        } else {
          term *= v[at + d];
        }
        sum += term;
      }
      let base = row * 2u * r * (r + 1u);
      if (d == r) {
        space[base + 2u * r * r + c] = sum;
      } else {
        space[base + c * r + d] = sum;
        space[base + d * r + c] = sum;
      }
    }`),
);

/**
 * Row i of out = the solution, a row a thread: by Cholesky, or where the matrix is singular to working precision, pivots or eigenvalues below r 2^-22 of
 * the largest, that of least norm, by Jacobi's rotations. Bound by arithmetic: r^3/3 operations, some hundred times as many in the second case.
 */
export const normalSolve = shader(
  'normalSolve',
  { space: 'write f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', r: 'u32', outAt: 'u32' },
  `
// Into l, of which the lower triangle is used; false where the matrix is singular.
fn factor(a: u32, l: u32) -> bool {
  let r = p.r;
  for (var j = 0u; j < r; j++) {
    for (var i = j; i < r; i++) {
      var s = space[a + i * r + j];
      for (var k = 0u; k < j; k++) {
        s -= space[l + i * r + k] * space[l + j * r + k];
      }
      if (i == j) {
        let bits = bitcast<u32>(s);
        if (bits == 0u || bits >= 0x7f800000u || s <= f32(r) * 2.4e-7 * space[a + j * r + j]) {
          return false;
        }
        space[l + j * r + j] = sqrt(s);
      } else {
        space[l + i * r + j] = s / space[l + j * r + j];
      }
    }
  }
  return true;
}

fn substitute(l: u32, x: u32) {
  let r = p.r;
  for (var i = 0u; i < r; i++) {
    var s = space[x + i];
    for (var k = 0u; k < i; k++) {
      s -= space[l + i * r + k] * space[x + k];
    }
    space[x + i] = s / space[l + i * r + i];
  }
  for (var j = r; j > 0u; j--) {
    let i = j - 1u;
    var s = space[x + i];
    for (var k = j; k < r; k++) {
      s -= space[l + k * r + i] * space[x + k];
    }
    space[x + i] = s / space[l + i * r + i];
  }
}

// x and y, the numbers at two places, turned into c x - s y and s x + c y.
fn turn(one: u32, other: u32, c: f32, s: f32) {
  let x = space[one];
  let y = space[other];
  space[one] = c * x - s * y;
  space[other] = s * x + c * y;
}

// The matrix at a becomes diagonal, at q stand its eigenvectors.
fn diagonalise(a: u32, q: u32) {
  let r = p.r;
  for (var i = 0u; i < r * r; i++) {
    space[q + i] = select(0.0, 1.0, i % (r + 1u) == 0u);
  }
  for (var sweep = 0u; sweep < 20u; sweep++) {
    var turned = false;
    for (var i = 0u; i < r; i++) {
      for (var j = i + 1u; j < r; j++) {
        let off = space[a + i * r + j];
        let size = sqrt(abs(space[a + i * r + i])) * sqrt(abs(space[a + j * r + j]));
        if (!(abs(off) > 1.2e-7 * size)) {
          continue;
        }
        turned = true;
        let theta = (space[a + j * r + j] - space[a + i * r + i]) / (2.0 * off);
        let t = select(-1.0, 1.0, theta >= 0.0) / (abs(theta) + sqrt(theta * theta + 1.0));
        let c = 1.0 / sqrt(t * t + 1.0);
        for (var k = 0u; k < r; k++) {
          turn(a + k * r + i, a + k * r + j, c, t * c);
          turn(q + k * r + i, q + k * r + j, c, t * c);
        }
        for (var k = 0u; k < r; k++) {
          turn(a + i * r + k, a + j * r + k, c, t * c);
        }
      }
    }
    if (!turned) {
      return;
    }
  }
}

// x = the pseudo-inverse of the matrix at a times x; y is room for as many numbers.
fn leastNorm(a: u32, q: u32, x: u32, y: u32) {
  let r = p.r;
  diagonalise(a, q);
  var largest = 0.0;
  for (var k = 0u; k < r; k++) {
    largest = max(largest, space[a + k * r + k]);
  }
  for (var k = 0u; k < r; k++) {
    let eigenvalue = space[a + k * r + k];
    var inner = 0.0;
    for (var i = 0u; i < r; i++) {
      inner += space[q + i * r + k] * space[x + i];
    }
    if (eigenvalue <= f32(r) * 2.4e-7 * largest) {
      space[y + k] = 0.0;
    } else {
      space[y + k] = inner / eigenvalue;
    }
  }
  for (var i = 0u; i < r; i++) {
    var sum = 0.0;
    for (var k = 0u; k < r; k++) {
      sum += space[q + i * r + k] * space[y + k];
    }
    space[x + i] = sum;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let row = 64u * (p.begin + group.x) + lane;
  if (row >= p.n) {
    return;
  }
  let r = p.r;
  let a = row * 2u * r * (r + 1u);
  let x = a + 2u * r * r;
  if (factor(a, a + r * r)) {
    substitute(a + r * r, x);
  } else {
    leastNorm(a, a + r * r, x, x + r);
  }
  for (var i = 0u; i < r; i++) {
    out[p.outAt + row * r + i] = space[x + i];
  }
}`,
);
