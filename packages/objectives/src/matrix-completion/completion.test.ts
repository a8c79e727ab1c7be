import { createPoint, errorCode, streamKey, type DataMap } from '@lowland/core';
import { matrix, multiply, scaleColumns, symmetricEigen, thinSvd } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, largest, probe } from '../../test/support.ts';
import { matrixCompletion } from './completion.ts';
import { biasBaseline } from './offsets.ts';

const entriesOf = (rows: number, cols: number, cells: readonly (readonly [number, number, number, number?])[]): DataMap['entries'] => ({
  rows,
  cols,
  row: Int32Array.from(cells, ([i]) => i),
  col: Int32Array.from(cells, ([, j]) => j),
  values: Float64Array.from(cells, ([, , value]) => value),
  ...(cells.some((cell) => cell.length > 3) && { weights: Float64Array.from(cells, (cell) => cell[3] ?? 1) }),
});

describe('offsets', () => {
  const entries = entriesOf(3, 3, [
    [1, 2, 5],
    [0, 0, 1],
    [0, 1, 2],
    [1, 0, 4],
  ]);

  it('are global mean, row means of what is left, column means of what is left of that; 0 where nothing is observed', () => {
    const { global, rows, cols, at } = biasBaseline(entries);
    expect(global).toBe(3);
    expect([...rows]).toEqual([-1.5, 1.5, 0]);
    // Left after the rows: (0,0) -0.5, (0,1) 0.5, (1,0) -0.5, (1,2) 0.5.
    expect([...cols]).toEqual([-0.5, 0.5, 0.5]);
    expect(at(2, 1)).toBe(3.5);
    expect(at(0, 0)).toBe(1);
  });

  it.each([
    ['none', 0, 0],
    ['global', 3, 0],
    ['bias', 3, -1.5],
  ] as const)('center %s takes off %d and row means %d', (center, global, firstRow) => {
    const { offsets } = matrixCompletion({ entries, rank: 1, center });
    expect([offsets.global, offsets.rows[0]]).toEqual([global, firstRow]);
  });

  it('are weighted where the cells are, and cells of weight 0 do not count', () => {
    const weighted = entriesOf(2, 2, [
      [0, 0, 1, 3],
      [0, 1, 5, 1],
      [1, 1, 100, 0],
    ]);
    expect(biasBaseline(weighted).global).toBe(2);
    expect(biasBaseline(weighted).rows[1]).toBe(0);
  });

  it('are part of every predicted entry', () => {
    const objective = matrixCompletion({ entries, rank: 2, center: 'bias' });
    const f = probe(objective);
    const x = gaussian(12, 'point');
    const out = f.zeros(2);
    const memory = f.problem.device.memory();
    f.problem.predict!(f.vector(x), memory.integers(Int32Array.of(2, 0)), memory.integers(Int32Array.of(1, 2)), out);
    const product = multiply(matrix(3, 2, x.slice(0, 6)), matrix(3, 2, x.slice(6)), { transposeB: true }).data;
    expect(f.read(out)[0]).toBeCloseTo(product[7]! + objective.offsets.at(2, 1), 14);
    expect(f.read(out)[1]).toBeCloseTo(product[2]! + objective.offsets.at(0, 2), 14);
  });
});

