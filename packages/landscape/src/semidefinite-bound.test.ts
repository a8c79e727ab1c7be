import { analyse, createPoint, gradientNorm, normals, type DataMap, type Measurements, type Objective, solve, streamKey } from '@lowland/core';
import { cpu, matrix, multiply } from '@lowland/linalg';
import { constrainedFactorization, generateConstraints, generateGraph, generateOrthogonalCut, maxCut, maxCutOptimum, orthogonalCut } from '@lowland/objectives';
import { augmentedLagrangian } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { dualBound, type DualBound, type DualBoundOptions } from './semidefinite-bound.ts';

const backend = cpu();
const draw = (length: number, seed: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'dual bound', 0), out);
  return out;
};
const at = (objective: unknown, data: Float64Array, options: DualBoundOptions = {}): Promise<DualBound> => {
  const made = objective as Objective<'constraints' | 'factors'>;
  return analyse(made, dualBound(options), createPoint(made.layout, data), backend);
};
const solved = async (objective: unknown, seed: number): Promise<Float64Array> => {
  const made = objective as Objective<'valueAndGradient' | 'constraints'>;
  return (await solve(made, augmentedLagrangian({ tolerance: 1e-11 }), { backend, seed, stop: gradientNorm(1e-10) })).point.data;
};
/** C minus the adjacency of the cycle. */
const ring = (n: number): DataMap['entries'] => generateGraph({ kind: 'cycle', size: n, weight: -2 }, 0).data;
const twisted = (n: number): Float64Array => Float64Array.from({ length: 2 * n }, (_, k) => (k % 2 === 0 ? Math.cos((Math.PI * k) / n) : Math.sin((Math.PI * (k - 1)) / n)));

describe('the ring (golden 12)', () => {
  it.each([5, 6, 8])('n = %i: at the twisted state the bound is -2n, the optimum, though the value is -2n cos w, whatever the merit function', async (n) => {
    for (const merit of ['penalty', 'augmented', 'fletcher'] as const) {
      const found = await at(maxCut({ graph: ring(n), rank: 2, merit, weight: 4 }), twisted(n));
      expect(found.value).toBeCloseTo(-2 * n * Math.cos((2 * Math.PI) / n), 12);
      expect(found.infeasibility).toBeLessThan(1e-14);
      expect(found.lowerBound!).toBeCloseTo(-2 * n, 10);
      expect(found.lowerBound!).toBeLessThanOrEqual(-2 * n);
      expect(found.normBound).toMatchObject({ rule: 'inertia' });
      // lambda_min(C + Diag(l)) = 2 cos w - 2
      expect(found.shift).toBeCloseTo(2 - 2 * Math.cos((2 * Math.PI) / n), 9);
    }
  });
});

it('never lies above the optimum, and reaches it at solutions: graphs whose optimum is known', async () => {
  for (const [seed, kind] of (['cycle', 'complete', 'bipartite'] as const).entries()) {
    const { data: graph } = generateGraph({ kind, size: 6 }, seed);
    const objective = maxCut({ graph, rank: 4 });
    const optimum = maxCutOptimum(graph, 4)!;
    for (let k = 0; k < 20; k++) {
      const { lowerBound } = await at(objective, draw(24, 20 * seed + k).map((x) => [0.1, 1, 10][k % 3]! * x));
      expect(lowerBound!).toBeLessThanOrEqual(optimum);
    }
    const best = await at(objective, await solved(objective, seed));
    expect(best.lowerBound!).toBeLessThanOrEqual(optimum);
    expect(best.lowerBound!).toBeCloseTo(optimum, 6);
  }
});

it('holds for any multipliers', async () => {
  const objective = maxCut({ graph: ring(6), rank: 2, weight: 3 });
  for (let k = 0; k < 50; k++) {
    const { lowerBound } = await at(objective, new Float64Array(12), { multipliers: draw(6, k).map((l) => 2 + [0, 0.1, 5][k % 3]! * l) });
    expect(lowerBound!).toBeLessThanOrEqual(-12);
    if (k % 3 === 0) expect(lowerBound!).toBeCloseTo(-12, 10);
  }
  await expect(at(objective, new Float64Array(12), { multipliers: new Float64Array(5) })).rejects.toMatchObject({ code: 'LOWLAND_E_SHAPE' });
});

it('synchronisation without noise: -N^2 d', async () => {
  const { data: cost } = generateOrthogonalCut({ blocks: 4, size: 2 }, 3);
  const objective = orthogonalCut({ cost, size: 2, rank: 3 });
  for (let k = 0; k < 10; k++) expect((await at(objective, draw(24, k))).lowerBound!).toBeLessThanOrEqual(-32);
  expect((await at(objective, await solved(objective, 1))).lowerBound!).toBeCloseTo(-32, 6);
});

describe('C = I', () => {
  const { data } = generateConstraints({ rows: 6, rank: 1, constraints: 6, trace: 2 }, 5);

  it('takes the best multiple of the multipliers, beyond 1 too (rigour.md A10)', async () => {
    const objective = constrainedFactorization({ constraints: data, rank: 3 });
    const x = await solved(objective, 2);
    const best = await at(objective, x);
    // the planted matrix, of trace 2, is feasible
    expect(best.value).toBeLessThan(2);
    expect(best.lowerBound!).toBeCloseTo(best.value, 6);
    const multiples = new Set<string>();
    for (let k = 0; k < 30; k++) {
      const noise = draw(x.length, k);
      const found = await at(objective, x.map((value, i) => value + [0.001, 0.1, 1][k % 3]! * noise[i]!));
      expect(found.lowerBound!).toBeLessThanOrEqual(best.value + 1e-7);
      expect(found.lowerBound!).toBeGreaterThanOrEqual(-1e-12);
      expect(found.shift).toBe(0);
      multiples.add(found.multiplier > 1 ? 'above 1' : found.multiplier > 0 ? 'below 1' : '0');
    }
    expect(multiples).toContain('above 1');
  });

  it('a general cost under constraints that know the trace', async () => {
    const c = matrix(6, 6, draw(36, 9));
    const constraints: Measurements = { ...data, linear: multiply(c, c, { transposeB: true }).data };
    const objective = constrainedFactorization({ constraints, rank: 5 });
    const x = await solved(objective, 3);
    const best = await at(objective, x);
    expect(best.infeasibility).toBeLessThan(1e-8);
    for (let k = 0; k < 10; k++) {
      const { lowerBound } = await at(objective, x.map((value, i) => value + 0.1 * draw(x.length, k)[i]!));
      if (lowerBound !== null) expect(lowerBound).toBeLessThanOrEqual(best.value + 1e-7);
    }
  });

  it('refuses a cost that is not linear', async () => {
    const objective = constrainedFactorization({ constraints: data, fit: { rows: 6, cols: 6, values: draw(3, 1), ensemble: { kind: 'rank-one', left: draw(18, 2) } }, rank: 2 });
    await expect(at(objective, draw(12, 1))).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
  });
});
