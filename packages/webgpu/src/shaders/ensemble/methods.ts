/** Methods of ensembles: `advance(run, lane, now, steps)` moves the point by a step, of which `steps` went before. The orders are those of linalg's. */
import { streamKey } from '@lowland/core';

import { latticeFunctions } from '../philox.ts';
import type { Piece } from './runs.ts';

/** Run k draws from the streams of seed + k. */
const streams = { seedLow: 'u32', seedHigh: 'u32' } as const;
const seedOf = `
fn seedOf(run: u32) -> vec2u {
  let low = p.seedLow + run;
  return vec2u(low, p.seedHigh + select(0u, 1u, low < run));
}`;
const purposeOf = (name: string): string => `${streamKey(0, name).purpose}u`;

const gradientDescent: Piece = {
  name: 'gradient-descent',
  buffers: {},
  parameters: {},
  code: `
fn advance(run: u32, lane: u32, now: vec2f, steps: u32) -> Moved {
  let step = parameters[p.parametersAt + run * p.parametersStep];
  for (var k = lane; k < p.variables; k += 64u) {
    x[k] = x[k] + (-step) * g[k];
  }
  return Moved(0u, now);
}`,
};

/** Noise from the host: variables numbers for each step and run, the steps of a run one after another; or where `uploaded` is 0 by the lattice rule. */
const langevin: Piece = {
  name: 'langevin',
  buffers: { noise: 'read f32' },
  parameters: { uploaded: 'u32', ...streams },
  code: `${latticeFunctions}
${seedOf}

fn advance(run: u32, lane: u32, now: vec2f, steps: u32) -> Moved {
  let first = p.parametersAt + run * p.parametersStep;
  let step = parameters[first];
  let strength = parameters[first + 1u];
  let spread = parameters[first + 2u];
  for (var k = lane; k < p.variables; k += 64u) {
    x[k] = x[k] + (-step) * g[k];
  }
  if (strength != 0.0) {
    workgroupBarrier();
    let turn = step * strength;
    let half = p.variables / 2u;
    for (var k = lane; k < half; k += 64u) {
      x[k] = x[k] + (-turn) * g[half + k];
      x[half + k] = x[half + k] + turn * g[k];
    }
    workgroupBarrier();
  }
  let seed = seedOf(run);
  for (var k = lane; k < p.variables; k += 64u) {
    var xi = 0.0;
    if (p.uploaded != 0u) {
      xi = noise[(run * p.steps + steps - p.firstStep) * p.variables + k];
    } else {
      xi = lattice(k, vec2u(steps, 0u), ${purposeOf('langevin')}, seed);
    }
    x[k] = x[k] + spread * xi;
  }
  return Moved(0u, now);
}`,
};

