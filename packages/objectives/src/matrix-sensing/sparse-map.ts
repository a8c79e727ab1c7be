import { LowlandError, type Layout, type SparseEnsemble } from '@lowland/core';
import { gramTerms, matrix, sparseFromPattern, sparseGram, sparseEntries, sparsePattern, sparseToDense, type Matrix, type SparseEntries, type SparsePattern } from '@lowland/linalg';

import { requireAllFinite, requireLength } from '../factored/checks.ts';
import { denseOperator, sumRounding, rowNorms } from '../factored/host-operators.ts';
import { once } from '../factored/once.ts';
import { sampledDifferential } from '../factored/sampled-differential.ts';
import { newMatrix, newVector } from '../factored/term.ts';
import { normSquaredBound } from './norm-bound.ts';
import type { SensingMap } from './sensing-map.ts';

/**
 * Sparse measurement matrices over the cells that occur in any of them: a(X) = S x, x the entries of X at those cells,
 * S: count x cells. X and a*(w) are touched at these cells alone.
 *
 * Bound by gathers: 2 r flops a cell and 2 an entry of S for an image.
 */
export function sparseMap(rows: number, cols: number, count: number, ensemble: SparseEnsemble, symmetric: boolean): SensingMap {
  const { cells, combine } = compile(rows, cols, count, ensemble, symmetric);
  const { row, col } = cells;
  const cellCount = row.length;
  const frobeniusSquared = combine.values.reduce((sum, value) => sum + value * value, 0);
  /** |A_k|_F */
  const norms = once(() => {
    const squares = new Float64Array(count);
    combine.values.forEach((value, e) => (squares[combine.row[e]!]! += value * value));
    return squares.map(Math.sqrt);
  });
  /** The entries of S of measurement k are `entries` from starts[k] to starts[k + 1] - 1. */
  const byMeasurement = once(() => {
    const starts = new Int32Array(count + 1);
    for (const k of combine.row) starts[k + 1]!++;
    for (let k = 0; k < count; k++) starts[k + 1]! += starts[k]!;
    const next = starts.slice();
    const entries = new Int32Array(combine.row.length);
    combine.row.forEach((k, e) => { entries[next[k]!++] = e; });
    return { starts, entries };
  });
  const asColumn = (length: number): Layout => ({ blocks: [{ name: 'Z', shape: [length, 1] }] });
  const measured = asColumn(count);
  const sample = (u: Matrix, v: Matrix): Float64Array =>
    Float64Array.from({ length: cellCount }, (_, e) => {
      let sum = 0;
      for (let k = 0; k < u.cols; k++) sum += u.data[row[e]! * u.cols + k]! * v.data[col[e]! * u.cols + k]!;
      return sum;
    });
  return {
    rows,
    cols,
    length: count,
    isometry: false,
    frobeniusSquared,
    depth: combine.maxRowCount + 2,
    kernels: ['sddmm', 'spmm', 'axpy', 'scal'],
    // |a| = |S|, since the cells are distinct.
    normSquared: normSquaredBound(combine, frobeniusSquared),
    image: (u, v, out) => combine.apply(sample(u, v), out),
    magnitudes(u, v, out) {
      const [nu, nv] = [rowNorms(u), rowNorms(v)];
      out.fill(0);
      combine.values.forEach((value, e) => {
        const cell = combine.col[e]!;
        out[combine.row[e]!]! += Math.abs(value) * nu[row[cell]!]! * nv[col[cell]!]!;
      });
    },
    adjoint(w, plus) {
      const values = new Float64Array(cellCount);
      combine.applyTransposed(w, values);
      const z = sparseFromPattern(cells, values);
      const rounding = sumRounding(combine.maxColCount, w, norms());
      if (plus !== undefined) {
        const dense = sparseToDense(z).data;
        return denseOperator(matrix(rows, cols, dense.map((value, k) => value + plus[k]!)), rounding);
      }
      return {
        rows,
        cols,
        maxRowCount: gramTerms(cells),
        rounding,
        apply: z.apply,
        applyTransposed: z.applyTransposed,
        gram: (out) => out.set(sparseGram(z).data),
        dense: (out) => out.set(sparseToDense(z).data),
      };
    },
    bind(device, memory, rank) {
      const { axpy, scal, sddmm, spmm } = device.kernels;
      const cellRow = memory.integers(row);
      const cellCol = memory.integers(col);
      const combineRow = memory.integers(combine.row);
      const combineCol = memory.integers(combine.col);
      const combineValues = newVector(device, memory, combine.values);
      const samples = newMatrix(device, memory, cellCount, 1);
      const differentiate = sampledDifferential(device, once(() => memory.vector(cellCount)));
      const adjoint = newMatrix(device, memory, cellCount, 1);
      const product = { left: newMatrix(device, memory, rows, rank), right: newMatrix(device, memory, cols, rank) };
      return {
        image(u, v, out) {
          sddmm(cellRow, cellCol, u, v, samples);
          spmm(combineRow, combineCol, combineValues, samples, device.blocks(out, measured)['Z']!, false);
        },
        differential(u, v, du, dv, out) {
          differentiate(cellRow, cellCol, u, v, du, dv, samples);
          spmm(combineRow, combineCol, combineValues, samples, device.blocks(out, measured)['Z']!, false);
        },
        load(alpha, w) {
          spmm(combineRow, combineCol, combineValues, device.blocks(w, measured)['Z']!, adjoint, true);
          if (alpha !== 1) scal(alpha, adjoint);
        },
        times(transposed, b, beta, out) {
          if (beta === 0) {
            spmm(cellRow, cellCol, adjoint, b, out, transposed);
            return;
          }
          const into = transposed ? product.right : product.left;
          spmm(cellRow, cellCol, adjoint, b, into, transposed);
          axpy(1, into, out);
        },
      };
    },
    sampled(device) {
      const { starts, entries } = byMeasurement();
      return {
        products(uMat, vMat, slope, batch, scale, leftMat, rightMat) {
          const [u, v, left, right] = [device.host!(uMat), device.host!(vMat), device.host!(leftMat), device.host!(rightMat)];
          const r = uMat.cols;
          for (const k of batch) {
            let measured = 0;
            for (let at = starts[k]!; at < starts[k + 1]!; at++) {
              const [e, cell] = [entries[at]!, combine.col[entries[at]!]!];
              for (let t = 0; t < r; t++) measured += combine.values[e]! * u[row[cell]! * r + t]! * v[col[cell]! * r + t]!;
            }
            const rho = slope(measured, k);
            for (let at = starts[k]!; at < starts[k + 1]!; at++) {
              const [e, cell] = [entries[at]!, combine.col[entries[at]!]!];
              const weight = scale * rho * combine.values[e]!;
              for (let t = 0; t < r; t++) left[row[cell]! * r + t]! += weight * v[col[cell]! * r + t]!;
              for (let t = 0; t < r; t++) right[col[cell]! * r + t]! += weight * u[row[cell]! * r + t]!;
            }
          }
        },
      };
    },
    bytes: (width, rank) => 8 * (cellCount + combine.values.length) + width * (combine.values.length + 3 * cellCount + (rows + cols) * rank),
    stack(other, unknown) {
      const r = other.cols;
      const stacked = matrix(count, (unknown === 'left' ? rows : cols) * r);
      combine.values.forEach((value, e) => {
        const cell = combine.col[e]!;
        const [here, there] = unknown === 'left' ? [row[cell]!, col[cell]!] : [col[cell]!, row[cell]!];
        const at = combine.row[e]! * stacked.cols + here * r;
        for (let k = 0; k < r; k++) stacked.data[at + k]! += value * other.data[there * r + k]!;
      });
      return stacked;
    },
  };
}

