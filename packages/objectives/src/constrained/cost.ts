import { LowlandError, type DataMap, type Device, type KernelName, type Mat, type Memory } from '@lowland/core';
import { matrix, multiply, sparseFromPattern, sparsePattern, sparseToDense, type Matrix } from '@lowland/linalg';

import { requireAllFinite, requireLength, requireMatrix } from '../factored/checks.ts';
import { newVector } from '../factored/term.ts';

/** The symmetric matrix C of a linear cost <C, X>. */
export interface Cost {
  readonly size: number;
  readonly kernels: readonly KernelName[];
  /** Where it is not zero, each place once. */
  readonly entries: () => { readonly row: Int32Array; readonly col: Int32Array; readonly values: Float64Array };
  /** Row-major. */
  readonly dense: () => Float64Array;
  /** C u on the host. */
  times(u: Matrix): Matrix;
  bind(device: Device, memory: Memory): (b: Mat, out: Mat) => void;
  bytes(width: number): number;
}

/**
 * C = (M + M^T)/2. A product reads it once: bound by memory for few columns.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE unless it is a finite square matrix
 */
export function denseCost(m: DataMap['matrix']): Cost {
  requireMatrix('The cost', m);
  const { rows: n, cols, values } = m;
  if (n !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `A cost <C, X X^T> has a square C; ${n} x ${cols} was given.`);
  const c = matrix(n, n, values.map((value, k) => (value + values[(k % n) * n + Math.floor(k / n)]!) / 2));
  return {
    size: n,
    kernels: ['gemm'],
    entries() {
      const at = Int32Array.from(c.data.keys()).filter((k) => c.data[k] !== 0);
      return { row: at.map((k) => Math.floor(k / n)), col: at.map((k) => k % n), values: Float64Array.from(at, (k) => c.data[k]!) };
    },
    dense: () => c.data,
    times: (u) => multiply(c, u),
    bind(device, memory) {
      const here = device.matrix(newVector(device, memory, c.data), 0, n, n);
      return (b, out) => {
        device.kernels.gemm('N', 'N', 1, here, b, 0, out);
      };
    },
    bytes: (width) => width * n * n,
  };
}

/**
 * C = (M + M^T)/2, M the sum of the given entries: an edge listed once counts half on either side. Weights play no part here.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_NOT_FINITE, LOWLAND_E_INDEX for entries that do not fit a square matrix
 */
export function sparseCost({ rows: n, cols, row, col, values }: DataMap['entries']): Cost {
  if (n !== cols) throw new LowlandError('LOWLAND_E_SHAPE', `A cost <C, X X^T> has a square C; ${n} x ${cols} was given.`);
  requireLength('The list of rows', row.length, values.length);
  requireLength('The list of columns', col.length, values.length);
  requireAllFinite('An entry of the cost', values);
  const sums = new Map<number, number>();
  const add = (i: number, j: number, amount: number) => sums.set(i * n + j, (sums.get(i * n + j) ?? 0) + amount);
  values.forEach((value, k) => {
    const [i, j] = [row[k]!, col[k]!];
    if (!(i >= 0 && i < n && j >= 0 && j < n)) throw new LowlandError('LOWLAND_E_INDEX', `Entry ${k} is at (${i}, ${j}) of a ${n} x ${n} matrix.`, { details: { entry: k } });
    add(i, j, value / 2);
    add(j, i, value / 2);
  });
  const keys = Float64Array.from(sums.keys()).filter((key) => sums.get(key) !== 0).sort();
  const pattern = sparsePattern({ rows: n, cols: n, row: Int32Array.from(keys, (key) => Math.floor(key / n)), col: Int32Array.from(keys, (key) => key % n) });
  const entries = { row: pattern.row, col: pattern.col, values: Float64Array.from(keys, (key) => sums.get(key)!) };
  const c = sparseFromPattern(pattern, entries.values);
  return {
    size: n,
    kernels: ['spmm'],
    entries: () => entries,
    dense: () => sparseToDense(c).data,
    times(u) {
      const out = matrix(n, u.cols);
      entries.values.forEach((value, e) => {
        for (let k = 0; k < u.cols; k++) out.data[entries.row[e]! * u.cols + k]! += value * u.data[entries.col[e]! * u.cols + k]!;
      });
      return out;
    },
    bind(device, memory) {
      const [i, j] = [memory.integers(entries.row), memory.integers(entries.col)];
      const here = newVector(device, memory, entries.values);
      return (b, out) => {
        device.kernels.spmm(i, j, here, b, out, false);
      };
    },
    bytes: (width) => (8 + width) * keys.length,
  };
}