/** In place of the gradient stands, row by row, its product with the inverse of the other factor's shifted Gram matrix. */
const scaledGradientDescent: Piece = {
  name: 'scaled-gradient-descent',
  buffers: {},
  parameters: {},
  code: `
// Rows of g from \`first\` on times (W^T W + shift I)^-1, W the \`count\` rows of x from \`at\` on; false where there is no Cholesky factor.
fn divide(lane: u32, at: u32, count: u32, shift: f32, first: u32, rows: u32) -> bool {
  let r = p.rank;
  if (lane < r * r && lane / r >= lane % r) {
    let entry = gram(at, count, lane / r, lane % r);
    small[lane] = entry;
    if (lane / r == lane % r) {
      small[lane] = entry + shift;
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    shares[0] = 1.0;
    for (var j = 0u; j < r; j++) {
      var d = small[j * r + j];
      for (var k = 0u; k < j; k++) {
        d = d - small[j * r + k] * small[j * r + k];
      }
      let bits = bitcast<u32>(d);
      if (bits == 0u || bits >= 0x7f800000u) {
        shares[0] = 0.0;
        break;
      }
      let pivot = sqrt(d);
      small[j * r + j] = pivot;
      for (var i = j + 1u; i < r; i++) {
        var s = small[i * r + j];
        for (var k = 0u; k < j; k++) {
          s = s - small[i * r + k] * small[j * r + k];
        }
        small[i * r + j] = s / pivot;
      }
    }
  }
  if (workgroupUniformLoad(&shares[0]) == 0.0) {
    return false;
  }
  for (var owned = lane; owned < rows; owned += 64u) {
    let row = first + owned * r;
    for (var i = 0u; i < r; i++) {
      var s = g[row + i];
      for (var k = 0u; k < i; k++) {
        s = s - small[i * r + k] * g[row + k];
      }
      g[row + i] = s / small[i * r + i];
    }
    for (var left = r; left > 0u; left--) {
      let i = left - 1u;
      var s = g[row + i];
      for (var k = r - 1u; k > i; k--) {
        s = s - small[k * r + i] * g[row + k];
      }
      g[row + i] = s / small[i * r + i];
    }
  }
  workgroupBarrier();
  return true;
}

fn advance(run: u32, lane: u32, now: vec2f, steps: u32) -> Moved {
  let first = p.parametersAt + run * p.parametersStep;
  let step = parameters[first];
  let damping = parameters[first + 1u];
  let adaptive = parameters[first + 2u];
  let optimum = parameters[first + 3u];
  var shift = damping;
  if (adaptive != 0.0) {
    shift = damping + adaptive * sqrt(max(0.0, now.x - optimum));
  }
  let v = second();
  for (var side = 0u; side < select(2u, 1u, p.symmetric != 0u); side++) {
    let left = side == 0u;
    if (!divide(lane, select(0u, v, left), select(p.rows, p.cols, left), shift, select(v, 0u, left), select(p.cols, p.rows, left))) {
      return Moved(2u, now);
    }
  }
  for (var k = lane; k < p.variables; k += 64u) {
    x[k] = x[k] + (-step) * g[k];
  }
  return Moved(0u, now);
}`,
};

/** Noise by the lattice rule alone: when it comes is known on the GPU only. */
const perturbedGradientDescent: Piece = {
  name: 'perturbed-gradient-descent',
  buffers: {},
  parameters: streams,
  code: `${latticeFunctions}
${seedOf}

fn advance(run: u32, lane: u32, before: vec2f, steps: u32) -> Moved {
  let first = p.parametersAt + run * p.parametersStep;
  let step = parameters[first];
  let radius = parameters[first + 1u];
  let slope = parameters[first + 2u];
  let drop = parameters[first + 3u];
  let most = parameters[first + 4u];
  let stop = parameters[first + 5u];
  let since = workgroupUniformLoad(&kept[0]) - 1.0;
  let point = p.statesAt + run * p.stateLength + p.variables + 8u;
  var now = before;
  var said = 0u;
  if (now.y <= slope && (since < 0.0 || since > most)) {
    let index = vec2u(u32(workgroupUniformLoad(&kept[1])), 0u);
    let seed = seedOf(run);
    var share = 0.0;
    for (var k = lane; k < p.variables + 2u; k += 64u) {
      let number = lattice(k, index, ${purposeOf('perturbation')}, seed);
      if (k < p.variables) {
        states[point + k] = x[k];
        g[k] = number;
      }
      share = share + number * number;
    }
    let factor = radius / sqrt(total(lane, share));
    for (var k = lane; k < p.variables; k += 64u) {
      x[k] = x[k] + factor * g[k];
    }
    if (lane == 0u) {
      kept[0] = 1.0;
      kept[1] = kept[1] + 1.0;
      kept[2] = now.x;
    }
    said = 1u;
  } else if (stop == 1.0 && since == most && now.x - workgroupUniformLoad(&kept[2]) > -drop) {
    for (var k = lane; k < p.variables; k += 64u) {
      x[k] = states[point + k];
    }
    said = 3u;
  }
  if (said > 0u) {
    workgroupBarrier();
    now = evaluate(run, lane);
  }
  if (said == 3u) {
    return Moved(3u, now);
  }
  for (var k = lane; k < p.variables; k += 64u) {
    x[k] = x[k] + (-step) * g[k];
  }
  if (lane == 0u && kept[0] > 0.0) {
    kept[0] = kept[0] + 1.0;
  }
  return Moved(0u, now);
}`,
};

export const methods = {
  'gradient-descent': gradientDescent,
  'scaled-gradient-descent': scaledGradientDescent,
  'perturbed-gradient-descent': perturbedGradientDescent,
  langevin,
} as const satisfies Readonly<Record<string, Piece>>;
