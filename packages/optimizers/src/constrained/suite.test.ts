import { createPoint, type Objective, type Optimizer } from '@lowland/core';
import { asyncBackend, optimizerChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { constrainedFactorization, generateConstraints, generateGraph, generateOrthogonalCut, maxCut, orthogonalCut } from '@lowland/objectives';
import { describe, it } from 'vitest';

import { randomPoint } from '../../test/fixtures.ts';
import { augmentedLagrangian, gradientDescent, nonlinearConjugateGradient, primalDual } from '../index.ts';

const objectives: Record<string, Objective<'constraints' | 'valueAndGradient'>> = {
  'planted constraints': constrainedFactorization({ constraints: generateConstraints({ rows: 6, rank: 1, constraints: 8 }, 1).data, rank: 3 }),
  'max-cut': maxCut({ graph: generateGraph({ size: 8 }, 2).data, rank: 3, merit: 'fletcher' }),
  'orthogonal-cut': orthogonalCut({ cost: generateOrthogonalCut({ blocks: 3, noise: 0.2 }, 3).data, rank: 3 }),
};
const methods: Record<string, { readonly optimizer: Optimizer<'constraints'>; readonly trialReads?: number }> = {
  'primal-dual': { optimizer: primalDual({ step: 0.005, every: 3 }) },
  'primal-dual, small factor': { optimizer: primalDual({ step: 0.005, rank: 2, multipliers: 'estimate' }) },
  'augmented lagrangian': { optimizer: augmentedLagrangian({ most: 3 }), trialReads: 4 },
  'augmented lagrangian, small factor': { optimizer: augmentedLagrangian({ most: 4, rank: 2, multipliers: 'estimate' }), trialReads: 4 },
  'augmented lagrangian, conjugate gradients': { optimizer: augmentedLagrangian({ most: 4, inner: nonlinearConjugateGradient() }), trialReads: 4 },
  'augmented lagrangian, gradient descent': { optimizer: augmentedLagrangian({ most: 4, inner: gradientDescent() }), trialReads: 8 },
};

for (const [objectiveName, objective] of Object.entries(objectives)) {
  for (const [name, { optimizer, trialReads = 0 }] of Object.entries(methods)) {
    describe(`${name} on ${objectiveName}`, () => {
      const asynchronous = asyncBackend({ reads: 'microtask', extra: hostKernels });
      const { layout, data } = randomPoint(objective.layout, 0.6, 1);
      const point = createPoint(layout, data);
      const checks = optimizerChecks({ optimizer, objective: objective, backend: cpu(), asynchronous, point, trialReads });
      it.each(checks)('$name', (check) => check.run());
    });
  }
}
