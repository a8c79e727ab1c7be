/**
 * Sums of losses of quadratic functions at points of a plane. Data are read once for each eight points: 32 bytes for some hundred operations, so bound by
 * bandwidth where the loss has no exponential.
 */
import type { PlaneLossKind } from '@lowland/linalg';

import { shader } from '../runtime/shader.ts';
import { derivatives, lossNumber } from './loss.ts';

/** Points of a workgroup. */
export const pointsAtOnce = 8;

/** The numbers behind those of the scalar losses. */
const numbers = { 'least-squares': 16, amplitude: 17, difference: 18 } as const;
export const planeLossNumber = (kind: PlaneLossKind): number => (kind in numbers ? numbers[kind as keyof typeof numbers] : lossNumber(kind as Exclude<PlaneLossKind, keyof typeof numbers>));

/**
 * Workgroup `blocks` y + x takes data from x share on and points from 8 y on: sums[x count + k] = the sum over its data at point k. Rows of c
 * lie n apart.
 */
export const planeLoss = shader(
  'planeLoss',
  { c: 'read f32', y: 'read f32', weights: 'read f32', points: 'read f32', parameters: 'read f32', sums: 'write f32' },
  {
    begin: 'u32', n: 'u32', count: 'u32', blocks: 'u32', share: 'u32', kind: 'u32', weighted: 'u32', cAt: 'u32', yAt: 'u32', weightsAt: 'u32', pointsAt: 'u32', parameterAt: 'u32', infinity: 'u32', nan: 'u32',
  },
  `${derivatives}

var<workgroup> shares: array<vec4f, 128>;

fn psi(q: f32, b: f32, d: f32) -> f32 {
  switch (p.kind) {
    case ${numbers['least-squares']}u: {
      return (q - b) * (q - b) / 2.0;
    }
    case ${numbers.amplitude}u: {
      let r = sqrt(max(q, 0.0) + d * d) - b;
      return r * r / 2.0;
    }
    case ${numbers.difference}u: {
      return q - b;
    }
    case ${lossNumber('quartic-hinge')}u: {
      return derivatives(max(q, 0.0), b, d).x;
    }
    default: {
      return derivatives(q, b, d).x;
    }
  }
}

fn losses(q: vec4f, b: f32, d: f32) -> vec4f {
  return vec4f(psi(q.x, b, d), psi(q.y, b, d), psi(q.z, b, d), psi(q.w, b, d));
}

// Coordinates of four points, the last one again beyond the end.
fn along(k: u32, which: u32) -> vec4f {
  let at = p.pointsAt + 2u * min(vec4u(k) + vec4u(0u, 1u, 2u, 3u), vec4u(p.count - 1u)) + which;
  return vec4f(points[at.x], points[at.y], points[at.z], points[at.w]);
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let number = p.begin + group.x;
  let part = number % p.blocks;
  let k = 8u * (number / p.blocks);
  let s0 = along(k, 0u);
  let t0 = along(k, 1u);
  let s1 = along(k + 4u, 0u);
  let t1 = along(k + 4u, 1u);
  let d = parameters[p.parameterAt];
  let end = min((part + 1u) * p.share, p.n);
  var sum0 = vec4f();
  var sum1 = vec4f();
  for (var i = part * p.share + lane; i < end; i += 64u) {
    let at = p.cAt + i;
    let c0 = c[at];
    let c1 = c[at + p.n];
    let c2 = c[at + 2u * p.n];
    let c3 = c[at + 3u * p.n];
    let c4 = c[at + 4u * p.n];
    let c5 = c[at + 5u * p.n];
    let b = y[p.yAt + i];
    var w = 1.0;
    if (p.weighted != 0u) {
      w = weights[p.weightsAt + i];
    }
    sum0 += w * losses(c0 + s0 * (c1 + s0 * c3 + t0 * c4) + t0 * (c2 + t0 * c5), b, d);
    sum1 += w * losses(c0 + s1 * (c1 + s1 * c3 + t1 * c4) + t1 * (c2 + t1 * c5), b, d);
  }
  shares[2u * lane] = sum0;
  shares[2u * lane + 1u] = sum1;
  for (var half = 64u; half > 1u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shares[lane] += shares[lane + half];
    }
  }
  workgroupBarrier();
  if (lane < 8u && k + lane < p.count) {
    sums[part * p.count + k + lane] = shares[lane / 4u][lane % 4u];
  }
}`,
);
