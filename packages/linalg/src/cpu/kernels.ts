/** Signatures of the extra kernels, below both the objectives that use them and the backends that have them. */
import type { Ints, Mat, Vec } from '@lowland/core';

declare module '@lowland/core' {
  interface ExtraKernels {
    /**
     * Row i of out = argmin_x of sum_k w_k (<v[index[k]], x> - values[k])^2 + shift |x|^2 over k = pointers[i] … pointers[i + 1] - 1:
     * the row step of alternating least squares.
     */
    normalEquations(pointers: Ints, index: Ints, values: Vec, weights: Vec | undefined, v: Mat, shift: number, out: Mat): void;
    /**
     * One pass over the target: with R = u v^T - target, out[at] = |R|_F^2, left = scale R b, right = scale R^T c.
     * target: m x n; u, c, left: m x r; v, b, right: n x r. A factor and its output may be left out together.
     */
    residualProducts(target: Mat, u: Mat, v: Mat, scale: number, b: Mat | undefined, left: Mat | undefined, c: Mat | undefined, right: Mat | undefined, out: Vec, at?: number): void;
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
  }
}
