import type { Device, Mat, Memory, Vec } from '@lowland/core';

import { newMatrix } from '../factored/term.ts';
import type { BoundNormalEquations } from './normal-equations.ts';
import type { Lagrangian } from './lagrangian.ts';
import type { ConstrainedProblem } from './problem.ts';

/** Multiplier estimates l(U), and the merit function that uses them. */
export interface Fletcher {
  /** out = l(U) */
  multipliers(u: Mat, out: Vec): void;
  value(u: Mat, value: Vec): void;
  gradient(u: Mat, out: Mat): void;
  valueAndGradient(u: Mat, value: Vec, out: Mat): void;
  curvature(u: Mat, v: Mat, out: Mat): void;
}

/**
 * Fletcher's merit function, with multipliers that are a function of the point:
 *
 *     h(U) = phi + <l(U), c> + (gamma/2) |c|^2,   l(U) = argmin_l |(G + a*(l)) U|^2 = -K^-1 a(G U U^T),   K_ij = <A_i U, A_j U>
 *
 * (of what a is given, the symmetric part counts). With S = G + a*(l), w = K^-1 c and W = a*(w),
 *
 *     grad h = 2 S U + 2 gamma a*(c) U - W S U - S W U - 2 Q U,   Q = hess phi[sym(W U U^T)]
 *
 * since the derivative of l along V is -K^-1 a(S U V^T + (S V + H U) U^T), H = hess phi[U V^T + V U^T]. Where c = 0 this is the gradient of
 * the Lagrangian at l(U). phi being quadratic in X, everything can be differentiated once more without third derivatives: with
 *
 *     dl = -K^-1 a(S U V^T + (S V + H U) U^T),   dw = K^-1 (dc - a(W U V^T + W V U^T)),   dc = a(U V^T + V U^T)
 *     d(S U) = (H + a*(dl)) U + S V,   d(W U) = a*(dw) U + W V
 *     Hess h[V] = 2 d(S U) + 2 gamma (a*(dc) U + a*(c) V) - a*(dw) S U - W d(S U) - (H + a*(dl)) W U - S d(W U) - 2 dQ U - 2 Q V
 *
 * NaN where K is singular, as at U = 0. Source: Fletcher 1970; Estrin, Friedlander, Orban, Saunders 2020 (arXiv 1910.04300).
 */
export function bindFletcher({ rows, constraints, merit: { weight } }: ConstrainedProblem, rank: number, lagrangian: Lagrangian, normal: BoundNormalEquations, device: Device, memory: Memory): Fletcher {
  const { axpy, copy, fill, scal } = device.kernels;
  const { loss, map, residual, total } = lagrangian;
  const { length } = constraints.map;
  const tall = (): Mat => newMatrix(device, memory, rows, rank);
  const measured = (): Vec => memory.vector(length);
  const [c, l, w, rhs, dl, dw, dc] = [measured(), measured(), measured(), measured(), measured(), measured(), measured()];
  const second = measured();
  const [su, wu, sw, sv, wv, hu, dsu, dwu, sum] = [tall(), tall(), tall(), tall(), tall(), tall(), tall(), tall(), tall()];

  /** l at U, where su = G U is left. */
  const estimate = (u: Mat): void => {
    loss.at(u);
    loss.slope(u, su);
    normal.at(u);
    map.differential(u, u, su, su, rhs);
    scal(-0.5, rhs);
    normal.solve(rhs, l);
  };
  /** c, l, w; su = S U, wu = W U */
  const prepare = (u: Mat): void => {
    estimate(u);
    residual(u, c);
    normal.solve(c, w);
    map.load(1, l);
    map.times(false, u, 1, su);
    map.load(1, w);
    map.times(false, u, 0, wu);
  };
  /** out = S b */
  const sTimes = (b: Mat, out: Mat): void => {
    loss.times(b, out);
    map.load(1, l);
    map.times(false, b, 1, out);
  };
  /** out = 2 a(sym(p q^T + r s^T)) */
  const productSum = (p: Mat, q: Mat, r: Mat, s: Mat, out: Vec): void => {
    map.differential(q, q, p, p, out);
    map.differential(s, s, r, r, second);
    axpy(1, second, out);
  };
  /** Adds -2 hess phi[sym(p U^T)] b to out. */
  const addBend = (p: Mat, u: Mat, b: Mat, out: Mat): void => {
    if (!loss.curved) return;
    loss.bend(-1, p, u);
    loss.bentTimes(b, 1, out);
  };
  const slope = (u: Mat, out: Mat): void => {
    copy(su, out);
    scal(2, out);
    map.load(2 * weight, c);
    map.times(false, u, 1, out);
    map.load(-1, w);
    map.times(false, su, 1, out);
    sTimes(wu, sw);
    axpy(-1, sw, out);
    addBend(wu, u, u, out);
  };

  return {
    multipliers(u, out) {
      estimate(u);
      copy(l, out);
    },
    value(u, value) {
      estimate(u);
      residual(u, c);
      total(u, l, weight, c, value);
    },
    gradient(u, out) {
      prepare(u);
      slope(u, out);
    },
    valueAndGradient(u, value, out) {
      prepare(u);
      total(u, l, weight, c, value);
      slope(u, out);
    },
    curvature(u, v, out) {
      prepare(u);
      map.differential(u, u, v, v, dc);
      if (loss.curved) {
        loss.bend(1, u, v);
        loss.bentTimes(u, 0, hu);
      } else fill(hu, 0);

      // dl, and d(S U) on the way
      sTimes(v, sv);
      copy(sv, dsu);
      axpy(1, hu, dsu);
      productSum(su, v, dsu, u, rhs);
      scal(-0.5, rhs);
      normal.solve(rhs, dl);

      // dw
      map.load(1, w);
      map.times(false, v, 0, wv);
      productSum(wu, v, wv, u, rhs);
      scal(-0.5, rhs);
      axpy(1, dc, rhs);
      normal.solve(rhs, dw);

      // what a*(dl) multiplies
      map.load(1, dl);
      map.times(false, u, 1, dsu);
      map.times(false, wu, 0, sum);
      copy(sum, out);
      scal(-1, out);
      if (loss.curved) {
        loss.bend(-1, u, v);
        loss.bentTimes(wu, 1, out);
      }
      axpy(2, dsu, out);
      // a*(dw)
      map.load(1, dw);
      copy(wv, dwu);
      map.times(false, u, 1, dwu);
      map.times(false, su, 0, sum);
      axpy(-1, sum, out);
      // W and S
      map.load(-1, w);
      map.times(false, dsu, 1, out);
      sTimes(dwu, sw);
      axpy(-1, sw, out);
      // gamma
      map.load(2 * weight, dc);
      map.times(false, u, 1, out);
      map.load(2 * weight, c);
      map.times(false, v, 1, out);
      // Q: along sym(d(W U) U^T + W U V^T)
      addBend(dwu, u, u, out);
      addBend(wu, v, u, out);
      addBend(wu, u, v, out);
    },
  };
}
