import type { Capability, Objective, Optimizer } from '@lowland/core';
import { asyncBackend, optimizerChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, it } from 'vitest';

import { randomPoint, withSpectrum } from '../test/fixtures.ts';
import {
  adam,
  alternatingConjugateGradients,
  alternatingGradientDescent,
  alternatingLeastSquares,
  alternatingScaledGradientDescent,
  barzilaiBorwein,
  cubicRegularisation,
  fixed,
  gradientDescent,
  gradientFlow,
  gaussNewton,
  gnmr,
  heavyBall,
  langevin,
  lbfgs,
  levenbergMarquardt,
  lmafit,
  nesterov,
  newtonCg,
  nonlinearConjugateGradient,
  perturbedGradientDescent,
  polyak,
  preconditionedGradientDescent,
  rectangularNesterov,
  rotation,
  scaled,
  scaledGradientDescent,
  trustRegion,
  underdampedLangevin,
  epochWise,
  inverseTime,
  noisyGradientDescent,
  stochasticGradientDescent,
} from './index.ts';

const symmetric = symmetricFactorization({ target: withSpectrum([3, 2, 1, -1], 7, 7, 1, true), rank: 3 });
const asymmetric = matrixFactorization({ target: withSpectrum([3, 2, 1, 0.5], 7, 6, 1), rank: 3, balance: 0 });
const observed = withSpectrum([6, 3], 8, 7, 2);
const completion = matrixCompletion({
  entries: {
    rows: 8,
    cols: 7,
    row: Int32Array.from({ length: 40 }, (_, k) => Math.floor((k * 7) / 5 / 7)),
    col: Int32Array.from({ length: 40 }, (_, k) => (k + Math.floor(k / 5)) % 7),
    values: observed.values.slice(0, 40),
  },
  rank: 2,
  lambda: 0.1,
});

