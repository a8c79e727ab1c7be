import type { Device, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix, newVector } from '../factored/term.ts';
import { bindLoss, type DeviceLoss } from './loss.ts';
import type { DeviceMap } from '../factored/linear-map.ts';
import type { ConstrainedProblem } from './problem.ts';

/** c(U) = a(U U^T) - b and the augmented Lagrangian, for factors of one number of columns. */
export interface Lagrangian {
  readonly loss: DeviceLoss;
  readonly map: DeviceMap;
  /** out = c(U) */
  residual(u: Mat, out: Vec): void;
  /** out = a(U V^T + V U^T) */
  differential(u: Mat, v: Mat, out: Vec): void;
  /** out = 2 a*(w) U */
  adjoint(u: Mat, w: Vec, out: Mat): void;
  /** value[0] = L */
  value(u: Mat, multipliers: Vec | undefined, weight: number, value: Vec): void;
  gradient(u: Mat, multipliers: Vec | undefined, weight: number, out: Mat): void;
  valueAndGradient(u: Mat, multipliers: Vec | undefined, weight: number, value: Vec, out: Mat): void;
  curvature(u: Mat, v: Mat, multipliers: Vec | undefined, weight: number, out: Mat): void;
  /** value[0] = phi(U U^T) + <multipliers, c> + weight/2 |c|^2, once `loss` is at U. */
  total(u: Mat, multipliers: Vec | undefined, weight: number, c: Vec, value: Vec): void;
}

/**
 * The augmented Lagrangian L = phi(U U^T) + <l, c> + (gamma/2) |c|^2, c = a(U U^T) - b. With S = G + a*(l + gamma c):
 *
 *     grad L = 2 S U,   Hess L[V] = 2 S V + 2 (H + gamma a*(a(U V^T + V U^T))) U,   H = hess phi[U V^T + V U^T]
 *
 * Multipliers that are absent are zero: the quadratic penalty. A gradient has two products with the map and one with C, a
 * Hessian-vector product twice as many.
 */
export function bindLagrangian(problem: ConstrainedProblem, rank: number, device: Device, memory: Memory): Lagrangian {
  const { constraints, rows } = problem;
  const { axpy, copy, dot, fill, scal } = device.kernels;
  const loss = bindLoss(problem, rank, device, memory);
  const map = constraints.map.bind(device, memory, rank);
  const { length } = constraints.map;
  const bounds = newVector(device, memory, constraints.bounds);
  const [c, y] = [memory.vector(length), memory.vector(length)];
  const along = memory.vector(length);
  const sums = memory.vector(3);
  const weights = newVector(device, memory, Float64Array.of(...loss.weights, 1));
  const product = newMatrix(device, memory, rows, rank);

  const residual = (u: Mat, out: Vec): void => {
    map.image(u, u, out);
    axpy(-1, bounds, out);
  };
  /** y = l + weight c */
  const combine = (multipliers: Vec | undefined, weight: number, from: Vec): void => {
    if (multipliers === undefined) fill(y, 0);
    else copy(multipliers, y);
    axpy(weight, from, y);
  };
  const total: Lagrangian['total'] = (u, multipliers, weight, from, value) => {
    loss.sums(u, sums);
    combine(multipliers, weight / 2, from);
    dot(y, from, sums, 2);
    dot(weights, sums, value, 0);
  };
  /** out = 2 S U, once `loss` is at U. */
  const slope = (u: Mat, multipliers: Vec | undefined, weight: number, out: Mat): void => {
    loss.slope(u, out);
    combine(multipliers, weight, c);
    map.load(1, y);
    map.times(false, u, 1, out);
    scal(2, out);
  };
  const at = (u: Mat): void => {
    loss.at(u);
    residual(u, c);
  };

  return {
    loss,
    map,
    residual,
    total,
    differential: (u, v, out) => {
      map.differential(u, u, v, v, out);
    },
    adjoint(u, w, out) {
      map.load(2, w);
      map.times(false, u, 0, out);
    },
    value(u, multipliers, weight, value) {
      at(u);
      total(u, multipliers, weight, c, value);
    },
    gradient(u, multipliers, weight, out) {
      at(u);
      slope(u, multipliers, weight, out);
    },
    valueAndGradient(u, multipliers, weight, value, out) {
      at(u);
      total(u, multipliers, weight, c, value);
      slope(u, multipliers, weight, out);
    },
    curvature(u, v, multipliers, weight, out) {
      at(u);
      loss.times(v, out);
      combine(multipliers, weight, c);
      map.load(1, y);
      map.times(false, v, 1, out);
      map.differential(u, u, v, v, along);
      map.load(weight, along);
      map.times(false, u, 1, out);
      if (loss.curved) {
        loss.bend(1, u, v);
        loss.bentTimes(u, 0, product);
        axpy(1, product, out);
      }
      scal(2, out);
    },
  };
}
