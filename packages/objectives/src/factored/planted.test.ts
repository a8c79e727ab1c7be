import { normals, streamKey } from '@lowland/core';
import { frobeniusNorm, matrix, multiply, scaleColumns, thinQr, thinSvd } from '@lowland/linalg';
import { describe, expect, it, vi } from 'vitest';

import { matrixCompletion } from '../matrix-completion/completion.ts';
import { generateEntries } from '../matrix-completion/generate.ts';
import { generateMatrix } from '../matrix-factorization/generate.ts';
import { generateMeasurements } from '../matrix-sensing/generate.ts';
import { matrixSensing, symmetricSensing } from '../matrix-sensing/sensing.ts';
import { largest, probe } from '../../test/support.ts';
import { plantedMatrix } from './planted.ts';

const meanSquare = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0) / values.length;

function gaussianFactor(rows: number, rank: number, index: number, condition: number | undefined) {
  const gaussian = matrix(rows, rank);
  normals(streamKey(3, 'planted', index), gaussian.data);
  return condition === undefined ? gaussian : thinQr(gaussian).q;
}

describe('planted matrices', () => {
  it.each([
    { rows: 9, cols: 6, rank: 3, condition: 5 },
    { rows: 6, cols: 9, rank: 1, condition: 4 },
    { rows: 7, cols: 7, rank: 2, condition: 10, symmetric: true },
  ])('%j: the rank and the condition number asked for, entries of mean square 1', (options) => {
    const { rows, cols, values } = plantedMatrix(options, 1);
    expect(meanSquare(values)).toBeCloseTo(1, 12);
    const { s } = thinSvd(matrix(rows, cols, values));
    expect(s[0]! / s[options.rank - 1]!).toBeCloseTo(options.rank === 1 ? 1 : options.condition, 10);
    expect(s[options.rank]!).toBeLessThan(1e-13 * s[0]!);
  });

  // three bands of rows, a rest of eight, few cells of many, and the sums of `multiply`
  it.each([
    { rows: 2001, cols: 1100, rank: 2, observations: 500 },
    { rows: 37, cols: 29, rank: 5, observations: 400 },
    { rows: 31, cols: 31, rank: 4, observations: 25, symmetric: true },
    { rows: 30, cols: 31, rank: 4, condition: 7, observations: 25 },
  ])('%j: entries are those of the whole, to the bit, which nobody has to form', (options) => {
    const { data, truth } = generateEntries(options, 3);
    const left = gaussianFactor(options.rows, options.rank, 0, options.condition);
    const right = 'symmetric' in options ? left : gaussianFactor(options.cols, options.rank, 1, options.condition);
    const levels = Float64Array.from({ length: options.rank }, (_, k) => (options.condition === undefined ? 1 : 1 - (k / (options.rank - 1)) * (1 - 1 / options.condition)));
    const product = multiply(scaleColumns(left, levels), right, { transposeB: true });
    const unit = Math.sqrt(options.rows * options.cols) / frobeniusNorm(product);
    expect(data.values.every((value, e) => Object.is(value, unit * product.data[data.row[e]! * options.cols + data.col[e]!]!))).toBe(true);
    expect(truth.values.every((value, k) => Object.is(value, unit * product.data[k]!))).toBe(true);
  });

  it('few entries of a large one are generated, and made into a problem, without it', () => {
    const { data, truth } = generateEntries({ rows: 3000, cols: 2000, rank: 1, observations: 50 }, 1);
    const formed = vi.spyOn(truth, 'values', 'get');
    expect(new Set(data.row.map((row, e) => row * 2000 + data.col[e]!)).size).toBe(50);
    expect(matrixCompletion({ entries: data, rank: 1, truth }).layout.blocks[0]!.shape).toEqual([3000, 1]);
    expect(formed).not.toHaveBeenCalled();
  });

  it('are the same for the same seed alone', () => {
    const options = { rows: 4, cols: 3, rank: 2 };
    expect(plantedMatrix(options, 1)).toEqual(plantedMatrix(options, 1));
    expect(plantedMatrix(options, 1)).not.toEqual(plantedMatrix(options, 2));
  });
});

it('noise on a symmetric matrix is symmetric', () => {
  const { data, truth } = generateMatrix({ rows: 5, cols: 5, rank: 2, noise: 0.5, symmetric: true }, 3);
  for (let i = 0; i < 5; i++) for (let j = 0; j < i; j++) expect(data.values[i * 5 + j]).toBe(data.values[j * 5 + i]);
  expect(data.values).not.toEqual(truth.values);
});

it('entries are distinct cells of the planted matrix, as many as asked for', () => {
  const { data, truth } = generateEntries({ rows: 20, cols: 15, rank: 2, observations: 137 }, 5);
  expect(data.values).toHaveLength(137);
  expect(new Set(data.row.map((i, e) => i * 15 + data.col[e]!)).size).toBe(137);
  data.values.forEach((value, e) => expect(value).toBe(truth.values[data.row[e]! * 15 + data.col[e]!]));
  expect(generateEntries({ rows: 20, cols: 15, rank: 2, density: 1 }, 5).data.values).toHaveLength(300);
});

describe('measurements', () => {
  it.each([false, true])('of the planted matrix, symmetric %s: without noise it has value 0', (symmetric) => {
    const { data, truth } = generateMeasurements({ rows: 6, cols: 6, rank: 2, symmetric }, 8);
    expect(data.values).toHaveLength(3 * (symmetric ? 11 : 20));
    const objective = symmetric ? symmetricSensing({ measurements: data, rank: 2, truth }) : matrixSensing({ measurements: data, rank: 6, truth });
    const { u, s, v } = thinSvd(matrix(6, 6, truth.values));
    const rank = symmetric ? 2 : 6;
    const factor = (a: Float64Array): number[] => Array.from({ length: 6 * rank }, (_, k) => a[Math.floor(k / rank) * 6 + (k % rank)]! * Math.sqrt(s[k % rank]!));
    const point = { layout: objective.layout, data: Float64Array.from([...factor(u.data), ...(symmetric ? [] : factor(v.data))]) };
    const lifted = probe(objective).problem.lift!.at(point);
    expect(largest(lifted.residual)).toBeLessThan(1e-12 * largest(data.values));
  });
});
