import { normals, streamKey, type Vec } from '@lowland/core';
import { cpu, matrix, type Matrix, multiply, thinQr, thinSvd } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { lsqr, type LsqrWork } from './lsqr.ts';

const random = (rows: number, cols: number, index: number): Matrix => {
  const a = matrix(rows, cols);
  normals(streamKey(1, 'lsqr', index), a.data);
  return a;
};

async function solve(a: Matrix, b: Float64Array, tolerance = 1e-15) {
  const device = await cpu().open();
  using memory = device.memory();
  const vector = (data: Float64Array): Vec => {
    const out = memory.vector(data.length);
    device.write(out, data);
    return out;
  };
  const mat = device.matrix(vector(a.data), 0, a.rows, a.cols);
  const long = () => memory.vector(a.rows);
  const wide = () => memory.vector(a.cols);
  const work: LsqrWork = { solution: wide(), direction: wide(), right: wide(), rightNext: wide(), left: long(), leftNext: long(), numbers: memory.vector(1) };
  const { gemv } = device.kernels;
  const problem = {
    device,
    apply: (x: Vec, out: Vec) => { gemv('N', 1, mat, x, 0, out); },
    applyTransposed: (y: Vec, out: Vec) => { gemv('T', 1, mat, y, 0, out); },
  };
  const result = await lsqr(problem, vector(b), work, { tolerance, maxIterations: 10 * a.cols });
  return { ...result, x: await device.read(work.solution) };
}

/** V diag(1 / s) U^T b over the first `rank` singular values. */
function leastNorm(a: Matrix, b: Float64Array, rank: number): Float64Array {
  const { u, s, v } = thinSvd(a);
  const x = new Float64Array(a.cols);
  for (let k = 0; k < rank; k++) {
    let product = 0;
    for (let i = 0; i < a.rows; i++) product += u.data[i * u.cols + k]! * b[i]!;
    for (let j = 0; j < a.cols; j++) x[j] = x[j]! + (v.data[j * v.cols + k]! * product) / s[k]!;
  }
  return x;
}

describe('lsqr', () => {
  it.each([
    ['tall', random(20, 8, 0), 8],
    ['wide', random(8, 20, 0), 8],
    ['of deficient rank', multiply(random(20, 5, 0), random(12, 5, 1), { transposeB: true }), 5],
    ['orthonormal', thinQr(random(20, 8, 0)).q, 8],
  ])('gives the solution of least norm: %s', async (_, a, rank) => {
    const b = random(a.rows, 1, 2).data;
    const { x, residual } = await solve(a, b);
    const expected = leastNorm(a, b, rank);
    expected.forEach((value, j) => expect(x[j]).toBeCloseTo(value, 10));
    const left = multiply(a, matrix(a.cols, 1, x.slice())).data.map((value, i) => value - b[i]!);
    expect(residual).toBeCloseTo(Math.hypot(...left), 10);
  });

  it('takes one iteration for orthonormal columns, none for a right side of zero', async () => {
    const a = thinQr(random(20, 8, 0)).q;
    expect((await solve(a, random(20, 1, 2).data)).iterations).toBe(1);
    const { iterations, x } = await solve(a, new Float64Array(20));
    expect(iterations).toBe(0);
    expect(x.every((value) => value === 0)).toBe(true);
  });

  it('stops where its tolerance says', async () => {
    const a = random(60, 40, 0);
    const b = random(60, 1, 2).data;
    expect((await solve(a, b, 1e-2)).iterations).toBeLessThan((await solve(a, b, 1e-12)).iterations);
  });
});
