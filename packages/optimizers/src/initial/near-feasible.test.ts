import { startingPoint, type Backend, type Initializer, type Objective, type Point } from '@lowland/core';
import { asyncBackend } from '@lowland/core/testing';
import { cpu, hostKernels, matrix, multiply, symmetricEigenvalues } from '@lowland/linalg';
import { constrainedFactorization, generateConstraints, generateGraph, generateOrthogonalCut, maxCut, orthogonalCut } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { nearFeasible } from '../index.ts';

const backend = cpu();
const start = (objective: unknown, init: Initializer<'constraints'>, seed = 0, on: Backend = backend): Promise<Point> =>
  startingPoint(objective as Objective<'constraints'>, init, { backend: on, seed });
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
/** X = U U^T */
const gram = ({ data, layout }: Point) => {
  const [rows, columns] = layout.blocks[0]!.shape as [number, number];
  return multiply(matrix(rows, columns, data), matrix(rows, columns, data), { transposeB: true });
};

const { data, truth } = generateConstraints({ rows: 7, rank: 2, constraints: 10 }, 2);
const general = constrainedFactorization({ constraints: data, rank: 5, truth });

describe('near-feasible starts', () => {
  it.each([[0, 5], [3, 3], [2, 2]])('of rank %i satisfy general constraints, with rank %i', async (rank, expected) => {
    const point = await start(general, nearFeasible({ rank, tolerance: 1e-9 }), 4);
    const x = gram(point);
    const { matrices } = data.ensemble as { matrices: Float64Array };
    for (let k = 0; k < 10; k++) expect(x.data.reduce((sum, value, at) => sum + value * matrices[k * 49 + at]!, 0)).toBeCloseTo(data.values[k]!, 7);
    const values = symmetricEigenvalues(x);
    expect(values[expected - 1]!).toBeGreaterThan(1e-4);
    expect(Math.max(...values.subarray(expected).map(Math.abs))).toBeLessThan(1e-13);
  });

  it('satisfy those of cuts', async () => {
    const cut = gram(await start(maxCut({ graph: generateGraph({ size: 9 }, 1).data, rank: 4 }), nearFeasible({ rank: 2, tolerance: 1e-10 })));
    for (let i = 0; i < 9; i++) expect(cut.data[i * 10]!).toBeCloseTo(1, 8);
    const blocks = gram(await start(orthogonalCut({ cost: generateOrthogonalCut({ blocks: 3 }, 1).data, rank: 4 }), nearFeasible({ rank: 2, tolerance: 1e-10 })));
    for (let i = 0; i < 6; i++) for (let j = i - (i % 2); j <= i; j++) expect(blocks.data[i * 6 + j]!).toBeCloseTo(i === j ? 1 : 0, 8);
  });

  it('are those of their seed, on an asynchronous device to its precision', async () => {
    const here = await start(general, nearFeasible({ rank: 2 }), 3);
    expect(await start(general, nearFeasible({ rank: 2 }), 3)).toEqual(here);
    expect((await start(general, nearFeasible({ rank: 2 }), 5)).data).not.toEqual(here.data);
    const there = await start(general, nearFeasible({ rank: 2, tolerance: 1e-4 }), 3, asyncBackend({ reads: 'microtask', extra: hostKernels }));
    expect(Math.hypot(...there.data.map((x, i) => x - here.data[i]!))).toBeLessThan(1e-3 * Math.hypot(...here.data));
  });

  it('are refused where they do not exist', async () => {
    const impossible = constrainedFactorization({ constraints: { rows: 2, cols: 2, values: Float64Array.of(-1), ensemble: { kind: 'dense', matrices: Float64Array.of(1, 0, 0, 1) } }, rank: 2 });
    await expect(start(impossible, nearFeasible())).rejects.toThrow(code('LOWLAND_E_INFEASIBLE'));
    await expect(start(general, nearFeasible({ rank: 6 }))).rejects.toThrow(code('LOWLAND_E_RANK'));
  });
});