describe('bad entries are refused', () => {
  it.each<[string, DataMap['entries'], string]>([
    ['a cell given twice', entriesOf(2, 2, [[0, 1, 1], [1, 1, 2], [0, 1, 3]]), 'LOWLAND_E_DUPLICATE'],
    ['a cell given twice, once with weight 0', entriesOf(2, 2, [[0, 1, 1, 1], [0, 1, 3, 0]]), 'LOWLAND_E_DUPLICATE'],
    ['a negative weight', entriesOf(2, 2, [[0, 1, 1, -1]]), 'LOWLAND_E_WEIGHT'],
    ['a weight that is no number', entriesOf(2, 2, [[0, 1, 1, NaN]]), 'LOWLAND_E_NOT_FINITE'],
    ['an infinite value', entriesOf(2, 2, [[0, 1, Infinity]]), 'LOWLAND_E_NOT_FINITE'],
    ['an index outside', entriesOf(2, 2, [[2, 1, 1]]), 'LOWLAND_E_INDEX'],
    ['a negative index', entriesOf(2, 2, [[-1, 1, 1]]), 'LOWLAND_E_INDEX'],
    ['no entry', entriesOf(2, 2, []), 'LOWLAND_E_EMPTY'],
    ['weights of 0 alone', entriesOf(2, 2, [[0, 0, 1, 0]]), 'LOWLAND_E_EMPTY'],
    ['no column', entriesOf(2, 0, []), 'LOWLAND_E_SHAPE'],
    ['lists of different lengths', { ...entriesOf(2, 2, [[0, 0, 1]]), values: Float64Array.of(1, 2) }, 'LOWLAND_E_SHAPE'],
  ])('%s', (_name, entries, code) => {
    expect(codeOf(() => matrixCompletion({ entries, rank: 1 }))).toBe(code);
  });

  it.each([
    [{ rank: 0 }, 'LOWLAND_E_RANK'],
    [{ rank: 3 }, 'LOWLAND_E_RANK'],
    [{ rank: 1.5 }, 'LOWLAND_E_RANK'],
    [{ rank: 1, lambda: -1 }, 'LOWLAND_E_OPTIONS'],
    [{ rank: 1, lambda: NaN }, 'LOWLAND_E_OPTIONS'],
    [{ rank: 1, center: 'rows' as never }, 'LOWLAND_E_OPTIONS'],
    [{ rank: 1, truth: { rows: 2, cols: 3, values: new Float64Array(6) } }, 'LOWLAND_E_SHAPE'],
  ])('%j', (options, code) => {
    expect(codeOf(() => matrixCompletion({ entries: entriesOf(2, 2, [[0, 0, 1]]), ...options }))).toBe(code);
  });
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return errorCode(error);
  }
  return undefined;
}

describe('the lift of a weighted problem', () => {
  const rows = 7;
  const cols = 6;
  const lambda = 0.8;
  const weights = gaussian(rows * cols, 'weights').map(Math.abs);
  const cells: [number, number, number, number][] = [];
  const values = gaussian(rows * cols, 'values');
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) if ((3 * i + 5 * j) % 7 > 1) cells.push([i, j, values[i * cols + j]!, weights[i * cols + j]!]);
  const objective = matrixCompletion({ entries: entriesOf(rows, cols, cells), rank: cols, lambda });
  const { global } = objective.offsets;

  /** The convex problem by proximal gradient steps, without anything of this package but the offset. */
  const proximalSolution = () => {
    const step = 1 / Math.max(...cells.map(([, , , weight]) => weight));
    let x = matrix(rows, cols);
    let svd = thinSvd(x);
    for (let t = 0; t < 3000; t++) {
      const moved = matrix(rows, cols, x.data.slice());
      for (const [i, j, value, weight] of cells) moved.data[i * cols + j]! -= step * weight * (x.data[i * cols + j]! - (value - global));
      svd = thinSvd(moved);
      svd = { ...svd, s: svd.s.map((sigma) => Math.max(0, sigma - step * lambda)) };
      x = multiply(scaleColumns(svd.u, svd.s), svd.v, { transposeB: true });
    }
    return svd;
  };

  it('has the value, |G| = lambda and no duality gap at an independent proximal solution', () => {
    const { u, s, v } = proximalSolution();
    const point = createPoint(objective.layout);
    point.data.set(scaleColumns(u, s.map(Math.sqrt)).data);
    point.data.set(scaleColumns(v, s.map(Math.sqrt)).data, rows * cols);
    const f = probe(objective);
    const lifted = f.problem.lift!.at(point);
    expect(lifted.value).toBeCloseTo(f.value(point.data), 13);
    const gram = new Float64Array(cols * cols);
    lifted.gram!(gram);
    const norm = Math.sqrt(symmetricEigen(matrix(cols, cols, gram)).values[0]!);
    expect(norm).toBeCloseTo(lambda, 10);
    // D(t) = -t^2 |rho|^2 / 2 - t <data, rho>, t <= lambda / |G| (rigour.md A7)
    const t = Math.min(1, lambda / norm);
    let dual = 0;
    lifted.residual.forEach((rho, e) => (dual -= (t * t * rho * rho) / 2 + t * lifted.data[e]! * rho));
    expect(Math.abs(lifted.value - dual)).toBeLessThan(1e-9 * lifted.value);
    expect(largest(f.gradient(point.data))).toBeLessThan(1e-9);
  });

  it('applies G = W o (X - b) and its transpose, with an unbiased Lipschitz constant', () => {
    const f = probe(objective);
    const point = objective.initial(streamKey(3, 'init'));
    const lifted = f.problem.lift!.at(point);
    const g = matrix(rows, cols);
    const product = multiply(matrix(rows, cols, point.data.slice(0, rows * cols)), matrix(cols, cols, point.data.slice(rows * cols)), { transposeB: true });
    for (const [i, j, value, weight] of cells) g.data[i * cols + j] = weight * (product.data[i * cols + j]! - (value - global));
    const x = gaussian(cols, 'apply');
    const y = gaussian(rows, 'apply');
    const [gx, gy] = [new Float64Array(rows), new Float64Array(cols)];
    lifted.apply(x, gx, false);
    lifted.apply(y, gy, true);
    const expectedX = multiply(g, matrix(cols, 1, x)).data;
    const expectedY = multiply(g, matrix(rows, 1, y), { transposeA: true }).data;
    expect(largest(gx.map((value, k) => value - expectedX[k]!))).toBeLessThan(1e-13);
    expect(largest(gy.map((value, k) => value - expectedY[k]!))).toBeLessThan(1e-13);
    expect(f.problem.lift!.smoothness).toBe(Math.max(...cells.map(([, , , weight]) => weight)));
    expect(lifted.absoluteSum).toBeGreaterThanOrEqual(lifted.value);
  });
});

