/** Completion of X X^T with penalised rows by gradient descent (catalogue O7): rank 1, n = 40, eta = .1, 4000 iterations, random start. */
import { createPoint, normals, streamKey, uniforms } from '@lowland/core';
import { symmetricCompletion } from '@lowland/objectives';
import { expect, it } from 'vitest';

import { run } from '../test/fixtures.ts';
import { fixed, gradientDescent } from './index.ts';

const n = 40;

/** The distance to u u^T, |u| = 1, that is reached where entries are seen with probability p, 1/(2p) the factor of the squares. */
async function distanceAt(p: number, seed: number): Promise<number> {
  const u = new Float64Array(n);
  normals(streamKey(seed, 'truth'), u);
  const size = Math.hypot(...u);
  const truth = Float64Array.from({ length: n * n }, (_, k) => (u[Math.floor(k / n)]! * u[k % n]!) / size ** 2);
  const draws = new Float64Array(n * n);
  uniforms(streamKey(seed, 'cells'), draws);
  const cells = Int32Array.from(draws.keys()).filter((k) => Math.floor(k / n) <= k % n && draws[k]! < p);
  const [row, col] = [cells.map((k) => Math.floor(k / n)), cells.map((k) => k % n)];
  const entries = { rows: n, cols: n, row, col, values: Float64Array.from(cells, (k) => truth[k]!), weights: Float64Array.from(cells, (_, e) => (row[e] === col[e] ? 1 : 2) / p) };
  const objective = symmetricCompletion({ entries, rank: 1, incoherence: 1, truth: { rows: n, cols: n, values: truth } });
  const start = createPoint(objective.layout);
  normals(streamKey(seed, 'start'), start.data);
  start.data.forEach((x, i) => (start.data[i] = x / Math.sqrt(n)));
  const { point } = await run(objective, gradientDescent({ step: fixed({ step: 0.1 }) }), { point: start, iterations: 4000 });
  return objective.routes.truth[0]!.bind(undefined, undefined as never, undefined as never).distance!(point);
}

async function recovered(p: number, trials: number): Promise<number> {
  let count = 0;
  for (let seed = 0; seed < trials; seed++) if ((await distanceAt(p, seed)) < 1e-6) count++;
  return count;
}

// 957 of 1,000 trials: 5 standard errors of ten are 0.32.
it('finds the matrix where three tenths are seen, nearly always', async () => {
  expect(await recovered(0.3, 10)).toBeGreaterThanOrEqual(7);
});

it('and never where a twentieth is: some rows are not seen at all', async () => {
  expect(await recovered(0.05, 10)).toBe(0);
});
