import type { Library } from '../wasm/library.ts';

/** Passes over the rows of a matrix in a workspace: places, strides and numbers of columns count numbers. */
export interface ReflectionKernels {
  /**
   * A −= v wᵀ, and s += Aᵀ x with the new A, in one pass: a reflection is applied and the products of the next one are formed. x may be the
   * first or second column of A. Works on whole pairs of columns: an odd number needs one column more in A, w and s.
   */
  reflect(m: number, columns: number, a: number, row: number, v: number, vRow: number, w: number, x: number, xRow: number, s: number): void;
  /** out[j] = max(out[j], |A[i, j]|) over all rows; NaN never counts. `out` has room for an even number. */
  magnitudes(m: number, columns: number, a: number, row: number, out: number): void;
  /** to[i, j] = from[i, j] · factors[j]; `to` may be `from`. */
  scaleColumns(m: number, columns: number, from: number, fromRow: number, factors: number, to: number, toRow: number): void;
}

/** The compiled ones. */
export function wasmReflections(library: Library): ReflectionKernels {
  return {
    reflect: (m, columns, a, row, v, vRow, w, x, xRow, s) => {
      library.reflection.reflect(m, columns, 8 * a, 8 * row, 8 * v, 8 * vRow, 8 * w, 8 * x, 8 * xRow, 8 * s);
    },
    magnitudes: (m, columns, a, row, out) => {
      library.reflection.magnitudes(m, columns, 8 * a, 8 * row, 8 * out);
    },
    scaleColumns: (m, columns, from, fromRow, factors, to, toRow) => {
      library.reflection.scaleColumns(m, columns, 8 * from, 8 * fromRow, 8 * factors, 8 * to, 8 * toRow);
    },
  };
}
