import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, matrix, multiply, symmetricEigenvalues } from '@lowland/linalg';
import { betaFamily, generateMeasurements, matrixCompletion, matrixSensing, symmetricCompletion, symmetricSensing } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { type RestrictedIsometry, rip, type RipOptions } from './rip.ts';
import { largestOnCircle } from './scan.ts';

const backend = cpu();
const draw = (length: number, seed: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'isometry', 0), out);
  return out;
};
const of = (objective: unknown, given: RipOptions = {}): Promise<RestrictedIsometry> => {
  const made = objective as Objective<'lift' | 'factors'>;
  return analyse(made, rip(given), createPoint(made.layout), backend);
};
const dense = (rows: number, cols: number, count: number, seed: number) => ({ rows, cols, values: draw(count, seed + 1), ensemble: { kind: 'dense', matrices: draw(count * rows * cols, seed) } }) as const;

/** |a(X)|^2 / m by plain sums. */
function measuredSquare(x: Float64Array, matrices: Float64Array, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += x.reduce((inner, value, e) => inner + value * matrices[k * x.length + e]!, 0) ** 2;
  return sum / count;
}

/** All levels of a* a / m on an orthonormal basis. */
function levelsOf(rows: number, cols: number, matrices: Float64Array, count: number, symmetric: boolean): Float64Array {
  const columns: Float64Array[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = symmetric ? i : 0; j < cols; j++) {
      const x = new Float64Array(rows * cols);
      x[i * cols + j] = symmetric && i !== j ? Math.SQRT1_2 : 1;
      if (symmetric) x[j * cols + i] = x[i * cols + j]!;
      columns.push(Float64Array.from({ length: count }, (_, k) => x.reduce((sum, value, e) => sum + value * matrices[k * rows * cols + e]!, 0)));
    }
  }
  const images = matrix(columns.length, count, Float64Array.from({ length: columns.length * count }, (_, k) => columns[Math.floor(k / count)]![k % count]! / Math.sqrt(count)));
  return symmetricEigenvalues(multiply(images, images, { transposeB: true }));
}

describe('exact', () => {
  it.each([[1, 0.5], [1.2, 0.6241], [1.5, 0.7419]])('the beta family at beta = %d has the constant %d after scaling (golden 11)', async (beta, expected) => {
    const found = await of(betaFamily(beta, 1));
    expect(found).toMatchObject({ rank: 2, method: 'full-space', exact: true, dimension: 3, measurements: 3 });
    expect(found.optimal.lower).toBeCloseTo((1.5 * beta ** 2 - 0.5) / (1.5 * beta ** 2 + 0.5), 12);
    expect(found.optimal.lower).toBeCloseTo(expected, 4);
    // the objective is |.|^2 rather than half of it
    expect(found.delta.lower).toBeCloseTo(3 * beta ** 2 - 1, 12);
  });

  it.each([[true, 3, 3, 40], [false, 3, 2, 40], [true, 4, 4, 10]])('the full space from its spectrum: symmetric %s, %i x %i, %i measurements', async (symmetric, rows, cols, count) => {
    const measurements = dense(rows, cols, count, 4);
    const objective = symmetric ? symmetricSensing({ measurements, rank: 1, normalisation: 'mean' }) : matrixSensing({ measurements, rank: 1, normalisation: 'mean' });
    const found = await of(objective, { restrictedRank: 9 });
    const levels = levelsOf(rows, cols, measurements.ensemble.matrices, count, symmetric);
    const [high, low] = [levels[0]!, levels.at(-1)!];
    expect(found).toMatchObject({ rank: Math.min(rows, cols), exact: true, method: 'full-space' });
    expect(found.delta.lower).toBeCloseTo(Math.max(high - 1, 1 - low), 11);
    expect(found.optimal.lower).toBeCloseTo((high - low) / (high + low), 11);
    expect(found.optimal.upper).toBeCloseTo(found.optimal.lower, 9);
  });

  it('rank one of 2 x 2 by a scan, against a fine grid and the search', async () => {
    for (let seed = 0; seed < 6; seed++) {
      const count = 3 + (seed % 5);
      const measurements = dense(2, 2, count, seed);
      const objective = symmetricSensing({ measurements, rank: 1, normalisation: 'mean' });
      const found = await of(objective, { restrictedRank: 1 });
      expect(found).toMatchObject({ method: 'scan', exact: true });
      const values = Array.from({ length: 4000 }, (_, k) => {
        const [c, s] = [Math.cos((Math.PI * k) / 4000), Math.sin((Math.PI * k) / 4000)];
        return measuredSquare(Float64Array.of(c * c, c * s, c * s, s * s), measurements.ensemble.matrices, count);
      });
      const [high, low] = [Math.max(...values), Math.min(...values)];
      expect(found.largest.upper).toBeGreaterThanOrEqual(high - 1e-11);
      expect(found.largest.upper - high).toBeLessThan(1e-5 * high);
      expect(found.least.lower).toBeLessThanOrEqual(low + 1e-11);
      expect(low - found.least.lower).toBeLessThan(1e-5 * high);
      expect(found.largest.upper - found.largest.lower).toBeLessThan(1e-10 * high);
      // without the spectrum of the space there is the search alone, which finds as much
      const searched = await of(objective, { restrictedRank: 1, fullSpace: 0, starts: 20 });
      expect(searched).toMatchObject({ method: 'alternating', exact: false, delta: { upper: null } });
      expect(searched.largest.lower).toBeCloseTo(found.largest.lower, 8);
      expect(searched.delta.lower).toBeLessThanOrEqual(found.delta.upper! + 1e-10);
    }
  });

  it('an isometry has the constant 0 at every rank, and a cell that is not seen makes it 1', async () => {
    const cells = Array.from({ length: 16 }, (_, k) => k);
    const entries = { rows: 4, cols: 4, row: Int32Array.from(cells, (k) => k >> 2), col: Int32Array.from(cells, (k) => k % 4), values: new Float64Array(16).fill(1) };
    const all = await of(matrixCompletion({ entries, rank: 1, center: 'none' }));
    expect(all.exact).toBe(true);
    expect(all.delta.upper).toBeLessThan(1e-12);
    const seen = (list: Int32Array): Int32Array => list.filter((_, k) => k !== 5);
    const holed = { rows: 4, cols: 4, row: seen(entries.row), col: seen(entries.col), values: new Float64Array(15).fill(1) };
    const missing = await of(matrixCompletion({ entries: holed, rank: 1, center: 'none' }), { restrictedRank: 1, starts: 40 });
    expect(missing).toMatchObject({ method: 'alternating', dimension: 16, measurements: 15 });
    expect(missing.optimal.lower).toBeCloseTo(1, 6);
    expect((await of(symmetricCompletion({ entries, rank: 1 }))).delta.upper).toBeLessThan(1e-12);
  });

  it('fewer measurements than dimensions: 1 after scaling, trivially', async () => {
    const objective = symmetricSensing({ measurements: dense(4, 4, 9, 6), rank: 2 });
    for (const fullSpace of [0, 300]) {
      const found = await of(objective, { restrictedRank: 4, fullSpace, starts: 2 });
      expect(found.optimal.lower).toBe(1);
      expect(found.delta.lower).toBeGreaterThanOrEqual(1);
    }
    expect((await of(objective, { restrictedRank: 4 })).statement).toContain('9 measurements of 10 dimensions see nothing of some matrix');
    expect((await of(objective, { restrictedRank: 1 })).statement).toContain('the bound of the full space is trivial, 1');
  });
});

