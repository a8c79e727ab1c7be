/**
 * Stationary points of any objective, and points of all sorts about them.
 */
import { createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { matrix, norm, symmetricEigen } from '@lowland/linalg';

import { factorsAt, pointOf } from '../src/factored.ts';
import type { Dense } from './dense.ts';

export interface TestPoint {
  readonly kind: 'stationary' | 'perturbed' | 'scaled' | 'rank-deficient' | 'random' | 'zero';
  readonly x: Float64Array;
  /** Distance from a stationary point, where it was made from one. */
  readonly step: number;
}

const draw = (length: number, seed: number, index: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'points', index), out);
  return out;
};

/** Those that the objective knows, and those that least squares on the gradient (Levenberg-Marquardt) finds from random starts, at most `count`. */
export function stationaryPoints(objective: Objective<never>, d: Dense, count: number, seed: number): Float64Array[] {
  const found: Float64Array[] = [];
  const known = d.problem.truth?.stationaryPoints?.() ?? [];
  const skip = seed % 3;
  let k = 0;
  for (const { data } of known) {
    // The first one, which is the least, and others that change with the seed.
    if (k++ === 0 || k % (1 + skip) === 0) found.push(data.slice());
    if (found.length >= count) return found;
  }
  for (let start = 0; found.length < count && start < 2 * count; start++) {
    const from = objective.manifold === undefined ? draw(d.size, seed, 100 + start).map((entry) => 0.5 * 1.7 ** (start % 4) * entry) : objective.initial(streamKey(seed, 'init', start)).data;
    const x = leastGradient(d, from);
    if (x !== undefined) found.push(x);
  }
  return found;
}

/** From a start to a zero of the gradient, which saddles are as well; undefined where it gets nowhere. */
function leastGradient(d: Dense, start: Float64Array): Float64Array | undefined {
  let x = start;
  let g = d.gradient(x);
  const unit = norm(g);
  let damping = 1e-2;
  for (let k = 0; k < 40; k++) {
    const size = norm(g);
    if (!Number.isFinite(size)) return undefined;
    if (size <= 1e-14 * unit) break;
    const { values, vectors } = symmetricEigen(d.hessian(x));
    const most = Math.max(Math.abs(values[0]!), Math.abs(values[d.size - 1]!));
    let better = false;
    for (let trial = 0; trial < 8 && !better; trial++) {
      const step = new Float64Array(d.size);
      for (let j = 0; j < d.size; j++) {
        let along = 0;
        for (let i = 0; i < d.size; i++) along += g[i]! * vectors.data[i * d.size + j]!;
        const weight = (-along * values[j]!) / (values[j]! ** 2 + damping * most ** 2 + 1e-300);
        for (let i = 0; i < d.size; i++) step[i]! += weight * vectors.data[i * d.size + j]!;
      }
      const there = d.walk(x, step);
      const next = d.gradient(there);
      better = norm(next) < size;
      if (better) [x, g] = [there, next];
      damping = better ? damping / 30 : damping * 8 + 1e-12;
    }
    if (!better) break;
  }
  return norm(g) <= 1e-8 * unit && norm(x) < 1e6 ? x : undefined;
}

/** Stationary points, steps of 1e-12 … 1e-2 from them, scaled along the orbit, without a column, random ones and 0. */
export function* pointsOf(objective: Objective<never>, d: Dense, pool: readonly Float64Array[], seed: number): Generator<TestPoint> {
  let index = 0;
  const stepsFrom = function* (x: Float64Array, count: number, kind: TestPoint['kind']): Generator<TestPoint> {
    for (let k = 0; k < count; k++) {
      const step = 10 ** (-12 + (10 * ((7 * index + 3 * seed) % 41)) / 40);
      const v = draw(d.size, seed, 1000 + index++);
      // Half of them along the orbit's own scale, half of fixed size.
      const size = (k % 2 === 0 ? 1 : norm(x) || 1) * step;
      const y = d.walk(x, v.map((entry) => (size * entry) / norm(v)));
      if (y.every(Number.isFinite)) yield { kind, x: y, step };
    }
  };
  for (const x of pool) {
    yield { kind: 'stationary', x, step: 0 };
    yield* stepsFrom(x, 5, 'perturbed');
    const scaled = alongOrbit(objective, d, x, [1e-4, 1e-2, 1e2, 1e4][index % 4]!);
    if (scaled !== undefined) {
      yield { kind: 'scaled', x: scaled, step: 0 };
      yield* stepsFrom(scaled, 2, 'scaled');
    }
    const thinner = withoutColumn(objective, d, x, index);
    if (thinner !== undefined) {
      yield { kind: 'rank-deficient', x: thinner, step: 0 };
      yield* stepsFrom(thinner, 2, 'rank-deficient');
    }
  }
  for (let k = 0; k < 3; k++) yield { kind: 'random', x: objective.manifold === undefined ? draw(d.size, seed, k) : objective.initial(streamKey(seed, 'init', 50 + k)).data, step: 0 };
  if (objective.manifold === undefined) yield { kind: 'zero', x: new Float64Array(d.size), step: 0 };
}

/** The same point elsewhere on its orbit: (U t, V / t), layers alike; by 1e±4 where there are factors, else by 1e±2. */
function alongOrbit(objective: Objective<never>, { problem, size }: Dense, x: Float64Array, t: number): Float64Array | undefined {
  if (problem.symmetry?.group.startsWith('GL') !== true) return undefined;
  const { blocks } = objective.layout;
  const scale = problem.factors === undefined ? Math.sqrt(t) : t;
  const out = x.slice();
  const first = blocks[0]!.shape.reduce((product, side) => product * side, 1);
  const second = blocks.length < 2 ? 0 : blocks[1]!.shape.reduce((product, side) => product * side, 1);
  for (let i = 0; i < size; i++) out[i]! *= i < first ? scale : i < first + second ? 1 / scale : 1;
  return out;
}

/** The point with one column of its factors (both, or one alone) at 0. */
function withoutColumn({ layout }: Objective<never>, { problem }: Dense, x: Float64Array, index: number): Float64Array | undefined {
  if (problem.factors?.pairs.length !== 1) return undefined;
  const { symmetric, left, right } = factorsAt(createPoint(layout, x), problem.factors);
  const [a, b] = [matrix(left.rows, left.cols, left.data.slice()), matrix(right.rows, right.cols, right.data.slice())];
  const k = index % a.cols;
  for (let i = 0; i < a.rows; i++) a.data[i * a.cols + k] = 0;
  if (index % 3 > 0) for (let i = 0; i < b.rows; i++) b.data[i * b.cols + k] = 0;
  return pointOf(layout, problem.factors, { symmetric, left: a, right: symmetric ? a : b }).data;
}
