import { streamKey, uniforms } from '@lowland/core';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { column, columns, matrix, transpose, type Matrix } from './matrix.ts';
import { applyToColumns, gram, gramOperator, matrixOperator, multiply, multiplyTransposedVector, multiplyVector, transposedOperator } from './multiply.ts';
import { epsilon, gaussian } from '../test/fixtures.ts';

/** max over entries of |C − AB| / (Σ|a||b|): the bound of rigour.md E1 is (k + 4)·ε. */
function relativeError(c: Matrix, a: Matrix, b: Matrix): number {
  let worst = 0;
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.cols; j++) {
      let [high, low, size] = [0, 0, 0];
      for (let p = 0; p < a.cols; p++) {
        const [x, y] = [a.data[i * a.cols + p]!, b.data[p * b.cols + j]!];
        // Compensated summation with exact products by Dekker's splitting.
        const product = x * y;
        const [xh, yh] = [split(x), split(y)];
        const error = (x - xh) * (y - yh) - (product - xh * yh - (x - xh) * yh - xh * (y - yh));
        const sum = high + product;
        const back = sum - high;
        low += high - (sum - back) + (product - back) + error;
        high = sum;
        size += Math.abs(product);
      }
      const exact = high + low;
      const difference = Math.abs(c.data[i * c.cols + j]! - exact);
      if (difference > 0) worst = Math.max(worst, difference / size);
    }
  }
  return worst;
}

const split = (x: number): number => {
  const t = 134217729 * x;
  return t - (t - x);
};

describe('multiply', () => {
  it('is within (k+4)·ε of the exact product for every shape and transposition', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.nat({ max: 600 }), fc.boolean(), fc.boolean(), fc.nat(), (m, n, k, transposeA, transposeB, seed) => {
        const a = gaussian(m, k, seed);
        const b = gaussian(k, n, seed + 1);
        const c = multiply(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b, { transposeA, transposeB });
        expect([c.rows, c.cols]).toEqual([m, n]);
        expect(relativeError(c, a, b)).toBeLessThanOrEqual((k + 4) * epsilon);
      }),
      { numRuns: runs(300), seed: 1 },
    );
  });

  it('crosses the packing widths', () => {
    const a = gaussian(9, 261, 5);
    const b = gaussian(261, 1031, 6);
    expect(relativeError(multiply(a, b), a, b)).toBeLessThanOrEqual(265 * epsilon);
  });

  it('goes through long sums and tall factors in pieces, with bits of rows and columns alone', () => {
    const k = 4096 * 2 + 5;
    const [a, b] = [gaussian(11, k, 7), gaussian(k, 6, 8)];
    const product = multiply(a, b);
    expect(relativeError(product, a, b)).toBeLessThanOrEqual((k + 4) * epsilon);
    expect(multiply(transpose(a), b, { transposeA: true })).toEqual(product);
    expect(multiply(a, transpose(b), { transposeB: true })).toEqual(product);
    expect(multiply(transpose(a), transpose(b), { transposeA: true, transposeB: true })).toEqual(product);
    expect(multiply(a, columns(b, 2, 3))).toEqual(columns(product, 2, 3));
    expect(gram(b)).toEqual(multiply(b, b, { transposeA: true }));

    const [tall, small] = [gaussian(20_000, 90, 9), gaussian(90, 4, 10)];
    const high = multiply(tall, small);
    const last = matrix(3, 90, tall.data.slice(-270));
    expect(high.data.slice(-12)).toEqual(multiply(last, small).data);
    expect(multiply(small, tall, { transposeA: true, transposeB: true })).toEqual(transpose(high));
  });

  it('refuses sides that do not meet', () => {
    expect(() => multiply(matrix(2, 3), matrix(2, 3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => applyToColumns(matrixOperator(matrix(2, 3)), matrix(2, 3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });

  it('applies matrices and their Gram matrices to vectors', () => {
    const a = gaussian(13, 7, 1);
    const x = new Float64Array(7);
    uniforms(streamKey(1, 'x'), x);
    const y = new Float64Array(13);
    multiplyVector(a, x, y);
    expect(Array.from(y)).toEqual(Array.from(multiply(a, matrix(7, 1, x)).data, (v) => expect.closeTo(v, 13) as number));
    const back = new Float64Array(7);
    multiplyTransposedVector(a, y, back);
    const gramX = new Float64Array(7);
    gramOperator(matrixOperator(a)).apply(x, gramX);
    expect(gramX).toEqual(back);
    expect(Array.from(gramX)).toEqual(Array.from(multiply(gram(a), matrix(7, 1, x)).data, (v) => expect.closeTo(v, 12) as number));
    const wide = new Float64Array(7);
    gramOperator(transposedOperator(matrixOperator(a))).apply(x, wide);
    expect(wide).toEqual(gramX);
  });

  it('adds transposed products in the order of rows, whatever their number', () => {
    for (let rows = 0; rows < 14; rows++) {
      const a = gaussian(rows, 5, rows);
      const x = gaussian(1, rows, 2).data;
      const out = new Float64Array(5).fill(7);
      multiplyTransposedVector(a, x, out);
      const expected = new Float64Array(5);
      for (let i = 0; i < rows; i++) for (let j = 0; j < 5; j++) expected[j] = expected[j]! + x[i]! * a.data[i * 5 + j]!;
      expect(out).toEqual(expected);
    }
  });

  it('makes an exactly symmetric Gram matrix', () => {
    const g = gram(gaussian(31, 17, 3));
    expect(g).toEqual(transpose(g));
    expect(column(g, 3)).toEqual(g.data.slice(51, 68));
  });
});