describe('lower bounds', () => {
  it.each([[true, 1], [true, 2], [false, 1], [false, 2]])('are attained, above what samples show, and below the full space: symmetric %s, rank %i', async (symmetric, rank) => {
    const [n, count] = [4, 60];
    const measurements = dense(n, n, count, 8);
    const objective = symmetric ? symmetricSensing({ measurements, rank: 2, normalisation: 'mean' }) : matrixSensing({ measurements, rank: 2, normalisation: 'mean' });
    const found = await of(objective, { restrictedRank: rank });
    expect(found).toMatchObject({ method: 'alternating', exact: false });
    let sampled = 0;
    for (let seed = 0; seed < 80; seed++) {
      const left = matrix(n, rank, draw(n * rank, 100 + seed));
      const right = symmetric ? matrix(n, rank, left.data.map((value, k) => (k % rank === 1 && seed % 2 === 0 ? -value : value))) : matrix(n, rank, draw(n * rank, 500 + seed));
      const x = multiply(left, right, { transposeB: true }).data;
      const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
      sampled = Math.max(sampled, Math.abs(measuredSquare(x.map((value) => value / length), measurements.ensemble.matrices, count) - 1));
    }
    expect(found.delta.lower).toBeGreaterThanOrEqual(sampled - 1e-12);
    expect(found.delta.lower).toBeLessThanOrEqual(found.delta.upper! + 1e-12);
    expect(found.optimal.lower).toBeLessThanOrEqual(found.optimal.upper! + 1e-12);
    expect(found.statement).toMatch(/is at least .* lower bounds, by matrices that were found; at most/);
    // more rank, more freedom
    expect(found.delta.lower).toBeLessThanOrEqual((await of(objective, { restrictedRank: n })).delta.lower + 1e-12);
    // the same by products alone
    const alone = await of(objective, { restrictedRank: rank, fullSpace: 0, starts: 1 });
    expect(alone.delta.lower).toBeLessThanOrEqual(found.delta.upper! + 1e-10);
  });

  it('of seeded measurements in either normalisation agree after scaling', async () => {
    const { data } = generateMeasurements({ rows: 4, cols: 4, rank: 1, measurements: 40, symmetric: true }, 2);
    const [sum, mean] = await Promise.all((['sum', 'mean'] as const).map((normalisation) => of(symmetricSensing({ measurements: data, rank: 1, normalisation }))));
    expect(sum!.optimal.lower).toBeCloseTo(mean!.optimal.lower, 6);
    expect(sum!.largest.lower).toBeCloseTo(40 * mean!.largest.lower, 6);
  });
});

it('encloses the largest value on a circle, where it is attained once, everywhere, and nowhere else', () => {
  expect(largestOnCircle([2, 0, 0, 0, 0], 1e-12)).toMatchObject({ lower: expect.closeTo(2, 12) as number, upper: expect.closeTo(2, 12) as number });
  const { lower, upper } = largestOnCircle([0, 3, 4, 0, 0], 1e-12);
  expect(lower).toBeLessThanOrEqual(5);
  expect(upper).toBeGreaterThanOrEqual(5);
  expect(upper - lower).toBeLessThan(1e-10);
});

it('refuses losses that are not least squares', async () => {
  const objective = symmetricSensing({ measurements: dense(2, 2, 5, 1), rank: 1, loss: 'huber' });
  await expect(of(objective)).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
});
