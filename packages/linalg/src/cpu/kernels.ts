/** Signatures of the extra kernels, below both the objectives that use them and the backends that have them. */
import type { Ints, Mat, Vec } from '@lowland/core';

declare module '@lowland/core' {
  interface ExtraKernels {
    /**
     * Row i of out = argmin_x of sum_k w_k (<v[index[k]], x> - values[k])^2 + shift |x|^2 over k = pointers[i] … pointers[i + 1] - 1:
     * the row step of alternating least squares.
     */
    normalEquations(pointers: Ints, index: Ints, values: Vec, weights: Vec | undefined, v: Mat, shift: number, out: Mat): void;
  }
}
