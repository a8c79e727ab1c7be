import type { Device, Ints, Kernels, Memory, Vec } from '@lowland/core';
import { gramTerms, sparseFromPattern, sparseGram, sparseToDense, type Matrix, type SparsePattern } from '@lowland/linalg';

import { cellsOnDevice } from '../convex-form/matrix-map.ts';
import { rowNorms } from '../factored/host-operators.ts';
import type { FusedMap, HostOperator, LinearMap } from '../factored/linear-map.ts';
import { once } from '../factored/once.ts';
import { sampledDifferential } from '../factored/sampled-differential.ts';
import { sampledEntries } from '../factored/sampled-entries.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { type Observations, rowsByColumn } from './observations.ts';

/**
 * a(X)_e = sqrt(w_e) X_{row[e], col[e]}: weights are folded in, so that everything is plain least squares.
 *
 * Bound by the gathers of factor rows: 2 r flops an entry for the image, 4 r for a gradient, in all 6 r nnz. The fused kernels go along
 * rows and then along columns, so that nothing is scattered; 14 r nnz for a Hessian-vector product.
 */
export function samplingMap({ pattern, weights }: Observations): LinearMap {
  const { rows, cols, row, col } = pattern;
  const length = row.length;
  const roots = weights?.map(Math.sqrt);
  const byColumn = once(() => rowsByColumn(pattern));
  const scaled = (w: Float64Array): Float64Array => (roots === undefined ? w : w.map((value, e) => value * roots[e]!));
  return {
    rows,
    cols,
    length,
    isometry: false,
    frobeniusSquared: weights === undefined ? length : weights.reduce((sum, weight) => sum + weight, 0),
    depth: 4,
    kernels: ['sddmm', 'spmm', 'mul', 'axpy'],
    fusedKernels: { residual: ['observedResidual', 'observedProduct'], curvature: ['observedCurvature', 'observedCurvatureProduct'] },
    // Distinct cells: a a* is the diagonal of the weights.
    normSquared: () => (weights === undefined ? 1 : weights.reduce((most, weight) => Math.max(most, weight), 0)),
    image(u, v, out) {
      sample(row, col, u, v, out);
      if (roots !== undefined) for (let e = 0; e < length; e++) out[e]! *= roots[e]!;
    },
    magnitudes(u, v, out) {
      const [nu, nv] = [rowNorms(u), rowNorms(v)];
      for (let e = 0; e < length; e++) out[e] = (roots?.[e] ?? 1) * nu[row[e]!]! * nv[col[e]!]!;
    },
    adjoint(w): HostOperator {
      const z = sparseFromPattern(pattern, scaled(w));
      return {
        rows,
        cols,
        maxRowCount: gramTerms(pattern),
        rounding: 0,
        apply: z.apply,
        applyTransposed: z.applyTransposed,
        gram: (out) => out.set(sparseGram(z).data),
        dense: (out) => out.set(sparseToDense(z).data),
      };
    },
    bind(device, memory, rank) {
      const { axpy, mul, scal, sddmm, spmm, copy } = device.kernels;
      const factor = roots && newVector(device, memory, roots);
      const colIndex = memory.integers(col);
      const rowIndex = once(() => memory.integers(row));
      const values = once(() => memory.vector(length));
      const scratch = once(() => memory.vector(length));
      const differentiate = sampledDifferential(device, once(() => memory.vector(length)));
      const left = once(() => newMatrix(device, memory, rows, rank));
      const right = once(() => newMatrix(device, memory, cols, rank));
      /** The values of Z. */
      let loaded: Vec | undefined;
      return {
        image(u, v, out) {
          if (factor === undefined) sddmm(rowIndex(), colIndex, u, v, out);
          else {
            sddmm(rowIndex(), colIndex, u, v, scratch());
            mul(factor, scratch(), out);
          }
        },
        differential(u, v, du, dv, out) {
          const sum = factor === undefined ? out : scratch();
          differentiate(rowIndex(), colIndex, u, v, du, dv, sum);
          if (factor !== undefined) mul(factor, sum, out);
        },
        load(alpha, w) {
          loaded = w;
          if (factor === undefined && alpha === 1) return;
          loaded = values();
          if (factor === undefined) copy(w, loaded);
          else mul(factor, w, loaded);
          if (alpha !== 1) scal(alpha, loaded);
        },
        times(transposed, b, beta, out) {
          if (beta === 0) {
            spmm(rowIndex(), colIndex, loaded!, b, out, transposed);
            return;
          }
          const into = transposed ? right() : left();
          spmm(rowIndex(), colIndex, loaded!, b, into, transposed);
          axpy(1, into, out);
        },
        fused: (data) => bindFused(device, memory, pattern, byColumn(), colIndex, data, factor),
      };
    },
    bindMatrix: (device, memory) => cellsOnDevice(device, memory, rows * cols, row.map((i, e) => i * cols + col[e]!), roots && newVector(device, memory, roots)),
    sampled: (device) => sampledEntries(device, (k) => row[k]!, (k) => col[k]!, (k) => roots?.[k] ?? 1),
    // Places, byte offsets of rows and columns, and what composed routes use.
    bytes: (width, rank) => 24 * length + 4 * (rows + cols + 2) + width * ((roots === undefined ? 2 : 3) * length + (rows + cols) * rank),
  };
}

/** Along the rows first, where the residuals are written, then along the columns, where they are looked up. */
function bindFused(
  device: Device, memory: Memory, pattern: SparsePattern, byColumn: Int32Array, col: Ints, data: Vec, roots: Vec | undefined,
): FusedMap {
  // Routes come here only where the device has these kernels.
  const { observedResidual, observedProduct, observedCurvature, observedCurvatureProduct } = device.kernels as Required<Kernels>;
  const rowPointers = memory.integers(pattern.rowPointers);
  const colPointers = memory.integers(pattern.colPointers);
  const row = memory.integers(byColumn);
  const order = memory.integers(pattern.transposed);
  const single = once(() => memory.vector(data.length));
  const double = once(() => memory.vector(2 * data.length));
  return {
    residualProducts(u, v, scale, b, left, c, right, squares, slot) {
      const z = single();
      observedResidual(rowPointers, col, data, roots, u, v, z, scale, b, left, squares, slot);
      if (c !== undefined && right !== undefined) observedProduct(colPointers, row, order, z, scale, c, right);
    },
    curvatureProducts(u, v, du, dv, scale, left, right) {
      const z = double();
      observedCurvature(rowPointers, col, data, roots, u, v, du, dv, z, scale, left);
      if (right !== undefined) observedCurvatureProduct(colPointers, row, order, z, scale, u, du, right);
    },
  };
}

/** out[e] = <u_row[e], v_col[e]> */
function sample(row: Int32Array, col: Int32Array, u: Matrix, v: Matrix, out: Float64Array): void {
  const r = u.cols;
  for (let e = 0; e < row.length; e++) {
    const p = row[e]! * r;
    const q = col[e]! * r;
    let sum = 0;
    for (let k = 0; k < r; k++) sum += u.data[p + k]! * v.data[q + k]!;
    out[e] = sum;
  }
}
