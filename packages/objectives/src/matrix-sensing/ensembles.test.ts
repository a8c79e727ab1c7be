import { createPoint, errorCode, parseOptions } from '@lowland/core';
import { frobeniusNorm, matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, largest, probe } from '../../test/support.ts';
import { sensingDefinition } from './definition.ts';
import { generateMeasurements } from './generate.ts';
import { matrixSensing, symmetricSensing } from './sensing.ts';

const kinds = {
  gaussian: {},
  lattice: { lattice: true },
  'gaussian-symmetric': { symmetricMatrices: true },
  sparse: { nonzeros: 6 },
  'rank-one': { rankOne: true },
} as const;

describe.each(Object.entries(kinds))('%s', (name, kind) => {
  const size = { rows: 7, cols: 7, rank: 2 };

  it('is kept as its name and seed, and measures what the generator says', () => {
    const { data, truth } = generateMeasurements({ ...size, ...kind }, 3);
    expect(data.ensemble).toMatchObject({ kind: 'seeded', name, seed: 3, version: 1 });
    const f = probe(matrixSensing({ measurements: data, rank: 7, truth }) as never);
    // X I^T
    const point = Float64Array.from({ length: 98 }, (_, k) => (k < 49 ? truth.values[k]! : Number((k - 49) % 8 === 0)));
    expect(f.value(point)).toBeLessThan(1e-22);
    const other = matrixSensing({ measurements: generateMeasurements({ ...size, ...kind }, 4).data, rank: 2 });
    expect(matrixSensing({ measurements: data, rank: 2 }).data).not.toBe(other.data);
  });

  it('measures positive semidefinite matrices', () => {
    const u = gaussian(14, 'u');
    const { data } = generateMeasurements({ ...size, ...kind, symmetric: true }, 5);
    const plain = probe(matrixSensing({ measurements: data, rank: 2 }) as never);
    const psd = probe(symmetricSensing({ measurements: data, rank: 2 }) as never);
    expect(psd.value(u)).toBeCloseTo(plain.value(Float64Array.of(...u, ...u)), 9);
  });

  it('has the mean square |X|_F^2, of symmetric matrices half where they are symmetrised and X is not', () => {
    const count = 4000;
    const { data, truth } = generateMeasurements({ ...size, ...kind, measurements: count }, 6);
    const x = matrix(7, 7, truth.values);
    const seen = name === 'gaussian-symmetric' ? frobeniusNorm(matrix(7, 7, x.data.map((value, k) => (value + x.data[(k % 7) * 7 + Math.floor(k / 7)]!) / 2))) : frobeniusNorm(x);
    const squares = data.values.map((y) => y * y);
    const mean = squares.reduce((sum, y) => sum + y, 0) / count;
    const error = Math.sqrt(squares.reduce((sum, y) => sum + (y - mean) ** 2, 0)) / count;
    expect(Math.abs(mean - seen ** 2)).toBeLessThan(5 * error);
  });
});

it('counts a sparse ensemble by its number of entries', () => {
  const { data } = generateMeasurements({ rows: 5, cols: 4, rank: 1, nonzeros: 2 }, 1);
  const f = matrixSensing({ measurements: data, rank: 1 });
  const more = matrixSensing({ measurements: { ...data, ensemble: { kind: 'seeded', name: 'sparse', seed: 1, version: 1, nonzeros: 3 } }, rank: 1 });
  expect(more.data).not.toBe(f.data);
  expect(largest(probe(more as never).gradient(gaussian(9, 'x')).map((g, k) => g - probe(f as never).gradient(gaussian(9, 'x'))[k]!))).toBeGreaterThan(0.1);
});

it('plants labels and counts by option', () => {
  const make = (settings: object) => sensingDefinition.generate.create(parseOptions(sensingDefinition.generate.options, { rows: 6, cols: 6, rank: 1, measurements: 4000, ...settings }, 'test'), 2);
  const { data: labels, truth } = make({ loss: 'logistic' });
  expect([...new Set(labels.values)].sort()).toEqual([0, 1]);
  // Labels follow their measurements: the mean of (2y - 1) sign z is E |tanh(z/2)|, above 0.8 for z of size 6.
  const { data: plain } = make({});
  const agreement = labels.values.reduce((sum, y, k) => sum + (2 * y - 1) * Math.sign(plain.values[k]!), 0) / 4000;
  const expected = plain.values.reduce((sum, z) => sum + Math.abs(Math.tanh(z / 2)), 0) / 4000;
  expect(Math.abs(agreement - expected)).toBeLessThan(5 / Math.sqrt(4000));
  expect(truth.rows).toBe(6);
  // Counts of mean e^z: z = <A, X> of a matrix of two entries, in units of its own.
  const small = { rows: 2, cols: 1, nonzeros: 1, measurements: 3000 };
  const z = make(small).data.values;
  for (const [loss, meanOf] of [['poisson', Math.exp], ['poisson-identity', (x: number) => Math.max(0, x)]] as const) {
    const counts = make({ ...small, loss }).data.values;
    const means = z.map(meanOf);
    const [difference, variance] = [counts.reduce((sum, y, k) => sum + y - means[k]!, 0), means.reduce((sum, mean) => sum + mean, 0)];
    expect(Math.abs(difference)).toBeLessThan(5 * Math.sqrt(variance));
    // The variance of a count is its mean: of the squares of 3,000 within a third.
    const spread = counts.reduce((sum, y, k) => sum + (y - means[k]!) ** 2, 0);
    expect(spread / variance).toBeGreaterThan(0.6);
    expect(spread / variance).toBeLessThan(1.5);
    expect(counts.every(Number.isInteger)).toBe(true);
  }
});

it.each<[string, () => unknown, string]>([
  ['two kinds at once', () => generateMeasurements({ rows: 4, cols: 4, rank: 1, nonzeros: 2, rankOne: true }, 1), 'LOWLAND_E_OPTIONS'],
  ['symmetric matrices that are not square', () => generateMeasurements({ rows: 4, cols: 3, rank: 1, symmetricMatrices: true }, 1), 'LOWLAND_E_SHAPE'],
  ['seeded sparse ones without a number of entries', () => matrixSensing({ measurements: { rows: 2, cols: 2, values: Float64Array.of(1), ensemble: { kind: 'seeded', name: 'sparse', seed: 1, version: 1 } }, rank: 1 }), 'LOWLAND_E_ENSEMBLE'],
  ['symmetric ones that are too many to hold', () => matrixSensing({ measurements: { rows: 1000, cols: 1000, values: new Float64Array(100), ensemble: { kind: 'seeded', name: 'gaussian-symmetric', seed: 1, version: 1 } }, rank: 1 }), 'LOWLAND_E_MEMORY'],
])('refuses %s', (_name, make, code) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});

it('takes symmetric ones that are drawn anew for X X^T', () => {
  const measurements = { rows: 1000, cols: 1000, values: new Float64Array(100).fill(1), ensemble: { kind: 'seeded', name: 'gaussian-symmetric', seed: 1, version: 1 } } as const;
  const objective = symmetricSensing({ measurements, rank: 1 });
  expect(createPoint(objective.layout).data.length).toBe(1000);
});
