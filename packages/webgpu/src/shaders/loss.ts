/** The closed list of scalar losses of linalg, with their derivatives. Bound by memory, or by the exponentials. */
import { type LossKind, lossKinds } from '@lowland/linalg';

import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';

/** The number by which the shader knows a loss. */
export const lossNumber = (kind: LossKind): number => lossKinds.indexOf(kind);

/**
 * derivatives(x, y, parameter): psi and its first two derivatives, psi the loss that the parameter `kind` of the shader numbers. Logarithms are our own, 2 atanh of a series: those of WGSL have an
 * absolute error of 2^-21 near 1. What is not finite comes as bits: WGSL has no such constants.
 */
export const derivatives = `
// 2 atanh(s), |s| <= 1/3, to 2^-25 of it
fn twiceAtanh(s: f32) -> f32 {
  let q = s * s;
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q / 15.0)))))));
}

// log(1 + t), 0 <= t <= 1
fn logOnePlus(t: f32) -> f32 {
  return twiceAtanh(t / (2.0 + t));
}

fn logarithm(x: f32) -> f32 {
  let parts = frexp(x);
  let small = parts.fract < 0.70710678;
  let m = select(parts.fract, 2.0 * parts.fract, small);
  let e = f32(select(parts.exp, parts.exp - 1, small));
  return e * 0.69314718 + twiceAtanh((m - 1.0) / (m + 1.0));
}

fn derivatives(z: f32, b: f32, d: f32) -> vec3f {
  switch (p.kind) {
    case ${lossNumber('huber')}u: {
      let r = z - b;
      let size = abs(r);
      return select(vec3f(d * (size - d / 2.0), sign(r) * d, 0.0), vec3f(size * size / 2.0, r, 1.0), size <= d);
    }
    case ${lossNumber('logistic')}u: {
      let t = exp(-abs(z));
      let sum = 1.0 + t;
      let up = z > 0.0;
      return vec3f(
        select(-b * z, (1.0 - b) * z, up) + logOnePlus(t),
        select(t * (1.0 - b) - b, 1.0 - b - b * t, up) / sum,
        t / (sum * sum),
      );
    }
    case ${lossNumber('poisson')}u: {
      let mean = exp(z);
      return vec3f(mean - b * z, mean - b, mean);
    }
    case ${lossNumber('poisson-identity')}u: {
      let mean = z + d;
      if (z < -d) {
        let nan = bitcast<f32>(p.nan);
        return vec3f(bitcast<f32>(p.infinity), nan, nan);
      }
      if (b == 0.0) {
        return vec3f(z, 1.0, 0.0);
      }
      if (mean == 0.0) {
        let infinity = bitcast<f32>(p.infinity);
        return vec3f(infinity, -infinity, infinity);
      }
      return vec3f(z - b * logarithm(mean), 1.0 - b / mean, b / (mean * mean));
    }
    default: {
      let root = sqrt(z);
      let over = root - b;
      if (over <= 0.0) {
        return vec3f();
      }
      let square = over * over;
      return vec3f(square * square, 2.0 * over * square / root, square * (2.0 * root + b) / (root * root * root));
    }
  }
}`;

/** value, first, second of each number, where `wanted` has the bit 1, 2, 4. */
export const loss = shader(
  'loss',
  { x: 'read f32', y: 'read f32', parameters: 'read f32', value: 'write f32', first: 'write f32', second: 'write f32' },
  { begin: 'u32', n: 'u32', kind: 'u32', wanted: 'u32', xAt: 'u32', yAt: 'u32', valueAt: 'u32', firstAt: 'u32', secondAt: 'u32', parameterAt: 'u32', parameterCount: 'u32', infinity: 'u32', nan: 'u32' },
  `${derivatives}

${each(`var parameter = 0.0;
    if (p.parameterCount > 0u) {
      parameter = parameters[p.parameterAt];
    }
    let all = derivatives(x[p.xAt + i], y[p.yAt + i], parameter);
    if ((p.wanted & 1u) != 0u) {
      value[p.valueAt + i] = all.x;
    }
    if ((p.wanted & 2u) != 0u) {
      first[p.firstAt + i] = all.y;
    }
    if ((p.wanted & 4u) != 0u) {
      second[p.secondAt + i] = all.z;
    }`)}`,
);
