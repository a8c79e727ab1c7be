import { describe, expect, it } from 'vitest';

import { add, columns, diagonal, frobeniusNorm, identity, joinColumns, matrix, matrixFromRows, requireFinite, scaleColumns, subtract, trace, transpose } from './matrix.ts';
import { filled } from '../test/fixtures.ts';

describe('matrix', () => {
  it('is row-major and checks its shape', () => {
    expect(matrixFromRows([[1, 2, 3], [4, 5, 6]]).data).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6));
    expect(() => matrix(2, 2, new Float64Array(3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => matrix(-1, 2)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => matrix(1.5, 2)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => matrix(1e6, 1e6)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_MEMORY' }));
    expect(() => matrixFromRows([[1], [1, 2]])).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(matrix(0, 5).data).toHaveLength(0);
  });

  it('transposes across tiles', () => {
    const a = filled(70, 41, (i, j) => 100 * i + j);
    const t = transpose(a);
    expect([t.rows, t.cols, t.data[40 * 70 + 69]]).toEqual([41, 70, 6940]);
    expect(transpose(t)).toEqual(a);
  });

  it('takes, joins and scales columns', () => {
    const a = matrixFromRows([[1, 2, 3], [4, 5, 6]]);
    expect(columns(a, 1, 3)).toEqual(matrixFromRows([[2, 3], [5, 6]]));
    expect(joinColumns(columns(a, 0, 1), columns(a, 1, 3))).toEqual(a);
    expect(scaleColumns(a, [1, 0, 2])).toEqual(matrixFromRows([[1, 0, 6], [4, 0, 12]]));
    expect(() => joinColumns(a, matrix(3, 1))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });

  it('adds, and refuses other shapes', () => {
    expect(add(identity(2), diagonal([1, 2]), 2, 3)).toEqual(diagonal([5, 8]));
    expect(subtract(identity(2), identity(2))).toEqual(matrix(2, 2));
    expect(() => add(matrix(1, 2), matrix(2, 1))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(trace(diagonal([1, 2, 4]))).toBe(7);
  });

  it('has a norm that neither over- nor underflows', () => {
    expect(frobeniusNorm(matrixFromRows([[3e200, 4e200]]))).toBeCloseTo(5e200, -187);
    expect(frobeniusNorm(matrixFromRows([[3e-200, 4e-200]])) / 5e-200).toBeCloseTo(1, 14);
    expect(frobeniusNorm(matrixFromRows([[Number.NaN, 1]]))).toBeNaN();
    expect(frobeniusNorm(matrix(2, 2))).toBe(0);
  });

  it('names the first entry that is not finite', () => {
    expect(() => requireFinite(matrixFromRows([[0, 1], [Infinity, Number.NaN]]), 'This')).toThrow(/entry \(1, 0\).*Infinity/);
  });
});
