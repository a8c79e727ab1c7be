import { createPoint, decodeNumbers, normals, solve, streamKey, type DataMap, type Objective } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { constrainedFactorization, generateConstraints, generateGraph, generateOrthogonalCut, maxCut, orthogonalCut } from '@lowland/objectives';
import { augmentedLagrangian, lbfgs } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { certifyPoint } from './certify.ts';
import { verdictAt } from './verdict.ts';

const backend = cpu();
/** C = -adjacency of the cycle. */
const ring = (n: number): DataMap['entries'] => generateGraph({ kind: 'cycle', size: n, weight: -2 }, 0).data;

describe('penalised cuts, whose constraints know the trace', () => {
  it.each([[5], [6], [8]])('at the twisted state of the ring, n = %i, the bound is the optimum although the point is spurious', async (n) => {
    const weight = 4;
    const objective = maxCut({ graph: ring(n), rank: 2, weight });
    const radius = Math.sqrt(1 + (2 * Math.cos((2 * Math.PI) / n)) / weight);
    const data = Float64Array.from({ length: 2 * n }, (_, k) => radius * (k % 2 === 0 ? Math.cos((Math.PI * k) / n) : Math.sin((Math.PI * (k - 1)) / n)));
    const certificate = await certifyPoint(objective, createPoint(objective.layout, data), { backend });
    const optimum = -2 * n - (2 * n) / weight;
    expect(certificate.kind).toBe('not-certified');
    expect(certificate.rule).toBe('first-order');
    expect(certificate.lowerBound!).toBeCloseTo(optimum, 8);
    expect(certificate.gap!).toBeGreaterThanOrEqual(certificate.value - optimum);
  });

  it('certifies the least value, and at no point claims a gap that is too small', async () => {
    for (const [index, rank] of [6, 7, 8].entries()) {
      const graph = generateGraph({ size: 11, density: 0.5 }, index).data;
      const objective = maxCut({ graph, rank, weight: 5 });
      const { point, value } = await solve(objective, lbfgs(), { backend, seed: index });
      const best = await certifyPoint(objective, point, { backend });
      expect(best).toMatchObject({ kind: 'global-minimum', rule: 'first-order', failureProbability: 0 });
      for (const distance of [1e-9, 1e-5, 1e-2, 1]) {
        const noise = new Float64Array(point.data.length);
        normals(streamKey(index, 'noise'), noise);
        const moved = createPoint(objective.layout, point.data.map((entry, k) => entry + distance * noise[k]!));
        const certificate = await certifyPoint(objective, moved, { backend });
        expect(certificate.gap!).toBeGreaterThanOrEqual(certificate.value - value);
      }
    }
  });

  it('certifies the planted blocks of an orthogonal-cut', async () => {
    const objective = orthogonalCut({ cost: generateOrthogonalCut({ blocks: 6, size: 3, noise: 0.05 }, 2).data, size: 3, rank: 5 });
    const { point } = await solve(objective, lbfgs(), { backend });
    expect(await certifyPoint(objective, point, { backend })).toMatchObject({ kind: 'global-minimum', rule: 'first-order' });
  });
});

it('with the multipliers that a run ends with, the augmented Lagrangian certifies the constrained problem', async () => {
  const graph = generateGraph({ size: 12, density: 0.6 }, 3).data;
  const rank = 6;
  const start = maxCut({ graph, rank });
  const solution = await solve(start, augmentedLagrangian({ tolerance: 1e-10 }), { backend });
  const { vector } = (solution.checkpoint().state as Record<string, { readonly vector: string }>)['multipliers']!;
  const multipliers = decodeNumbers(vector)!;
  const augmented = maxCut({ graph, rank, merit: 'augmented', multipliers });
  const certificate = await certifyPoint(augmented, solution.point, { backend });
  expect(certificate.kind).toBe('global-minimum');
  // min over all X of L(X, l) <= min over feasible X of phi, and any feasible point is above both
  const feasible = augmented.initial(streamKey(1, 'init'));
  expect(certificate.lowerBound!).toBeLessThanOrEqual((await certifyPoint(augmented, feasible, { backend })).value);
  expect(certificate.problem).toContain('⟩ − ');

  // other multipliers make another problem, whose bound is lower
  const elsewhere = maxCut({ graph, rank, merit: 'augmented', multipliers: multipliers.map((l) => 0.9 * l) });
  const other = await certifyPoint(elsewhere, solution.point, { backend });
  expect(other.kind).toBe('not-certified');
  expect(other.lowerBound!).toBeLessThan(certificate.lowerBound!);
});

describe('verdicts on solutions of constrained problems', () => {
  it.each(['penalty', 'fletcher'] as const)('are about the constrained problem, whatever merit function led there (%s)', async (merit) => {
    const graph = generateGraph({ size: 12, density: 0.6 }, 3).data;
    const objective = maxCut({ graph, rank: 6, merit }) as Objective<'valueAndGradient' | 'constraints'>;
    const { point, value } = await solve(objective, augmentedLagrangian(), { backend });
    const verdict = await verdictAt(objective as never, point, { backend });
    expect(verdict.kind).toBe('global-minimum');
    expect(verdict.certificate.value).toBeCloseTo(value, 6);
    expect(verdict.certificate.problem).toContain('constraints');
  });

  // 24 constraints are more than 8 rows fix: of many multipliers, those of least norm
  it.each([[6], [24]])('trace minimisation under %i constraints is certified by multiplying the residual (rigour.md A10)', async (constraints) => {
    const { data } = generateConstraints({ rows: 8, rank: 1, constraints }, 5);
    const objective = constrainedFactorization({ constraints: data, rank: 4 });
    const { point } = await solve(objective, augmentedLagrangian({ tolerance: 1e-10 }), { backend, seed: 1 });
    const verdict = await verdictAt(objective as never, point, { backend });
    expect(verdict).toMatchObject({ kind: 'global-minimum', rule: 'psd-trace' });
  });

  it('a spurious state is none, and the minimum of a penalty is judged as such', async () => {
    const objective = maxCut({ graph: ring(6), rank: 2, weight: 4 });
    const data = Float64Array.from({ length: 12 }, (_, k) => (k % 2 === 0 ? Math.cos((Math.PI * k) / 6) : Math.sin((Math.PI * (k - 1)) / 6)));
    const spurious = await verdictAt(objective as never, createPoint(objective.layout, data), { backend });
    expect(spurious.kind).not.toBe('global-minimum');
    // -2n - n (2 - 2 cos w)^2 / (2 gamma): of the augmented Lagrangian at l = 2 cos w = 1
    expect(spurious.certificate.lowerBound!).toBeCloseTo(-12 - 6 / 8, 8);
    const { point } = await solve(objective, lbfgs(), { backend, seed: 2 });
    const penalised = await verdictAt(objective as never, point, { backend });
    expect(penalised.certificate.problem).not.toContain('constraints');
    expect(penalised.kind).toBe('global-minimum');
    expect(penalised.certificate.value).toBeCloseTo(-15, 8);
  });
});
