/**
 * The normal equations of multiplier estimates, K l = r with K_ij = <A_i U, A_j U>, in the form that the constraints allow.
 */
import type { Device, KernelName, Mat, Memory, SparseEnsemble, Vec } from '@lowland/core';

import type { DeviceMap } from '../factored/linear-map.ts';
import { newMatrix, newVector } from '../factored/term.ts';

export interface NormalEquations {
  readonly kernels: readonly KernelName[];
  bind(device: Device, memory: Memory, rank: number, map: DeviceMap): BoundNormalEquations;
  /** Bytes that `bind` takes, `width` bytes a number. */
  bytes(width: number, rank: number): number;
}

export interface BoundNormalEquations {
  /** Makes K at U. */
  at(u: Mat): void;
  /** out = K^-1 r; NaN where K is singular. */
  solve(r: Vec, out: Vec): void;
}

/**
 * Any constraints: the rows vec(A_i U) are stacked, K is the product of the stack with its transpose. Dense matrices, count x n x n
 * and symmetric, are stacked by one product; the products with others are taken one by one.
 *
 * O(count^2 n rank + count^3) flops.
 */
export function stackedEquations(n: number, count: number, matrices?: Float64Array): NormalEquations {
  return {
    kernels: ['gemm', 'posvRight'],
    bind(device, memory, rank, map) {
      const { copy, gemm, posvRight } = device.kernels;
      const rows = memory.vector(count * n * rank);
      const stack = device.matrix(rows, 0, count, n * rank);
      const k = newMatrix(device, memory, count, count);
      const [given, found] = [newMatrix(device, memory, 1, count), newMatrix(device, memory, 1, count)];
      const fill = matrices === undefined ? oneByOne() : atOnce(matrices);
      return {
        at(u) {
          fill(u);
          gemm('N', 'T', 1, stack, stack, 0, k);
        },
        solve(r, out) {
          copy(r, given);
          posvRight(k, 0, given, found);
          copy(found, out);
        },
      };

      function atOnce(values: Float64Array): (u: Mat) => void {
        const a = device.matrix(newVector(device, memory, values), 0, count * n, n);
        const tall = device.matrix(rows, 0, count * n, rank);
        return (u) => {
          gemm('N', 'N', 1, a, u, 0, tall);
        };
      }
      function oneByOne(): (u: Mat) => void {
        const unit = new Float64Array(count * count);
        for (let i = 0; i < count; i++) unit[i * count + i] = 1;
        const units = newVector(device, memory, unit);
        const each = Array.from({ length: count }, (_, i) => ({ unit: device.view(units, i * count, count), row: device.matrix(rows, i * n * rank, n, rank) }));
        return (u) => {
          for (const one of each) {
            map.load(1, one.unit);
            map.times(false, u, 0, one.row);
          }
        };
      }
    },
    bytes: (width, rank) => width * (count * n * rank + 2 * count * count + (matrices?.length ?? 0)),
  };
}

/** The constraints X_ii: K is diagonal, the squared norms of the rows of U. */
export function diagonalEquations(n: number): NormalEquations {
  return {
    kernels: ['sddmm', 'mul', 'divideByRoot'],
    bind(device, memory) {
      const { divideByRoot, mul, sddmm } = device.kernels;
      const index = memory.integers(Int32Array.from({ length: n }, (_, i) => i));
      const [squares, fourth] = [memory.vector(n), memory.vector(n)];
      return {
        at(u) {
          sddmm(index, index, u, u, squares);
          mul(squares, squares, fourth);
        },
        // r / sqrt(K^2)
        solve: (r, out) => {
          divideByRoot!(r, fourth, 0, out);
        },
      };
    },
    bytes: (width) => (4 + 2 * width) * n,
  };
}

/** The pairs a <= b of a block of d rows, in the order of its constraints. */
export function pairsOf(d: number): readonly (readonly [a: number, b: number])[] {
  return Array.from({ length: d }, (_, a) => Array.from({ length: d - a }, (_, k) => [a, a + k] as const)).flat();
}

