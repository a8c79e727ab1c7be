/** Small problems of every kind, edge ranks included: what the shared suites run on. */
import type { DataMap, Measurements, Objective } from '@lowland/core';

import { betaFamily, matrixCompletion, matrixFactorization, matrixSensing, ring, symmetricCompletion, symmetricFactorization, symmetricSensing, weightedTwoByTwo } from '../src/index.ts';
import { gaussian, symmetricGaussian } from './support.ts';

const dense = (rows: number, cols: number): DataMap['matrix'] => ({ rows, cols, values: gaussian(rows * cols, 'dense') });
const symmetric = (n: number): DataMap['matrix'] => ({ rows: n, cols: n, values: symmetricGaussian(n, 'symmetric') });

/** About two thirds of the cells; row 2 and column 1 have none. */
function entries(rows: number, cols: number, weighted: boolean): DataMap['entries'] {
  const cells: [number, number][] = [];
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) if (i !== 2 && j !== 1 && (3 * i + 5 * j) % 7 > 1) cells.push([i, j]);
  return {
    rows,
    cols,
    row: Int32Array.from(cells, ([i]) => i),
    col: Int32Array.from(cells, ([, j]) => j),
    values: gaussian(cells.length, 'entries'),
    ...(weighted && { weights: gaussian(cells.length, 'weights').map(Math.abs) }),
  };
}

const seeded = (rows: number, cols: number, count: number): Omit<Measurements, 'linear'> => ({
  rows,
  cols,
  values: gaussian(count, 'measured'),
  ensemble: { kind: 'seeded', name: 'gaussian', seed: 17, version: 1 },
});

const sparse = (rows: number, cols: number): Omit<Measurements, 'linear'> => ({
  rows,
  cols,
  values: gaussian(4, 'measured'),
  ensemble: {
    kind: 'sparse',
    measurement: Int32Array.of(0, 0, 1, 2, 3),
    row: Int32Array.of(0, 1, 2, 3, 0),
    col: Int32Array.of(1, 1, 2, 0, 2),
    value: Float64Array.of(1, 2, 3, -4, 5),
  },
});

const rankOne = (rows: number, cols: number, count: number, twoSided: boolean): Omit<Measurements, 'linear'> => ({
  rows,
  cols,
  values: gaussian(count, 'measured'),
  ensemble: { kind: 'rank-one', left: gaussian(count * rows, 'left vectors'), ...(twoSided && { right: gaussian(count * cols, 'right vectors') }) },
});

/** Labels 0 and 1, and counts, in place of values. */
const labelled = <D extends { readonly values: Float64Array }>(data: D): D => ({ ...data, values: data.values.map((value) => Number(value > 0)) });
const counted = <D extends { readonly values: Float64Array }>(data: D): D => ({ ...data, values: data.values.map((value) => Math.floor(3 * Math.abs(value))) });
const positive = (length: number): Float64Array => gaussian(length, 'weights').map((w) => 0.3 + Math.abs(w));
const upper = (n: number, weighted: boolean): DataMap['entries'] => {
  const { row, col, values, weights, ...size } = entries(n, n, weighted);
  const kept = (_: number, e: number) => row[e]! <= col[e]!;
  return { ...size, row: row.filter(kept), col: col.filter(kept), values: values.filter(kept), ...(weights && { weights: weights.filter(kept) }) };
};

const single: DataMap['entries'] = { rows: 3, cols: 2, row: Int32Array.of(1), col: Int32Array.of(0), values: Float64Array.of(2) };

