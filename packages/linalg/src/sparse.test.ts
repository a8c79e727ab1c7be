import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { frobeniusNorm, subtract, transpose } from './matrix.ts';
import { gram, multiply, multiplyTransposedVector, multiplyVector } from './multiply.ts';
import { gramTerms, sparseEntries, sparseFromPattern, sparseGram, sparseToDense } from './sparse.ts';

/** Distinct cells of a matrix in random order, with values. */
const lists = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([rows, cols]) =>
    fc
      .uniqueArray(fc.tuple(fc.nat({ max: rows - 1 }), fc.nat({ max: cols - 1 }), fc.double({ min: -2, max: 2, noNaN: true })), {
        selector: ([i, j]) => i * cols + j,
        maxLength: rows * cols,
      })
      .map((cells) => ({ rows, cols, row: cells.map(([i]) => i), col: cells.map(([, j]) => j), values: cells.map(([, , v]) => v) })),
  );

describe('sparseEntries', () => {
  it('agrees with the dense matrix in everything it computes', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const a = sparseEntries(list);
        const dense = sparseToDense(a);
        list.values.forEach((v, k) => expect(dense.data[list.row[k]! * list.cols + list.col[k]!]).toBe(v));
        a.values.forEach((v, e) => expect(v).toBe(list.values[a.order[e]!]));
        for (let i = 0; i < a.rows; i++) {
          for (let e = a.rowPointers[i]!; e < a.rowPointers[i + 1]!; e++) {
            expect(a.row[e]).toBe(i);
            if (e > a.rowPointers[i]!) expect(a.col[e]).toBeGreaterThan(a.col[e - 1]!);
          }
        }
        for (let j = 0; j < a.cols; j++) {
          for (let p = a.colPointers[j]!; p < a.colPointers[j + 1]!; p++) {
            expect(a.col[a.transposed[p]!]).toBe(j);
            if (p > a.colPointers[j]!) expect(a.transposed[p]).toBeGreaterThan(a.transposed[p - 1]!);
          }
        }
        const rowCounts = Array.from({ length: a.rows }, (_, i) => list.row.filter((r) => r === i).length);
        const colCounts = Array.from({ length: a.cols }, (_, j) => list.col.filter((c) => c === j).length);
        expect([a.maxRowCount, a.maxColCount]).toEqual([Math.max(...rowCounts), Math.max(...colCounts)]);

        const x = Float64Array.from({ length: a.cols }, (_, j) => Math.sin(j + 1));
        const y = Float64Array.from({ length: a.rows }, (_, i) => Math.cos(i + 1));
        const [ax, aty, denseAx, denseAty] = [a.rows, a.cols, a.rows, a.cols].map((n) => new Float64Array(n)) as [Float64Array, Float64Array, Float64Array, Float64Array];
        a.apply(x, ax);
        a.applyTransposed(y, aty);
        multiplyVector(dense, x, denseAx);
        multiplyTransposedVector(dense, y, denseAty);
        ax.forEach((v, i) => expect(v).toBeCloseTo(denseAx[i]!, 12));
        aty.forEach((v, j) => expect(v).toBeCloseTo(denseAty[j]!, 12));

        const g = sparseGram(a);
        const expected = a.rows <= a.cols ? multiply(dense, dense, { transposeB: true }) : gram(dense);
        expect(frobeniusNorm(subtract(g, expected))).toBeLessThanOrEqual(1e-12);
        expect(g).toEqual(transpose(g));
        expect(gramTerms(a)).toBe(a.rows <= a.cols ? a.maxRowCount : a.maxColCount);
      }),
      { numRuns: runs(400), seed: 9 },
    );
  });

  it('carries weights in the same order, and other values over the same pattern', () => {
    const a = sparseEntries({ rows: 2, cols: 2, row: [1, 0], col: [0, 1], values: [5, 6], weights: [0.5, 0.25] });
    expect([a.values, a.weights]).toEqual([Float64Array.of(6, 5), Float64Array.of(0.25, 0.5)]);
    expect(sparseToDense(sparseFromPattern(a, Float64Array.of(1, 2))).data).toEqual(Float64Array.of(0, 1, 2, 0));
    expect(sparseEntries({ rows: 3, cols: 0, row: [], col: [], values: [] }).maxRowCount).toBe(0);
  });

  const list = { rows: 2, cols: 3, row: [0, 1], col: [0, 2], values: [1, 2] };
  it.each([
    ['a row beyond the matrix', { row: [0, 2] }, 'LOWLAND_E_INDEX'],
    ['a negative column', { col: [-1, 0] }, 'LOWLAND_E_INDEX'],
    ['a fractional row', { row: [0.5, 1] }, 'LOWLAND_E_INDEX'],
    ['NaN as an index', { col: [Number.NaN, 1] }, 'LOWLAND_E_INDEX'],
    ['a cell given twice', { row: [1, 1], col: [2, 2] }, 'LOWLAND_E_DUPLICATE'],
    ['NaN as a value', { values: [1, Number.NaN] }, 'LOWLAND_E_NOT_FINITE'],
    ['an infinite weight', { weights: [Infinity, 1] }, 'LOWLAND_E_NOT_FINITE'],
    ['lists of different lengths', { values: [1] }, 'LOWLAND_E_SHAPE'],
    ['columns of another length', { col: [1] }, 'LOWLAND_E_SHAPE'],
    ['a side that is none', { rows: -1 }, 'LOWLAND_E_SHAPE'],
  ])('refuses %s', (_, change, code) => {
    expect(() => sparseEntries({ ...list, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it('says where the two entries of a cell are', () => {
    expect(() => sparseEntries({ rows: 2, cols: 2, row: [1, 0, 1], col: [1, 0, 1], values: [1, 2, 3] })).toThrow(/\(1, 1\).*entries 0 and 2/);
  });
});
