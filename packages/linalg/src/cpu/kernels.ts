/** Signatures of the extra kernels, below both the objectives that use them and the backends that have them. */
import type { Ints, Mat, StreamKey, Vec } from '@lowland/core';

import type { LossKind } from '../scalar-loss.ts';

/** Losses of sums on planes: the scalar ones, and (q - y)^2 / 2, (sqrt(q + p^2) - y)^2 / 2, q - y. */
export type PlaneLossKind = LossKind | 'least-squares' | 'amplitude' | 'difference';

declare module '@lowland/core' {
  interface ExtraKernels {
    /**
     * Row i of out = argmin_x of sum_k w_k (<v[index[k]], x> - values[k])^2 + shift |x|^2 over k = pointers[i] … pointers[i + 1] - 1:
     * the row step of alternating least squares.
     */
    normalEquations(pointers: Ints, index: Ints, values: Vec, weights: Vec | undefined, v: Mat, shift: number, out: Mat): void;
    /**
     * One pass over the target: with R = u v^T - target, out[at] = |R|_F^2, left = scale R b, right = scale R^T c.
     * target: m x n; u: m x k, v: n x k, with k = 0 R = -target; c, left: m x r; b, right: n x r. A factor and its output may be
     * left out together.
     */
    residualProducts(target: Mat, u: Mat, v: Mat, scale: number, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined, out: Vec, at?: number): void;
    /**
     * Residuals at observed entries compressed by rows: row i has the entries pointers[i] <= e < pointers[i + 1], at the columns j = index[e].
     *
     *     rho_e = roots_e <u_i, v_j> - data_e,   z_e = roots_e rho_e,   squares[at] = sum of rho_e^2,   left_i = scale sum of z_e b_j
     *
     * roots absent: 1 (weights are their squares). u, left: rows x r; v, b: cols x r; z: one number an entry. `b` and `left` may be left
     * out together. Throws LOWLAND_E_SHAPE when sizes, pointers or indices do not fit.
     */
    observedResidual(
      pointers: Ints, index: Ints, data: Vec, roots: Vec | undefined, u: Mat, v: Mat, z: Vec, scale: number, b: Mat | undefined, left: Mat | undefined, squares: Vec, at?: number,
    ): void;
    /**
     * out_i = scale sum of z[order[e]] b_j over compressed rows as above. Z^T c, with no number scattered: the rows are the columns of Z
     * then, the indices its rows, and order[e] is the place of an entry in the order of its rows.
     */
    observedProduct(pointers: Ints, index: Ints, order: Ints, z: Vec, scale: number, b: Mat, out: Mat): void;
    /**
     * The Hessian of 1/2 sum of rho_e^2 on (du, dv), its rows for u: left_i = scale sum of w_e v_j + z_e dv_j with
     * w_e = roots_e^2 (<du_i, v_j> + <u_i, dv_j>). `z` takes both, w_e and z_e side by side: two numbers an entry.
     */
    observedCurvature(
      pointers: Ints, index: Ints, data: Vec, roots: Vec | undefined, u: Mat, v: Mat, du: Mat, dv: Mat, z: Vec, scale: number, left: Mat,
    ): void;
    /** Its rows for v: out_i = scale sum of z[2 order[e]] b_j + z[2 order[e] + 1] db_j over compressed columns. */
    observedCurvatureProduct(pointers: Ints, index: Ints, order: Ints, z: Vec, scale: number, b: Mat, db: Mat, out: Mat): void;
    /** out[k] = <du_i, v_j> + <u_i, dv_j>, i = row[k], j = col[k]: what `sddmm` gives, differentiated. u, du: rows x r; v, dv: cols x r. */
    sddmmPair(row: Ints, col: Ints, u: Mat, v: Mat, du: Mat, dv: Mat, out: Vec): void;
    /**
     * value[i] = psi(x[i]; y[i]) for a scalar loss of the closed list (`ScalarLoss`), with its first and second derivatives in x; those that
     * are absent are not computed. Sums, means and weights are the caller's: a dot product. `parameters` holds the number p of the loss, if it has one.
     */
    loss(kind: LossKind, parameters: Vec, x: Vec, y: Vec, value: Vec | undefined, first?: Vec, second?: Vec): void;
    /**
     * A sum of losses of quadratic functions at points (s_k, t_k) = (at[2 k], at[2 k + 1]) of a plane:
     *
     *     out[k] += scale sum of w_i psi(q_i(s_k, t_k); y_i),   q_i(s, t) = c_0i + s c_1i + t c_2i + s^2 c_3i + s t c_4i + t^2 c_5i
     *
     * c: 6 x n; y and weights: n, without weights 1. Of the quartic hinge and of amplitudes q is a sum of squares, and rounding below 0 is cut
     * off. For devices whose numbers the host cannot reach: elsewhere it is a loop there.
     */
    planeLoss(kind: PlaneLossKind, parameters: Vec, c: Mat, y: Vec, weights: Vec | undefined, at: Vec, scale: number, out: Vec): void;
    /** out[i] = x[i] / (sqrt(y[i]) + shift): the step of Adam. */
    divideByRoot(x: Vec, y: Vec, shift: number, out: Vec): void;
    /** a = q r with orthonormal columns in q (m x k) and upper triangular r (k x n), k = min(m, n), also where a is rank-deficient. */
    geqr(a: Mat, q: Mat, r: Mat): void;
    /** The leading triples of the singular value decomposition, as many as u and v have columns: a ~ u diag(s) v^T, s descending. NaN where a is not finite. */
    gesvd(a: Mat, u: Mat, s: Vec, v: Mat): void;
    /** out[at] = |x|, the Euclidean norm; no overflow or underflow on the way where the norm itself is representable. */
    nrm2(x: Vec, out: Vec, at?: number): void;
    /** out += alpha x y^T */
    ger(alpha: number, x: Vec, y: Vec, out: Mat): void;
    /** out = alpha a^T a + beta out (`T`) or alpha a a^T + beta out (`N`): of out the lower triangle is read, both are written, exactly symmetric. */
    syrk(t: 'N' | 'T', alpha: number, a: Mat, beta: number, out: Mat): void;
    /** out = op(l)^-1 b (side `L`) or b op(l)^-1 (side `R`), l lower triangular; what lies above its diagonal is not used. */
    trsm(side: 'L' | 'R', t: 'N' | 'T', l: Mat, b: Mat, out: Mat): void;
    /** out = the lower Cholesky factor of a + shift I, zero above the diagonal; of a the lower triangle is read. NaN everywhere where there is none. */
    potrf(a: Mat, shift: number, out: Mat): void;
    /**
     * rho = a x - y (y absent: a x) and out = scale a^T rho, each row of a read once. With the three last, which go together,
     * drho = a dx and dout = scale a^T drho in the same pass.
     */
    residualAdjoint(scale: number, a: Mat, x: Vec, y: Vec | undefined, rho: Vec, out: Vec, dx?: Vec, drho?: Vec, dout?: Vec): void;
    /**
     * The same for the matrix whose row k holds the first normals of the stream with the index of `key` plus k; it is never held.
     * Without `out` rho alone.
     */
    seededResidualAdjoint(scale: number, key: StreamKey, x: Vec, y: Vec | undefined, rho: Vec, out?: Vec, dx?: Vec, drho?: Vec, dout?: Vec): void;
    /** The same for the first numbers of the streams by the lattice rule, which GPUs draw as well: the same matrix everywhere. */
    latticeResidualAdjoint(scale: number, key: StreamKey, x: Vec, y: Vec | undefined, rho: Vec, out?: Vec, dx?: Vec, drho?: Vec, dout?: Vec): void;
    /**
     * Measurements with a_k b_k^T, the rows of a and b, in one pass over them: rho[k] = <a_k u, b_k v> - y[k] and
     *
     *     left = scale sum_k rho[k] a_k^T (b_k v),   right = scale sum_k rho[k] b_k^T (a_k u)
     *
     * or, with du and dv, their derivatives along these: left = scale sum_k a_k^T (drho[k] b_k v + rho[k] b_k dv) with
     * drho[k] = <a_k du, b_k v> + <a_k u, b_k dv>, right likewise. Outputs that are absent are not computed. b may be a, v may be u.
     */
    rankOneProducts(
      scale: number, a: Mat, b: Mat, y: Vec, u: Mat, v: Mat, rho: Vec, left: Mat | undefined, right: Mat | undefined, du?: Mat, dv?: Mat,
    ): void;
    /**
     * Magnitudes of measurements, in one pass over the rows of a, real or complex (then x, dx, out are complex too): with z = a x
     *
     *     rho[k] = |z_k|^2 - y[k],                                   w_k = rho[k] z_k
     *     rho[k] = r_k - y[k],  r_k = sqrt(|z_k|^2 + smoothing^2),   w_k = (rho[k] / r_k) z_k, 0 where r_k = 0      where a smoothing (>= 0) is given
     *
     * and out = scale a^* w, or with dx the derivative of that along dx. 4 scale a^* w (2 scale a^* w with a smoothing) is the gradient of
     * scale |rho|^2 over the reals. Without `out` rho alone.
     */
    phaseProducts(scale: number, a: Mat, y: Vec, smoothing: number | undefined, x: Vec, rho: Vec, out: Vec | undefined, dx?: Vec): void;
  }
}
