import { createPoint, streamKey, type Measurements, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, it } from 'vitest';

import { gaussian, symmetricGaussian } from '../../test/support.ts';
import { constrainedFactorization, generateGraph, generateOrthogonalCut, maxCut, orthogonalCut } from './index.ts';

const n = 5;
const linear = symmetricGaussian(n, 'cost');
const dense: Measurements = { rows: n, cols: n, values: gaussian(4, 'b'), ensemble: { kind: 'dense', matrices: gaussian(4 * n * n, 'a') }, linear };
const seeded: Measurements = { rows: n, cols: n, values: gaussian(3, 'b'), ensemble: { kind: 'seeded', name: 'gaussian', seed: 3, version: 1 }, linear };
const sparse: Measurements = {
  rows: n,
  cols: n,
  values: gaussian(3, 'b'),
  ensemble: { kind: 'sparse', measurement: Int32Array.of(0, 0, 1, 2, 2), row: Int32Array.of(0, 1, 2, 3, 4), col: Int32Array.of(1, 1, 2, 0, 4), value: Float64Array.of(1, 2, 3, -4, 5) },
};
const twoSided: Measurements = { rows: n, cols: n, values: gaussian(3, 'b'), ensemble: { kind: 'rank-one', left: gaussian(3 * n, 'l'), right: gaussian(3 * n, 'r') }, linear };
const fit: Omit<Measurements, 'linear'> = { rows: n, cols: n, values: gaussian(6, 'y'), ensemble: { kind: 'rank-one', left: gaussian(6 * n, 'fl'), right: gaussian(6 * n, 'fr') } };
const graph = generateGraph({ kind: 'random', size: 6, density: 0.6, weight: 0.7 }, 4).data;
const rotations = generateOrthogonalCut({ blocks: 3, size: 2, noise: 0.3 }, 5).data;
const merits = ['penalty', 'augmented', 'fletcher'] as const;

const instances: [string, Objective<never>][] = [];
for (const merit of merits) {
  const multipliers = (length: number) => (merit === 'augmented' ? { multipliers: gaussian(length, 'multipliers') } : {});
  instances.push(
    [`dense constraints, linear cost, ${merit}`, constrainedFactorization({ constraints: dense, rank: 2, merit, weight: 3, ...multipliers(4) })],
    [`sparse constraints, no cost but a fit, ${merit}`, constrainedFactorization({ constraints: sparse, fit, rank: 3, merit, weight: 2, ...multipliers(3) })],
    [`rank-one constraints, cost and fit, ${merit}`, constrainedFactorization({ constraints: twoSided, fit, rank: 2, merit, weight: 2, ...multipliers(3) })],
    [`max-cut, ${merit}`, maxCut({ graph, rank: 3, merit, weight: 3, ...multipliers(6) })],
    [`orthogonal-cut, ${merit}`, orthogonalCut({ cost: rotations, rank: 3, merit, weight: 3, ...multipliers(9) })],
  );
}
instances.push(
  ['seeded constraints, fletcher', constrainedFactorization({ constraints: seeded, rank: 2, merit: 'fletcher' })],
  ['feasibility alone, penalty', constrainedFactorization({ constraints: sparse, rank: 1 })],
  ['orthogonal-cut, blocks of three, fletcher', orthogonalCut({ cost: generateOrthogonalCut({ blocks: 2, size: 3, noise: 0.2 }, 5).data, size: 3, rank: 4, merit: 'fletcher' })],
  ['max-cut, one column, fletcher', maxCut({ graph, rank: 1, merit: 'fletcher' })],
);

describe.each(instances)('%s', (_name, objective) => {
  const fletcher = objective.options['merit'] === 'fletcher';
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  // K is singular at zero, and ill conditioned at points that random numbers put near where it is
  const points = [1, 2, 3].map((seed) => {
    const { layout, data } = objective.initial(streamKey(seed, 'init'));
    return createPoint(layout, data.map((entry, k) => entry + (fletcher ? 0.1 : 0.5) * gaussian(data.length, 'near', seed)[k]!));
  });
  const checks = objectiveChecks({ objective, backend: cpu(), others, seed: 2, points }).filter(({ name }) => !(fletcher && name === 'is finite at zero'));
  it.each(checks.map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});
