/**
 * The numbers of an instance, from streams of core's Philox: the same on every machine.
 *
 * Planted factors have singular values near 1; starts are half as large and independent, so that descents have a way to go.
 */
import { normals, streamKey, uniforms } from '@lowland/core';
import { matrix, multiply } from '@lowland/linalg';

import type { Task } from './task.ts';

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
    case 'sensing-descent': {
      const { rows, cols, count } = task;
      const measurements = normal('measurements', count * rows * cols, 1 / Math.sqrt(count));
      const values = multiply(matrix(count, rows * cols, measurements), matrix(rows * cols, 1, product(task))).data;
      return { measurements, values, ...startOf(task, 0.5) };
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

interface Factored {
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** The planted matrix. */
function product({ rows, cols, rank }: Factored): Float64Array {
  const left = matrix(rows, rank, normal('left', rows * rank, 1 / Math.sqrt(rows)));
  const right = matrix(cols, rank, normal('right', cols * rank, 1 / Math.sqrt(cols)));
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
