/**
 * Ensembles: a workgroup of 64 threads moves one run, all of it in the workgroup's memory, some steps in a dispatch. The mirror, operation by
 * operation, of `@lowland/linalg/ensembles`: the numbers of each sum come in the same order, so where a GPU rounds every operation as WGSL
 * writes it down the bits are those of the cpu in f32.
 *
 * A shader is made of a family, which has `squaredResidual`, and of a method, which has `advance`. Thread t owns the entries t, t + 64, … of point
 * and gradient. Bound by arithmetic, of which barriers leave a part: for small problems most threads wait.
 */
import { shader, type Shader, type Use } from '../../runtime/shader.ts';

/** The largest problems: what fits into 16 KiB, which every device has. */
export const [mostSide, mostRank] = [64, 8] as const;

/**
 * How many variables a shader has room for: shaders that take less of a workgroup's memory let a GPU keep more workgroups at once, and their
 * memory is sooner cleared.
 */
export const capacities = [128, 256, 512, 1024] as const;
export type Capacity = (typeof capacities)[number];
/** Real numbers of a signal at most, whose vectors lie elsewhere. */
export const mostSignal = 512;
/** Numbers of a piece of the residual: whole rows of at most 64 numbers, as many as fit. */
const residualsOf = (capacity: Capacity): number => Math.min(1024, 4 * capacity);

const buffers = { states: 'write f32', coefficients: 'read f32', parameters: 'read f32', limits: 'read f32' } as const;
const common = {
  begin: 'u32', symmetric: 'u32', rows: 'u32', cols: 'u32', rank: 'u32', variables: 'u32', steps: 'u32', firstStep: 'u32',
  statesAt: 'u32', stateLength: 'u32', coefficientsAt: 'u32', coefficientsStep: 'u32', parametersAt: 'u32', parametersStep: 'u32', limitsAt: 'u32', limitsStep: 'u32',
} as const;

/** A part of the shaders: WGSL, and what it binds and is told beyond what all have. */
export interface Piece {
  readonly name: string;
  readonly buffers: Readonly<Record<string, Use>>;
  readonly parameters: Readonly<Record<string, 'f32' | 'u32'>>;
  readonly code: string;
}

const memory = (capacity: Capacity): string => `
// The point and its gradient, a piece of the residual, partial sums, a small matrix, what a method keeps.
var<workgroup> x: array<f32, ${capacity}>;
var<workgroup> g: array<f32, ${capacity}>;
var<workgroup> residual: array<f32, ${residualsOf(capacity)}>;
const mostResiduals = ${residualsOf(capacity)}u;
var<workgroup> shares: array<f32, 64>;
var<workgroup> small: array<f32, ${mostRank * mostRank}>;
var<workgroup> kept: array<f32, 4>;

// The sum of the shares of all threads, for all of them.
fn total(lane: u32, share: f32) -> f32 {
  shares[lane] = share;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shares[lane] = shares[lane] + shares[lane + half];
    }
  }
  return workgroupUniformLoad(&shares[0]);
}

// Where V begins.
fn second() -> u32 {
  return select(p.rows * p.rank, 0u, p.symmetric != 0u);
}

// Entry (a, b) of the Gram matrix of \`count\` rows of x.
fn gram(first: u32, count: u32, a: u32, b: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < count; i++) {
    sum = sum + x[first + i * p.rank + a] * x[first + i * p.rank + b];
  }
  return sum;
}

fn isFinite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}`;

const evaluate = `
// What \`advance\` says: 0, 2 that there is no step, 3 that the run ends with it; and value and gradient norm at the point of which it says so.
struct Moved {
  said: u32,
  now: vec2f,
}

// f and |grad f|
fn evaluate(run: u32, lane: u32) -> vec2f {
  let at = p.coefficientsAt + run * p.coefficientsStep;
  let weight = coefficients[at];
  let ridge = coefficients[at + 1u];
  let balance = coefficients[at + 2u];
  var value = (0.5 * weight) * squaredResidual(run, lane, select(weight, 2.0 * weight, p.symmetric != 0u));
  if (ridge != 0.0) {
    var share = 0.0;
    for (var k = lane; k < p.variables; k += 64u) {
      share = share + x[k] * x[k];
      g[k] = g[k] + ridge * x[k];
    }
    value = value + (0.5 * ridge) * total(lane, share);
  }
  if (balance != 0.0 && p.symmetric == 0u) {
    var share = 0.0;
    if (lane < p.rank * p.rank) {
      let entry = gram(0u, p.rows, lane / p.rank, lane % p.rank) - gram(second(), p.cols, lane / p.rank, lane % p.rank);
      small[lane] = entry;
      share = share + entry * entry;
    }
    value = value + balance * total(lane, share);
    for (var k = lane; k < p.variables; k += 64u) {
      let a = k % p.rank;
      var sum = 0.0;
      for (var b = 0u; b < p.rank; b++) {
        sum = sum + x[k - a + b] * small[b * p.rank + a];
      }
      g[k] = select(-4.0 * balance, 4.0 * balance, k < second()) * sum + g[k];
    }
  }
  var share = 0.0;
  for (var k = lane; k < p.variables; k += 64u) {
    share = share + g[k] * g[k];
  }
  return vec2f(value, sqrt(total(lane, share)));
}`;

const main = `
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let run = p.begin + group.x;
  let at = p.statesAt + run * p.stateLength;
  let slots = at + p.variables;
  if (lane == 0u) {
    shares[0] = max(max(states[slots + 2u], states[slots + 3u]), states[slots + 4u]);
  }
  if (workgroupUniformLoad(&shares[0]) > 0.0) {
    return;
  }
  for (var k = lane; k < p.variables; k += 64u) {
    x[k] = states[at + k];
  }
  if (lane < min(4u, p.stateLength - p.variables - 5u)) {
    kept[lane] = states[slots + 5u + lane];
  }
  workgroupBarrier();

  let limit = p.limitsAt + run * p.limitsStep;
  var now = vec2f();
  var taken = 0u;
  // 1 reached, 2 diverged, 3 ended
  var flag = 0u;
  loop {
    now = evaluate(run, lane);
    if (!isFinite(now.x) || !isFinite(now.y)) {
      flag = 2u;
      break;
    }
    if (now.x <= limits[limit] || now.y <= limits[limit + 1u]) {
      flag = 1u;
      break;
    }
    if (taken == p.steps) {
      break;
    }
    let moved = advance(run, lane, now, p.firstStep + taken);
    workgroupBarrier();
    taken++;
    if (moved.said != 0u) {
      now = moved.now;
      flag = moved.said;
      break;
    }
  }

  for (var k = lane; k < p.variables; k += 64u) {
    states[at + k] = x[k];
  }
  if (lane == 0u) {
    states[slots] = now.x;
    states[slots + 1u] = now.y;
    if (flag > 0u) {
      states[slots + 1u + flag] = f32(1u + p.firstStep + taken);
    }
  }
  if (lane < min(3u, p.stateLength - p.variables - 5u)) {
    states[slots + 5u + lane] = kept[lane];
  }
}`;

/** The shader that moves runs of this family by this method, of so many variables at most. */
export function ensembleShader(family: Piece, method: Piece, capacity: Capacity): Shader {
  return shader(
    `ensemble/${family.name}/${method.name}/${capacity}`,
    { ...buffers, ...family.buffers, ...method.buffers },
    { ...common, ...family.parameters, ...method.parameters },
    [memory(capacity), family.code, evaluate, method.code, main].join('\n'),
  );
}
