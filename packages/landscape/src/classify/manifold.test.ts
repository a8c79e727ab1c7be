import { analyse, type Analysis, createPoint, type Objective, parseOptions } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { brockett, fixedRank, matrixFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { dense } from '../../test/dense.ts';
import { nullity } from '../groups/nullity-report.ts';
import { plugin } from '../plugin.ts';
import { spectrum } from '../spectrum/spectrum.ts';
import { classify } from './classify.ts';
import type { SecondOrder } from './hessian.ts';

const backend = cpu();
const diagonalOf = (entries: readonly number[]) => ({ rows: entries.length, cols: entries.length, values: Float64Array.from({ length: entries.length ** 2 }, (_, k) => (k % (entries.length + 1) === 0 ? entries[k % entries.length]! : 0)) });
const unitColumns = (n: number, picked: readonly number[]): Float64Array => Float64Array.from({ length: n * picked.length }, (_, k) => Number(picked[k % picked.length] === Math.floor(k / picked.length)));

describe('on a manifold', () => {
  const lambda = [5, 3, 2, -1];

  // catalogue E2: on the sphere eigenvector k is stationary with Hessian lambda_k - lambda_i and index k - 1
  it('the eigenvectors of a matrix on the sphere have their index, and no null directions', async () => {
    const objective = brockett({ data: diagonalOf(lambda) }) as unknown as Objective<SecondOrder>;
    for (const [k, kept] of lambda.entries()) {
      const point = createPoint(objective.layout, unitColumns(4, [k]));
      const { kind, curvature, escape } = await analyse(objective, classify(), point, backend);
      const expected = lambda.filter((_, i) => i !== k).map((value) => kept - value).sort((a, b) => a - b);
      expect([...curvature!.spectrum!].map((value) => Math.round(value * 1e12) / 1e12)).toEqual(expected);
      expect(curvature).toMatchObject({ morseIndex: k, nullity: { status: 'clear', symmetry: 0, excess: 0 } });
      expect(kind).toBe(k === 0 ? 'second-order-point' : 'strict-saddle');
      if (k > 0) {
        using d = dense(objective as Objective<never>);
        const there = d.walk(point.data, escape!.direction.data.map((entry) => escape!.step * entry));
        expect(Math.hypot(...there)).toBeCloseTo(1, 14);
        expect(d.value(point.data) - d.value(there)).toBeCloseTo(escape!.decrease, 12);
      }
      const found = await analyse(objective, spectrum({ probes: 0 }), point, backend);
      expect([...found.eigenvalues!].map((value) => Math.round(value * 1e12) / 1e12)).toEqual(expected);
      expect(found).toMatchObject({ variables: 3, deflated: 0, signs: { negative: k, zero: 0, positive: 3 - k } });
      expect(await analyse(objective, nullity(), point, backend)).toMatchObject({ variables: 3, predicted: 0, measured: 0, excess: { kind: 'none' } });
    }
  });

  it('normals are no flat directions of Stiefel and fixed-rank manifolds, and the least eigenvalue is that along them', async () => {
    const frames = brockett({ data: diagonalOf(lambda), rank: 2 }) as unknown as Objective<SecondOrder>;
    const best = await analyse(frames, classify(), createPoint(frames.layout, unitColumns(4, [0, 1])), backend);
    // N = diag(2, 1): 2 (5 - 2), 2 (5 + 1), 3 - 2, 3 + 1, and (5 - 3)(2 - 1)/2 where the two columns turn into each other
    expect([...best.curvature!.spectrum!].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([1, 1, 4, 6, 12]);
    expect(best).toMatchObject({ kind: 'second-order-point', curvature: { nullity: { excess: 0 } } });
    const swapped = await analyse(frames, classify(), createPoint(frames.layout, unitColumns(4, [1, 0])), backend);
    expect(swapped).toMatchObject({ kind: 'strict-saddle', curvature: { morseIndex: 1 } });

    // 1/2 |X - M|^2 at the best approximation of rank 2: 1 but for sigma_i (sigma_i ± sigma_j)/sigma_i^2 = 1 ± sigma_j/sigma_i across
    const rank = fixedRank(matrixFactorization({ target: diagonalOf([4, 2, 1]), rank: 2, balance: 0 })) as unknown as Objective<SecondOrder>;
    const point = createPoint(rank.layout, Float64Array.of(4, 0, 0, 2, ...unitColumns(3, [0, 1]), ...unitColumns(3, [0, 1])));
    const approximation = await analyse(rank, classify(), point, backend);
    expect([...approximation.curvature!.spectrum!].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([0.5, 0.75, 1, 1, 1, 1, 1.25, 1.5]);
    expect(approximation.kind).toBe('second-order-point');
  });

  it('analyses that move points along straight lines refuse', async () => {
    const objective = brockett({ data: diagonalOf(lambda) }) as unknown as Objective<SecondOrder>;
    const point = createPoint(objective.layout, unitColumns(4, [1]));
    const straight = ['basins', 'census', 'connect', 'escape-times', 'exit-times', 'recurrence', 'slice'];
    for (const definition of plugin.analyses!.filter(({ id }) => straight.includes(id))) {
      const analysis = definition.create(parseOptions(definition.options, {}, definition.id)) as Analysis<SecondOrder, unknown>;
      await expect(analyse(objective, analysis, point, backend)).rejects.toMatchObject({ code: 'LOWLAND_E_MANIFOLD' });
    }
  });

  it('blocks of a point do not move each on its own', async () => {
    const objective = brockett({ data: diagonalOf(lambda) }) as unknown as Objective<SecondOrder>;
    await expect(analyse(objective, spectrum({ block: 'X' }), createPoint(objective.layout, unitColumns(4, [0])), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
  });
});