/** The cells in use, and S over them. Entries of one measurement at one cell add up. */
function compile(rows: number, cols: number, count: number, ensemble: SparseEnsemble, symmetric: boolean): { cells: SparsePattern; combine: SparseEntries } {
  const { measurement, row, col, value } = ensemble;
  requireLength('The list of rows of a sparse ensemble', row.length, measurement.length);
  requireLength('The list of columns of a sparse ensemble', col.length, measurement.length);
  requireLength('The list of values of a sparse ensemble', value.length, measurement.length);
  requireAllFinite('A value of a sparse ensemble', value);

  const cellOf = new Map<number, number>();
  const sums = new Map<number, number>();
  const total = rows * cols;
  const add = (k: number, i: number, j: number, amount: number): void => {
    const key = i * cols + j;
    cellOf.set(key, 0);
    sums.set(k * total + key, (sums.get(k * total + key) ?? 0) + amount);
  };
  for (let e = 0; e < value.length; e++) {
    const [k, i, j] = [measurement[e]!, row[e]!, col[e]!];
    if (k < 0 || k >= count || i < 0 || i >= rows || j < 0 || j >= cols) {
      throw new LowlandError('LOWLAND_E_INDEX', `Entry ${e} of the sparse ensemble is at measurement ${k}, (${i}, ${j}): there are ${count} measurements of ${rows} x ${cols}.`, {
        details: { entry: e },
      });
    }
    if (symmetric && i !== j) {
      add(k, i, j, value[e]! / 2);
      add(k, j, i, value[e]! / 2);
    } else add(k, i, j, value[e]!);
  }

  const keys = Float64Array.from(cellOf.keys()).sort();
  keys.forEach((key, cell) => cellOf.set(key, cell));
  const cells = sparsePattern({ rows, cols, row: Int32Array.from(keys, (key) => Math.floor(key / cols)), col: Int32Array.from(keys, (key) => key % cols) });
  const entries = [...sums];
  const combine = sparseEntries({
    rows: count,
    cols: keys.length,
    row: Int32Array.from(entries, ([key]) => Math.floor(key / total)),
    col: Int32Array.from(entries, ([key]) => cellOf.get(key % total)!),
    values: Float64Array.from(entries, ([, sum]) => sum),
  });
  return { cells, combine };
}
