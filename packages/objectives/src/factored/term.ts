/**
 * An objective is the fit and a sum of terms, weight * s(x) each; a file beside this one is one of them with its formula.
 */
import type { Device, Layout, Mat, Memory, Vec } from '@lowland/core';

import type { PlaneTerm } from './plane.ts';
import { factorNames, type FactoredProblem } from './problem.ts';

/** Which blocks of the gradient are asked for. */
export type Side = 'both' | 'left' | 'right';

/** A term on a device. `prepare(x)` comes first in every oracle; nothing is remembered from one call to the next. */
export interface Term {
  readonly weight: number;
  /** Computes what the calls below share at x. */
  prepare(x: Vec): void;
  /** sums[slot] = s(x) */
  sum(x: Vec, sums: Vec, slot: number): void;
  /** out += weight grad s(x), in the blocks of `side` */
  gradient(x: Vec, side: Side, out: Vec): void;
  /** out += weight Hess s(x)[v] */
  curvature(x: Vec, v: Vec, out: Vec): void;
  /** weight s on planes. */
  readonly plane: PlaneTerm;
  /** weight s = 1/2 |r|^2; absent where the term is no sum of squares. `out` is this term's part of the residual. */
  readonly residual?: TermResidual;
}

export interface TermResidual {
  readonly shape: readonly [number, number];
  evaluate(x: Vec, out: Mat): void;
  jvp(x: Vec, v: Vec, out: Mat): void;
  /** out += J(x)^T w */
  vjp(x: Vec, w: Mat, out: Vec): void;
}

/** Block views by role. */
export interface Views {
  readonly layout: Layout;
  left(x: Vec): Mat;
  right(x: Vec): Mat;
}

export function views(problem: FactoredProblem, device: Device): Views {
  const { layout } = problem;
  const [left, right] = factorNames(problem);
  return {
    layout,
    left: (x) => device.blocks(x, layout)[left]!,
    right: (x) => device.blocks(x, layout)[right]!,
  };
}

/** A new device matrix. */
export function newMatrix(device: Device, memory: Memory, rows: number, cols: number): Mat {
  return device.matrix(memory.vector(rows * cols), 0, rows, cols);
}

/** A new device vector with these numbers. */
export function newVector(device: Device, memory: Memory, data: Float64Array): Vec {
  const vector = memory.vector(data.length);
  device.write(vector, data);
  return vector;
}
