import { blockOf } from '@lowland/core';
import { matrixCompletion, matrixFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { alternatingLeastSquares } from './alternating-least-squares.ts';

describe('alternatingLeastSquares', () => {
  it('fits a matrix of the exact rank in one step', async () => {
    const problem = matrixFactorization({ target: withSpectrum([3, 2, 1], 8, 6, 1), rank: 3, balance: 0 });
    const { trace } = await run(problem, alternatingLeastSquares(), { point: randomPoint(problem.layout, 1, 1), iterations: 1 });
    expect(trace[1]!.value).toBeLessThan(1e-20 * trace[0]!.value);
  });

  // catalogue.md P9: completion, 15 iterations to 1e-10 from a spectral start
  it('never rises on completion, and recovers the matrix', async () => {
    const truth = withSpectrum([4, 2], 30, 25, 2);
    const cells = Array.from({ length: 450 }, (_, k) => (k * 401) % 750).sort((a, b) => a - b);
    const problem = matrixCompletion({
      entries: {
        rows: 30,
        cols: 25,
        row: Int32Array.from(cells, (cell) => Math.floor(cell / 25)),
        col: Int32Array.from(cells, (cell) => cell % 25),
        values: Float64Array.from(cells, (cell) => truth.values[cell]!),
      },
      rank: 2,
      center: 'none',
    });
    const { trace, point } = await run(problem, alternatingLeastSquares(), { seed: 1, iterations: 200 });
    trace.slice(1).forEach(({ value }, t) => expect(value).toBeLessThanOrEqual(trace[t]!.value * (1 + 1e-12) + 1e-25));
    const [u, v] = [blockOf(point, 'U'), blockOf(point, 'V')];
    truth.values.forEach((x, k) => {
      const [i, j] = [Math.floor(k / 25), k % 25];
      expect(Math.abs(u[2 * i]! * v[2 * j]! + u[2 * i + 1]! * v[2 * j + 1]! - x)).toBeLessThan(1e-8);
    });
  });
});
