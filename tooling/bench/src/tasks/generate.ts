/**
 * The numbers of an instance, from streams of core's Philox: the same on every machine.
 *
 * Planted factors have singular values near 1; starts are half as large and independent, so that descents have a way to go.
 */
import { normals, streamKey, uniforms } from '@lowland/core';
import { matrix, multiply, randomizedSvd, thinQr, type Matrix } from '@lowland/linalg';

import type { CompletionRecovery, Task } from './task.ts';

export type Numbers = Float64Array | Int32Array;
export type Instance = Readonly<Record<string, Numbers>>;

export function generate(task: Task): Instance {
  switch (task.kind) {
    case 'gemm': {
      // Positive numbers: weighted sums of C lose nothing to cancellation.
      const { n } = task;
      return { a: uniform('a', n * n), b: uniform('b', n * n), left: uniform('left', n), right: uniform('right', n) };
    }
    case 'factorisation-gradient':
    case 'factorisation-descent':
      return { target: product(task), ...startOf(task, 0.5) };
    case 'completion-descent': {
      const { rows, cols, observed, rank } = task;
      const cells = sample(rows * cols, observed);
      const row = Int32Array.from(cells, (cell) => Math.floor(cell / cols));
      const col = Int32Array.from(cells, (cell) => cell % cols);
      const [u, v] = [normal('left', rows * rank), normal('right', cols * rank)];
      const values = Float64Array.from(cells, (_, k) => {
        let sum = 0;
        for (let l = 0; l < rank; l++) sum += u[row[k]! * rank + l]! * v[col[k]! * rank + l]!;
        return sum;
      });
      return { row, col, values, u: normal('u', rows * rank, 0.5), v: normal('v', cols * rank, 0.5) };
    }
    case 'completion-recovery':
      return recovery(task);
    case 'sensing-descent': {
      const { rows, cols, count } = task;
      const measurements = normal('measurements', count * rows * cols, 1 / Math.sqrt(count));
      const values = multiply(matrix(count, rows * cols, measurements), matrix(rows * cols, 1, product(task))).data;
      return { measurements, values, ...startOf(task, 0.5) };
    }
    case 'rank-one-descent': {
      // <A_k, X>^2 is |X|^2 / count on average.
      const { rows, cols, count, rank } = task;
      const size = count ** -0.25;
      const [left, right] = [normal('lefts', count * rows, size), normal('rights', count * cols, size)];
      const planted = factorsOf(task);
      const [p, q] = [multiply(matrix(count, rows, left), planted.left).data, multiply(matrix(count, cols, right), planted.right).data];
      const values = Float64Array.from({ length: count }, (_, k) => {
        let sum = 0;
        for (let l = 0; l < rank; l++) sum += p[k * rank + l]! * q[k * rank + l]!;
        return sum;
      });
      return { left, right, values, ...startOf(task, 0.5) };
    }
    case 'eigen': {
      const { n } = task;
      const a = normal('a', n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j]!;
      return { a, right: normal('right', n) };
    }
    case 'randomised-svd':
      return { a: product(task), left: normal('left', task.rows), right: normal('right', task.cols) };
    case 'qr':
    case 'svd':
      return { a: normal('a', task.rows * task.cols), left: normal('left', task.rows), right: normal('right', task.cols) };
  }
}

/** Entries that are held back to tell the error. */
const heldBack = 10_000;

/** Singular values from 1 down to 1 / condition, evenly, entries near 1; the start is the SVD of the observed entries over their share. */
function recovery({ rows, cols, rank, observed, condition }: CompletionRecovery): Instance {
  const orthonormal = (name: string, size: number): Matrix => thinQr(matrix(size, rank, normal(name, size * rank))).q;
  const [left, right] = [orthonormal('left', rows), orthonormal('right', cols)];
  const sigma = Array.from({ length: rank }, (_, l) => (1 + (1 / condition - 1) * (rank === 1 ? 0 : l / (rank - 1))) * Math.sqrt((rows * cols) / rank));
  const entry = (cell: number): number => {
    const [i, j] = [Math.floor(cell / cols), cell % cols];
    return sigma.reduce((sum, s, l) => sum + s * left.data[i * rank + l]! * right.data[j * rank + l]!, 0);
  };
  const held = Math.min(heldBack, Math.floor((rows * cols - observed) / 2));
  const cells = sample(rows * cols, observed + held);
  // every so many is held back
  const isHeld = (_: number, k: number): boolean => Math.floor(((k + 1) * held) / cells.length) > Math.floor((k * held) / cells.length);
  const [seen, unseen] = [cells.filter((cell, k) => !isHeld(cell, k)), cells.filter(isHeld)];
  const values = seen.map(entry);
  const filled = matrix(rows, cols);
  seen.forEach((cell, k) => (filled.data[cell] = (values[k]! * rows * cols) / observed));
  const { u, s, v } = randomizedSvd(filled, rank, { key: key('start') });
  const balanced = (factor: Matrix): Float64Array => factor.data.map((x, k) => x * Math.sqrt(s[k % rank]!));
  const indices = (of: Float64Array, index: (cell: number) => number): Int32Array => Int32Array.from(of, index);
  const [row, col] = [(cell: number) => Math.floor(cell / cols), (cell: number) => cell % cols];
  return {
    row: indices(seen, row), col: indices(seen, col), values,
    heldRow: indices(unseen, row), heldCol: indices(unseen, col), heldValues: unseen.map(entry),
    u: balanced(u), v: balanced(v),
  };
}

interface Factored {
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** The planted factors. */
function factorsOf({ rows, cols, rank }: Factored): { readonly left: Matrix; readonly right: Matrix } {
  return {
    left: matrix(rows, rank, normal('left', rows * rank, 1 / Math.sqrt(rows))),
    right: matrix(cols, rank, normal('right', cols * rank, 1 / Math.sqrt(cols))),
  };
}

/** The planted matrix. */
function product(task: Factored): Float64Array {
  const { left, right } = factorsOf(task);
  return multiply(left, right, { transposeB: true }).data;
}

function startOf({ rows, cols, rank }: Factored, size: number): { readonly u: Float64Array; readonly v: Float64Array } {
  return { u: normal('u', rows * rank, size / Math.sqrt(rows)), v: normal('v', cols * rank, size / Math.sqrt(cols)) };
}

const key = (name: string) => streamKey(1, `bench ${name}`);

function normal(name: string, length: number, size = 1): Float64Array {
  const out = new Float64Array(length);
  normals(key(name), out);
  for (let i = 0; i < length; i++) out[i]! *= size;
  return out;
}

function uniform(name: string, length: number): Float64Array {
  const out = new Float64Array(length);
  uniforms(key(name), out);
  return out;
}

/** So many different numbers below `end`, ascending. */
function sample(end: number, count: number): Float64Array {
  const chosen = new Set<number>();
  const draws = new Float64Array(1024);
  for (let offset = 0; chosen.size < count; offset += draws.length) {
    uniforms(key('cells'), draws, offset);
    for (const draw of draws) if (chosen.size < count) chosen.add(Math.floor(draw * end));
  }
  return Float64Array.from(chosen).sort();
}
