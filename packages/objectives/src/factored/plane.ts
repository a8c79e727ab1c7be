/**
 * A term on a plane x + s u + t v: a sum of losses of numbers that are quadratic there, known by six of their values each.
 */
import type { Device, Mat, Memory, Vec } from '@lowland/core';
import type { PlaneLossKind } from '@lowland/linalg';

import type { DeviceMap } from './linear-map.ts';
import type { FactoredProblem } from './problem.ts';
import { newVector, views } from './term.ts';

/** The rows c_0 … c_5 of q(s, t) = c_0 + s c_1 + t c_2 + s^2 c_3 + s t c_4 + t^2 c_5. */
type PlaneRows = readonly [Mat, Mat, Mat, Mat, Mat, Mat];

/** scale sum over i of w_i psi(q_i; data_i) on planes: one term of f there. */
export interface PlaneTerm {
  readonly kind: PlaneLossKind;
  /** Default 0. */
  readonly parameter?: number;
  readonly scale: number;
  /** Of one row. */
  readonly shape: readonly [rows: number, cols: number];
  /** Default 0. */
  readonly data?: () => Vec;
  /** Default 1. */
  readonly weights?: Float64Array | undefined;
  rows(x: Vec, u: Vec, v: Vec, out: PlaneRows): void;
}

/** The rows of a homogeneous quadratic map q and its derivative dq(x)[v]. */
export const quadraticRows =
  <T extends Vec>(q: (x: Vec, out: Mat) => void, dq: (x: Vec, v: T, out: Mat) => void) =>
  (x: Vec, u: T, v: T, out: PlaneRows): void => {
    q(x, out[0]);
    dq(x, u, out[1]);
    dq(x, v, out[2]);
    q(u, out[3]);
    dq(u, v, out[4]);
    q(v, out[5]);
  };

/** The fit there: measurements of products are quadratic. */
export function fitOnPlanes(problem: FactoredProblem, bound: DeviceMap, data: () => Vec, device: Device): PlaneTerm {
  const { weight, loss, map } = problem;
  const { left, right } = views(problem, device);
  return {
    kind: loss?.psi.kind ?? 'least-squares',
    parameter: loss?.psi.parameter ?? 0,
    scale: weight,
    shape: [map.length, 1],
    data,
    weights: loss?.weights,
    rows: quadraticRows(
      (x, out) => { bound.image(left(x), right(x), out); },
      (x, v, out) => { bound.differential(left(x), right(x), left(v), right(v), out); },
    ),
  };
}

/** As the kernel of this name, whatever serves it. */
export type PlaneLoss = (kind: PlaneLossKind, parameters: Vec, c: Mat, y: Vec, weights: Vec | undefined, at: Vec, scale: number, out: Vec) => void;

/**
 * (x, u, v, at, out): out[k] = the sum of all terms at x + s_k u + t_k v, (s_k, t_k) = (at[2 k], at[2 k + 1]).
 *
 * Six products with the data in all; then some ten operations and a loss for each datum and point, and no product. Six numbers a datum are held.
 */
export function bindPlane(terms: readonly PlaneTerm[], planeLoss: PlaneLoss, device: Device, memory: Memory): (x: Vec, u: Vec, v: Vec, at: Vec, out: Vec) => void {
  const bound = terms.map(({ kind, parameter = 0, scale, shape: [rows, cols], data, weights, rows: fill }) => {
    const length = rows * cols;
    const all = memory.vector(6 * length);
    const row = (k: number): Mat => device.matrix(all, k * length, rows, cols);
    const parts: PlaneRows = [row(0), row(1), row(2), row(3), row(4), row(5)];
    const [parameters, c] = [newVector(device, memory, Float64Array.of(parameter)), device.matrix(all, 0, 6, length)];
    const [y, w] = [data?.() ?? memory.vector(length), weights && newVector(device, memory, weights)];
    return (x: Vec, u: Vec, v: Vec, at: Vec, out: Vec): void => {
      fill(x, u, v, parts);
      planeLoss(kind, parameters, c, y, w, at, scale, out);
    };
  });
  return (x, u, v, at, out) => {
    device.kernels.fill(out, 0);
    for (const add of bound) add(x, u, v, at, out);
  };
}
