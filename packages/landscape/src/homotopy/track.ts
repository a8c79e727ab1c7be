/**
 * Total-degree homotopy: every isolated solution of a polynomial system at the end of some path.
 *
 *     H(x, t) = (1 - t) c (x_i^d - 1) + t F(x),   c a random complex number of length 1
 *
 * from the d^n solutions at t = 0. For almost every c the paths do not meet before t = 1 (Garcia and Zangwill 1979; Sommese and Wampler
 * 2005). A path whose end runs away belongs to a solution at infinity.
 */
import { type StreamKey, uniforms } from '@lowland/core';

import { complexSolver } from './complex-solve.ts';
import { evaluatorOf, type ComplexVector, type PolynomialSystem } from './polynomial-system.ts';

export interface PathEnd {
  /** `singular`: followed up to t = 1 but for a millionth, where steps must be ever smaller: to a solution that is not isolated, or several in one. */
  readonly end: 'finite' | 'infinite' | 'singular' | 'failed';
  readonly x: ComplexVector;
}

export interface TrackOptions {
  readonly key: StreamKey;
  /** A path of this length has gone to infinity; default 1e6 times the length of the starts. */
  readonly far?: number;
  /** Steps a path at most; default 5,000. */
  readonly steps?: number;
}

/** The ends of all d^n paths. */
export function* trackAll(system: PolynomialSystem, { key, far = 1e6, steps = 5000 }: TrackOptions): Generator<PathEnd> {
  const { variables: n, degree: d } = system.monomials;
  const draw = new Float64Array(1);
  uniforms(key, draw);
  const angle = 2 * Math.PI * draw[0]!;
  const tracker = createTracker(system, Math.cos(angle), Math.sin(angle), far, steps);
  const start = new Float64Array(2 * n);
  for (let path = 0; path < d ** n; path++) {
    for (let i = 0, rest = path; i < n; i++, rest = Math.floor(rest / d)) {
      start[i] = Math.cos((2 * Math.PI * (rest % d)) / d);
      start[n + i] = Math.sin((2 * Math.PI * (rest % d)) / d);
    }
    yield tracker(start);
  }
}

/** Follows one path: predictor of order 4, Newton's method, steps that halve where it does not contract. */
function createTracker(system: PolynomialSystem, cr: number, ci: number, far: number, most: number): (start: ComplexVector) => PathEnd {
  const { variables: n, degree: d } = system.monomials;
  const evaluator = evaluatorOf(system);
  const solver = complexSolver(n);
  const [hr, hi] = [new Float64Array(n * n), new Float64Array(n * n)];
  const value = new Float64Array(2 * n);
  const along = new Float64Array(2 * n);

  /** H, its derivative along t and its Jacobian at (x, t); the Jacobian is factored. */
  const homotopy = (x: ComplexVector, t: number): boolean => {
    evaluator.at(x);
    for (let k = 0; k < n * n; k++) {
      hr[k] = t * evaluator.jacobianRe[k]!;
      hi[k] = t * evaluator.jacobianIm[k]!;
    }
    for (let i = 0; i < n; i++) {
      // x_i^(d-1), by products
      let [pr, pi] = [1, 0];
      for (let k = 1; k < d; k++) [pr, pi] = [pr * x[i]! - pi * x[n + i]!, pr * x[n + i]! + pi * x[i]!];
      const [qr, qi] = [pr * x[i]! - pi * x[n + i]! - 1, pr * x[n + i]! + pi * x[i]!];
      const [gr, gi] = [cr * qr - ci * qi, cr * qi + ci * qr];
      value[i] = (1 - t) * gr + t * evaluator.value[i]!;
      value[n + i] = (1 - t) * gi + t * evaluator.value[n + i]!;
      along[i] = evaluator.value[i]! - gr;
      along[n + i] = evaluator.value[n + i]! - gi;
      hr[i * n + i]! += (1 - t) * d * (cr * pr - ci * pi);
      hi[i * n + i]! += (1 - t) * d * (cr * pi + ci * pr);
    }
    return solver.factor(hr, hi);
  };
  const slope = (x: ComplexVector, t: number, out: Float64Array): boolean => {
    if (!homotopy(x, t)) return false;
    out.set(along);
    solver.solve(out);
    for (let k = 0; k < 2 * n; k++) out[k] = -out[k]!;
    return true;
  };
  /** Newton's method at t; true where the corrections, the first one at most `first`, shrink below `goal` relative to x. */
  const correct = (x: ComplexVector, t: number, goal: number, rounds: number, first: number): boolean => {
    let before = first;
    for (let round = 0; round < rounds; round++) {
      if (!homotopy(x, t)) return false;
      solver.solve(value);
      for (let k = 0; k < 2 * n; k++) x[k] = x[k]! - value[k]!;
      const size = length(value) / Math.max(1, length(x));
      if (size <= goal) return true;
      if (!(size < before)) return false;
      before = size / 2;
    }
    return false;
  };

  const [k1, k2, k3, k4, probe, next] = Array.from({ length: 6 }, () => new Float64Array(2 * n)) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const predict = (x: ComplexVector, t: number, h: number): boolean => {
    if (!slope(x, t, k1)) return false;
    for (let k = 0; k < 2 * n; k++) probe[k] = x[k]! + (h / 2) * k1[k]!;
    if (!slope(probe, t + h / 2, k2)) return false;
    for (let k = 0; k < 2 * n; k++) probe[k] = x[k]! + (h / 2) * k2[k]!;
    if (!slope(probe, t + h / 2, k3)) return false;
    for (let k = 0; k < 2 * n; k++) probe[k] = x[k]! + h * k3[k]!;
    if (!slope(probe, t + h, k4)) return false;
    for (let k = 0; k < 2 * n; k++) next[k] = x[k]! + (h / 6) * (k1[k]! + 2 * k2[k]! + 2 * k3[k]! + k4[k]!);
    return true;
  };

  return (start) => {
    const x = start.slice();
    let [t, h] = [0, 0.02];
    for (let step = 0; step < most && t < 1; step++) {
      const size = Math.min(h, 1 - t);
      const end = size === 1 - t ? 1 : t + size;
      // A tight tolerance with few rounds from nearby keeps the path from jumping to its neighbour, or back from infinity.
      if (predict(x, t, size) && correct(next, end, 1e-9, 3, 0.05)) {
        x.set(next);
        t = end;
        h = Math.min(2 * h, 0.05);
      } else {
        h = size / 2;
        if (h < 1e-14) break;
      }
      if (length(x) > far) return { end: 'infinite', x };
    }
    if (t < 1) return { end: length(x) > Math.sqrt(far) ? 'infinite' : t > 1 - 1e-6 ? 'singular' : 'failed', x };
    correct(x, 1, 1e-15, 8, Infinity);
    return { end: x.every(Number.isFinite) ? 'finite' : 'failed', x };
  };
}

function length(x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k]! * x[k]!;
  return Math.sqrt(sum);
}
