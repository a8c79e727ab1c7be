import { createPoint, normals, streamKey } from '@lowland/core';
import { frobeniusNorm, matrix, multiply, scaleColumns, subtract, thinSvd } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';
import { expect, it } from 'vitest';

import { run } from '../test/fixtures.ts';
import { fixed, gradientDescent } from './index.ts';

it('the factors of a nuclear norm end at the soft-thresholded target, balanced: 8 x 6 Gaussian, lambda = 1, step .05, 4000 iterations (F05)', async () => {
  const target = matrix(8, 6);
  normals(streamKey(5, 'soft threshold'), target.data);
  const { u, s, v } = thinSvd(target);
  const expected = multiply(scaleColumns(u, s.map((sigma) => Math.max(0, sigma - 1))), v, { transposeB: true });
  const problem = matrixFactorization({ target: { rows: 8, cols: 6, values: target.data }, rank: 6, balance: 0, lambda: 1 });
  const start = createPoint(problem.layout);
  normals(streamKey(5, 'start'), start.data);
  const { point } = await run(problem, gradientDescent({ step: fixed({ step: 0.05 }) }), { point: start, iterations: 4000 });
  const left = matrix(8, 6, point.data.subarray(0, 48));
  const right = matrix(6, 6, point.data.subarray(48));
  expect(frobeniusNorm(subtract(multiply(left, right, { transposeB: true }), expected))).toBeLessThan(1e-10);
  const imbalance = subtract(multiply(left, left, { transposeA: true }), multiply(right, right, { transposeA: true }));
  expect(frobeniusNorm(imbalance)).toBeLessThan(1e-10);
});