describe('edges', () => {
  it('a single observation', () => {
    const f = probe(matrixCompletion({ entries: entriesOf(3, 2, [[1, 1, 4]]), rank: 1, center: 'none' }));
    expect(f.value(new Float64Array(5))).toBe(8);
    const x = f.vector(gaussian(5, 'single'));
    f.problem.blockSolve!(x, 'U', x);
    const solved = f.read(x);
    expect([solved[0], solved[2]]).toEqual([0, 0]);
    expect(f.value(solved)).toBeLessThan(1e-28);
  });

  it('a row without observation stays where it is, or goes to zero with a block solve', () => {
    const f = probe(matrixCompletion({ entries: entriesOf(2, 2, [[0, 0, 1], [0, 1, 2]]), rank: 1, center: 'none' }));
    const x = gaussian(4, 'row');
    expect(f.gradient(x)[1]).toBe(0);
    const solved = f.zeros(4);
    f.problem.blockSolve!(f.vector(x), 'U', solved);
    expect(f.read(solved)[1]).toBe(0);
  });

  it('entries that are all equal: the global mean leaves zeros, and the start is the minimum at zero', () => {
    const objective = matrixCompletion({ entries: entriesOf(2, 2, [[0, 0, 3], [1, 1, 3]]), rank: 1 });
    const f = probe(objective);
    expect(f.problem.scale!.zeroValue).toBe(0);
    expect(largest(objective.initial(streamKey(0, 'init')).data)).toBe(0);
  });

  it('one row, rank one', () => {
    const f = probe(matrixCompletion({ entries: entriesOf(1, 3, [[0, 0, 1], [0, 2, 2]]), rank: 1, center: 'none', lambda: 0.1 }));
    expect(f.value(Float64Array.of(1, 1, 5, 2))).toBeCloseTo(0.05 * 31, 14);
  });

  it('weights of 0 give the problem without these cells', () => {
    const some = probe(matrixCompletion({ entries: entriesOf(2, 2, [[0, 0, 1, 2], [0, 1, 9, 0], [1, 1, 3, 1]]), rank: 1 }));
    const fewer = probe(matrixCompletion({ entries: entriesOf(2, 2, [[0, 0, 1, 2], [1, 1, 3, 1]]), rank: 1 }));
    const x = gaussian(4, 'same');
    expect(some.value(x)).toBe(fewer.value(x));
    expect([...some.gradient(x)]).toEqual([...fewer.gradient(x)]);
  });

  it('grows to another rank over the same data', () => {
    const objective = matrixCompletion({ entries: entriesOf(3, 3, [[0, 0, 1], [1, 1, 2], [2, 1, 4]]), rank: 1, center: 'bias' });
    const grown = probe(objective).problem.grow!.objective(2);
    expect(grown.layout.blocks.map(({ shape }) => shape)).toEqual([[3, 2], [3, 2]]);
    expect(grown.data).toBe(objective.data);
    expect(codeOf(() => probe(objective).problem.grow!.objective(4))).toBe('LOWLAND_E_RANK');
  });
});