/**
 * The diagonal blocks of X, d x d each, as constraints: entries X_aa, and sqrt 2 X_ab for a < b, so that |a(X)| is the Frobenius norm of
 * the blocks.
 */
export function blockEnsemble(blocks: number, d: number): SparseEnsemble {
  const pairs = pairsOf(d);
  const each = Array.from({ length: blocks * pairs.length }, (_, k) => ({ from: Math.floor(k / pairs.length) * d, pair: pairs[k % pairs.length]! }));
  return {
    kind: 'sparse',
    measurement: Int32Array.from(each.keys()),
    row: Int32Array.from(each, ({ from, pair }) => from + pair[0]),
    col: Int32Array.from(each, ({ from, pair }) => from + pair[1]),
    value: Float64Array.from(each, ({ pair }) => (pair[0] === pair[1] ? 1 : Math.SQRT2)),
  };
}

/**
 * The constraints of `blockEnsemble`: K is block diagonal, K_ij = tr(A_i A_j Z) with Z = U_k U_k^T, linear in Z. So one product makes all
 * blocks of K from those of U U^T, and each is solved by itself.
 */
export function blockEquations(blocks: number, d: number): NormalEquations {
  const pairs = pairsOf(d);
  const q = pairs.length;
  return {
    kernels: ['sddmm', 'gemm', 'posvRight'],
    bind(device, memory) {
      const { copy, gemm, posvRight, sddmm } = device.kernels;
      const cells = Array.from({ length: blocks * d * d }, (_, k) => ({ from: Math.floor(k / (d * d)) * d, at: k % (d * d) }));
      const row = memory.integers(Int32Array.from(cells, ({ from, at }) => from + Math.floor(at / d)));
      const col = memory.integers(Int32Array.from(cells, ({ from, at }) => from + (at % d)));
      const grams = newMatrix(device, memory, blocks, d * d);
      const systems = memory.vector(blocks * q * q);
      const all = device.matrix(systems, 0, blocks, q * q);
      const table = device.matrix(newVector(device, memory, productTable(d)), 0, d * d, q * q);
      const [given, found] = [memory.vector(blocks * q), memory.vector(blocks * q)];
      const each = Array.from({ length: blocks }, (_, k) => ({
        system: device.matrix(systems, k * q * q, q, q),
        given: device.matrix(given, k * q, 1, q),
        found: device.matrix(found, k * q, 1, q),
      }));
      return {
        at(u) {
          sddmm(row, col, u, u, grams);
          gemm('N', 'N', 1, grams, table, 0, all);
        },
        solve(r, out) {
          copy(r, given);
          for (const one of each) posvRight(one.system, 0, one.given, one.found);
          copy(found, out);
        },
      };
    },
    bytes: (width) => blocks * (8 * d * d + width * (d * d + q * q + 2 * q)) + width * d * d * q * q,
  };
}

/** T with K = Z T for vec Z and vec K: T[(a, b), (i, j)] is the coefficient of Z_ab in tr(A_i A_j Z). */
function productTable(d: number): Float64Array {
  const pairs = pairsOf(d);
  const q = pairs.length;
  const table = new Float64Array(d * d * q * q);
  const entriesOf = ([a, b]: readonly [number, number]) => (a === b ? [[a, a, 1]] : [[a, b, Math.SQRT1_2], [b, a, Math.SQRT1_2]]) as [number, number, number][];
  pairs.forEach((first, i) => {
    pairs.forEach((second, j) => {
      // A_i A_j has the entry x y at (a, c) where A_i has x at (a, b) and A_j has y at (b, c)
      for (const [a, b, x] of entriesOf(first)) {
        for (const [e, c, y] of entriesOf(second)) if (b === e) table[(c * d + a) * q * q + i * q + j]! += x * y;
      }
    });
  });
  return table;
}
