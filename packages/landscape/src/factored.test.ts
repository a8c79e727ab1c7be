import { normals, streamKey, type Layout } from '@lowland/core';
import { frobeniusNorm, matrix, multiply, scaleColumns, subtract, thinSvd, type Matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { balancedFactors, columnsOf, factorsAt, layoutOfRank, numericalRank, pointOf, productSvd, withColumns } from './factored.ts';

const pair = { pairs: [['U', 'V']] } as const;
const single = { pairs: [['X', 'X']] } as const;
const layout: Layout = { blocks: [{ name: 'U', shape: [5, 3] }, { name: 'V', shape: [4, 3] }] };

function gaussian(rows: number, cols: number, index: number): Matrix {
  const a = matrix(rows, cols);
  normals(streamKey(3, 'factored', index), a.data);
  return a;
}

const product = ({ left, right }: { left: Matrix; right: Matrix }): Matrix => multiply(left, right, { transposeB: true });

describe('factors of a point', () => {
  it('reads and writes the blocks by name', () => {
    const factored = { symmetric: false, left: gaussian(5, 3, 0), right: gaussian(4, 3, 1) };
    const point = pointOf(layout, pair, factored);
    expect(factorsAt(point, pair)).toEqual(factored);
    expect(columnsOf(layout, pair)).toBe(3);
  });

  it('has one matrix for a symmetric product', () => {
    const left = gaussian(4, 2, 0);
    const point = pointOf({ blocks: [{ name: 'X', shape: [4, 9] }] }, single, { symmetric: true, left, right: left });
    const read = factorsAt(point, single);
    expect(read.symmetric).toBe(true);
    expect(read.right).toBe(read.left);
    expect(read.left.data).toEqual(left.data);
  });

  it('changes the number of columns of both factors and of nothing else', () => {
    const wide = layoutOfRank({ blocks: [...layout.blocks, { name: 'S', shape: [2] }] }, pair, 7);
    expect(wide.blocks.map((block) => block.shape)).toEqual([[5, 7], [4, 7], [2]]);
  });

  it('refuses objectives without exactly one pair', () => {
    expect(() => columnsOf(layout, { pairs: [] })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_FACTORS' }));
  });
});

describe('productSvd', () => {
  it.each([
    [5, 4, 3],
    [3, 6, 3],
    [2, 3, 5],
    [1, 1, 1],
  ])('is the SVD of the product, %i × %i with %i columns', (m, n, r) => {
    const factored = { symmetric: false, left: gaussian(m, r, 0), right: gaussian(n, r, 1) };
    const x = product(factored);
    const { u, s, v } = productSvd(factored);
    expect(frobeniusNorm(subtract(multiply(scaleColumns(u, s), v, { transposeB: true }), x))).toBeLessThan(1e-14 * frobeniusNorm(x) * 10);
    const expected = thinSvd(x).s.subarray(0, s.length);
    for (let k = 0; k < s.length; k++) expect(s[k]).toBeCloseTo(expected[k]!, 12);
  });

  it('sees the rank of a rank-deficient product', () => {
    const left = gaussian(6, 2, 0);
    const twice = multiply(left, gaussian(2, 4, 1));
    const { s } = productSvd({ symmetric: false, left: twice, right: gaussian(5, 4, 2) });
    expect(numericalRank(s)).toBe(2);
    expect(numericalRank(new Float64Array(3))).toBe(0);
  });

  it('squares the singular values of a symmetric factor', () => {
    const left = gaussian(5, 2, 0);
    const { s, u, v } = productSvd({ symmetric: true, left, right: left });
    const expected = thinSvd(left).s;
    expect(v).toBe(u);
    for (let k = 0; k < 2; k++) expect(s[k]).toBeCloseTo(expected[k]! ** 2, 12);
  });
});

describe('balancedFactors', () => {
  it('keeps the product, balances the Grams, and makes ½(|U|² + |V|²) the nuclear norm', () => {
    const factored = { symmetric: false, left: gaussian(5, 3, 0), right: gaussian(4, 3, 1) };
    const svd = productSvd(factored);
    const balanced = balancedFactors(svd);
    expect(frobeniusNorm(subtract(product(balanced), product(factored)))).toBeLessThan(1e-13);
    const grams = [balanced.left, balanced.right].map((a) => multiply(a, a, { transposeA: true }));
    expect(frobeniusNorm(subtract(grams[0]!, grams[1]!))).toBeLessThan(1e-13);
    const half = (frobeniusNorm(balanced.left) ** 2 + frobeniusNorm(balanced.right) ** 2) / 2;
    expect(half).toBeCloseTo(svd.s.reduce((sum, value) => sum + value, 0), 12);
  });

  it('fills up with zero columns and drops the last ones', () => {
    const svd = productSvd({ symmetric: false, left: gaussian(5, 3, 0), right: gaussian(4, 3, 1) });
    const wide = balancedFactors(svd, 5);
    expect(wide.left.cols).toBe(5);
    expect(product(wide).data).toEqual(product(balancedFactors(svd)).data);
    expect(numericalRank(productSvd(balancedFactors(svd, 2)).s)).toBe(2);
    expect(withColumns(svd.u, 1).cols).toBe(1);
  });
});