interface Case {
  readonly optimizer: Optimizer<Capability, Capability>;
  /** Reads a step beyond the first trial: what was seen, rounded up. */
  readonly trialReads?: number;
}
const everywhere: Record<string, Case> = {
  'gradient descent, fixed': { optimizer: gradientDescent({ step: fixed({ step: 0.02 }) }) },
  'gradient descent, armijo': { optimizer: gradientDescent(), trialReads: 2 },
  'gradient descent, barzilai-borwein': { optimizer: gradientDescent({ step: barzilaiBorwein() }), trialReads: 2 },
  'gradient descent, armijo, scaled': { optimizer: gradientDescent({ geometry: scaled({ damping: 0.5 }) }), trialReads: 2 },
  'scaled gradient descent': { optimizer: scaledGradientDescent({ step: fixed({ step: 0.2 }) }) },
  'scaled gradient descent, fixed damping': { optimizer: scaledGradientDescent({ step: fixed({ step: 0.2 }), damping: 1, adaptive: 0 }) },
  'scaled gradient descent, barzilai-borwein': { optimizer: scaledGradientDescent({ step: barzilaiBorwein() }), trialReads: 3 },
  'gradient descent, polyak': { optimizer: gradientDescent({ step: polyak({ optimum: 0 }) }) },
  'gradient descent, polyak, scaled': { optimizer: gradientDescent({ step: polyak({ optimum: 0 }), geometry: scaled({ adaptive: 1 }) }) },
  'heavy ball': { optimizer: heavyBall({ step: 0.01 }) },
  'heavy ball, scaled': { optimizer: heavyBall({ step: 0.1, momentum: 0.5, geometry: scaled({ damping: 1 }) }) },
  nesterov: { optimizer: nesterov({ step: 0.02 }) },
  'nesterov, fixed momentum': { optimizer: nesterov({ step: 0.02, momentum: 0.5, restart: false }) },
  'nesterov, scaled': { optimizer: nesterov({ step: 0.2, geometry: scaled({ adaptive: 1 }) }) },
  'conjugate gradients, hager-zhang': { optimizer: nonlinearConjugateGradient(), trialReads: 2 },
  'conjugate gradients, polak-ribiere': { optimizer: nonlinearConjugateGradient({ conjugation: 'polak-ribiere' }), trialReads: 2 },
  'conjugate gradients, scaled': { optimizer: nonlinearConjugateGradient({ geometry: scaled({ adaptive: 1 }) }), trialReads: 2 },
  adam: { optimizer: adam({ step: 0.05 }) },
  'alternating gradient descent': { optimizer: alternatingGradientDescent({ step: 0.02 }) },
  'alternating scaled gradient descent': { optimizer: alternatingScaledGradientDescent({ step: 0.2 }) },
  'preconditioned gradient descent': { optimizer: preconditionedGradientDescent({ step: 0.2, optimum: 0.1 }) },
  // noise of radius 0.1 whenever it may be added
  'perturbed gradient descent': {
    optimizer: perturbedGradientDescent({ smoothness: 200, epsilon: 1e9, hessianLipschitz: 1e6, radius: 0.1, stopWhenCertified: false }),
  },
  'lbfgs, memory 3': { optimizer: lbfgs({ memory: 3 }), trialReads: 1 },
  'lbfgs, columns scaled': { optimizer: lbfgs({ memory: 3, scaling: 'columns' }), trialReads: 1 },
  'trust region': { optimizer: trustRegion(), trialReads: 2 * 20 },
  'trust region that leaves saddles': { optimizer: trustRegion({ escape: true }), trialReads: 60 },
  'newton-cg': { optimizer: newtonCg(), trialReads: 2 * 20 },
  'cubic regularisation': { optimizer: cubicRegularisation(), trialReads: 60 },
  'gauss-newton': { optimizer: gaussNewton(), trialReads: 2 * 20 },
  'levenberg-marquardt': { optimizer: levenbergMarquardt(), trialReads: 2 * 20 },
  // errors may rise on the way: few inner iterations keep the steps short
  gnmr: { optimizer: gnmr({ maxInner: 4 }), trialReads: 2 * 4 },
  'gradient flow': { optimizer: gradientFlow(), trialReads: 2 },
  'sgd, independent batches': { optimizer: stochasticGradientDescent({ batch: 4, schedule: inverseTime({ step: 0.01 }) }) },
  'sgd, epochs, scaled': { optimizer: stochasticGradientDescent({ batch: 7, sampling: 'epochs', schedule: epochWise({ step: 0.05, every: 1 }), geometry: scaled({ damping: 1 }) }) },
  'noisy gradient descent': { optimizer: noisyGradientDescent({ step: 0.02, noise: 0.1 }) },
  langevin: { optimizer: langevin({ step: 0.02, temperature: 1e-4 }) },
  'langevin, with a drift': { optimizer: langevin({ step: 0.01, temperature: 1e-4, drift: rotation({ strength: 0.5 }) }) },
  'underdamped langevin': { optimizer: underdampedLangevin({ step: 0.05, temperature: 1e-4 }) },
};
/** For U V^T alone. */
const rectangular: Record<string, Case> = {
  'alternating least squares': { optimizer: alternatingLeastSquares() },
  lmafit: { optimizer: lmafit() },
  'lmafit, any rank': { optimizer: lmafit({ rankJump: 2 }) },
  'alternating conjugate gradients': { optimizer: alternatingConjugateGradients() },
  'alternating gradient descent, sketched': { optimizer: alternatingGradientDescent({ start: 'sketch' }) },
  'rectangular nesterov': { optimizer: rectangularNesterov() },
  'rectangular nesterov, given start': { optimizer: rectangularNesterov({ start: 'given', rank: 2 }) },
};

const cases: [name: string, objective: Objective<Capability>, methods: Record<string, Case>][] = [
  ['symmetric factorization', symmetric as unknown as Objective<Capability>, everywhere],
  ['asymmetric factorization', asymmetric as unknown as Objective<Capability>, { ...everywhere, ...rectangular }],
  ['completion', completion as unknown as Objective<Capability>, { ...everywhere, ...rectangular }],
];

for (const [objectiveName, objective, methods] of cases) {
  for (const [name, { optimizer, trialReads = 0 }] of Object.entries(methods)) {
    describe(`${name} on ${objectiveName}`, () => {
      const asynchronous = asyncBackend({ reads: 'microtask', extra: hostKernels });
      const point = randomPoint(objective.layout, 0.6, 1);
      it.each(optimizerChecks({ optimizer, objective, backend: cpu(), asynchronous, point, trialReads }))('$name', (check) => check.run());
    });
  }
}