export const instances: Readonly<Record<string, Objective<never>>> = {
  'factorization, balanced': matrixFactorization({ target: dense(6, 5), rank: 3 }),
  'factorization, c = 0': matrixFactorization({ target: dense(6, 5), rank: 2, balance: 0 }),
  'factorization, penalised, balanced': matrixFactorization({ target: dense(5, 6), rank: 2, balance: 0.3, lambda: 0.4 }),
  'factorization, penalised, c = 0': matrixFactorization({ target: dense(5, 6), rank: 3, balance: 0, lambda: 0.4 }),
  'factorization, rank one': matrixFactorization({ target: dense(4, 3), rank: 1 }),
  'factorization, full rank': matrixFactorization({ target: dense(4, 3), rank: 3, balance: 0 }),
  'factorization, 1 x 1': matrixFactorization({ target: dense(1, 1), rank: 1 }),
  'factorization, zero target': matrixFactorization({ target: { rows: 3, cols: 4, values: new Float64Array(12) }, rank: 2 }),
  'symmetric factorization': symmetricFactorization({ target: symmetric(5), rank: 3 }),
  'symmetric factorization, penalised, full rank': symmetricFactorization({ target: symmetric(4), rank: 4, lambda: 0.3 }),
  'symmetric factorization, 1 x 1': symmetricFactorization({ target: symmetric(1), rank: 1 }),
  'completion, penalised, means taken off': matrixCompletion({ entries: entries(7, 6, false), rank: 3, lambda: 0.2, center: 'bias' }),
  'completion, weighted': matrixCompletion({ entries: entries(6, 7, true), rank: 2 }),
  'completion, weighted, penalised, full rank': matrixCompletion({ entries: entries(5, 4, true), rank: 4, lambda: 0.5, center: 'none' }),
  'completion, a single entry': matrixCompletion({ entries: single, rank: 2, center: 'none' }),
  'sensing, Gaussian': matrixSensing({ measurements: seeded(5, 4, 12), rank: 2 }),
  'sensing, Gaussian, linear term, penalised': matrixSensing({
    measurements: { ...seeded(4, 5, 9), linear: gaussian(20, 'linear') },
    rank: 3,
    lambda: 0.6,
    normalisation: 'mean',
  }),
  'sensing, Gaussian, linear term alone': matrixSensing({ measurements: { ...seeded(4, 3, 9), linear: gaussian(12, 'linear') }, rank: 1 }),
  'sensing, sparse': matrixSensing({ measurements: sparse(4, 3), rank: 2, normalisation: 'mean' }),
  'sensing, sparse, linear term, penalised': matrixSensing({ measurements: { ...sparse(4, 3), linear: gaussian(12, 'linear') }, rank: 2, lambda: 0.7 }),
  'sensing, rank one': matrixSensing({ measurements: rankOne(5, 4, 13, true), rank: 2 }),
  'sensing, rank one, linear term, penalised': matrixSensing({ measurements: { ...rankOne(4, 4, 9, false), linear: gaussian(16, 'linear') }, rank: 3, lambda: 0.6, normalisation: 'mean' }),
  'psd sensing, rank one': symmetricSensing({ measurements: rankOne(5, 5, 11, false), rank: 2, lambda: 0.3 }),
  'psd sensing, rank one, two vectors': symmetricSensing({ measurements: rankOne(4, 4, 12, true), rank: 2, normalisation: 'mean' }),
  'psd sensing, Gaussian, penalised': symmetricSensing({ measurements: seeded(5, 5, 11), rank: 2, lambda: 0.3, normalisation: 'mean' }),
  'psd sensing, sparse': symmetricSensing({ measurements: sparse(4, 4), rank: 4 }),
  'beta family': betaFamily(1.3),
  'beta family, two columns': betaFamily(1.3, 2),
  ring: ring(6, 4),
  'weighted 2 x 2': weightedTwoByTwo(0.2, 2),
  'factorization, weighted': matrixFactorization({ target: dense(5, 4), rank: 2, weights: positive(20), balance: 0, lambda: 0.3 }),
  'factorization, masked, balanced': matrixFactorization({ target: dense(5, 4), rank: 2, weights: Float64Array.from({ length: 20 }, (_, k) => Number(k % 3 > 0)) }),
  'factorization, Huber': matrixFactorization({ target: dense(5, 4), rank: 2, loss: { id: 'huber', options: { delta: 0.4 } }, lambda: 0.2 }),
  'symmetric factorization, weighted': symmetricFactorization({ target: symmetric(5), rank: 2, weights: positive(25) }),
  'symmetric factorization, one-bit, penalised': symmetricFactorization({ target: labelled(symmetric(4)), rank: 2, weights: positive(16), loss: 'logistic', lambda: 0.3 }),
  'completion, one-bit': matrixCompletion({ entries: labelled(entries(6, 5, false)), rank: 2, loss: 'logistic', lambda: 0.4 }),
  'completion, Huber, weighted': matrixCompletion({ entries: entries(6, 5, true), rank: 2, loss: 'huber', lambda: 0.3 }),
  'completion, counts, weighted': matrixCompletion({ entries: counted(entries(6, 5, true)), rank: 2, loss: 'poisson', lambda: 0.5 }),
  'completion, rows penalised': matrixCompletion({ entries: entries(6, 5, true), rank: 2, incoherence: 0.7, alpha: 0.8 }),
  'completion, one-bit, rows penalised': matrixCompletion({ entries: labelled(entries(6, 5, false)), rank: 2, loss: 'logistic', incoherence: 0.7, alpha: 0.5 }),
  'psd completion, weighted': symmetricCompletion({ entries: upper(6, true), rank: 2, lambda: 0.3 }),
  'psd completion, rows penalised': symmetricCompletion({ entries: upper(6, false), rank: 2, lambda: 0.3, incoherence: 0.5, alpha: 0.6, center: 'global' }),
  'psd completion, counts': symmetricCompletion({ entries: counted(upper(5, false)), rank: 2, lambda: 0.3, loss: 'poisson' }),
  'sensing, Gaussian, weighted': matrixSensing({ measurements: { ...seeded(5, 4, 12), weights: positive(12) }, rank: 2, lambda: 0.1 }),
  'sensing, Gaussian, one-bit, weighted': matrixSensing({ measurements: { ...labelled(seeded(5, 4, 12)), weights: positive(12) }, rank: 2, loss: 'logistic', normalisation: 'mean', lambda: 0.1 }),
  'sensing, sparse, Huber, linear term': matrixSensing({ measurements: { ...sparse(4, 3), linear: gaussian(12, 'linear') }, rank: 2, loss: 'huber', lambda: 0.7 }),
  'psd sensing, rank one, weighted': symmetricSensing({ measurements: { ...rankOne(5, 5, 11, false), weights: positive(11) }, rank: 2, lambda: 0.3 }),
};
