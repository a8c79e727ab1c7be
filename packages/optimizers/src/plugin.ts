import type { Plugin } from '@lowland/core';

import manifest from '../package.json' with { type: 'json' };
import { adamDefinition } from './adam/adam.ts';
import { alternatingGradientDescentDefinition } from './alternating/alternating-gradient-descent.ts';
import { alternatingConjugateGradientsDefinition } from './alternating/alternating-conjugate-gradients.ts';
import { alternatingLeastSquaresDefinition } from './alternating/alternating-least-squares.ts';
import { lmafitDefinition } from './alternating/lmafit.ts';
import { alternatingScaledGradientDescentDefinition } from './alternating/alternating-scaled-gradient-descent.ts';
import { nonlinearConjugateGradientDefinition } from './conjugate/nonlinear-conjugate-gradient.ts';
import { gradientFlowDefinition } from './flow/gradient-flow.ts';
import { augmentedLagrangianDefinition } from './constrained/augmented-lagrangian.ts';
import { primalDualDefinition } from './constrained/primal-dual.ts';
import { firstOrderConditionsDefinition } from './constrained/tracker.ts';
import { geometries, gradientDescentDefinition, stepRules } from './gradient-descent/gradient-descent.ts';
import { heavyBallDefinition } from './momentum/heavy-ball.ts';
import { nesterovDefinition } from './momentum/nesterov.ts';
import { gaussNewtonDefinition } from './least-squares/gauss-newton.ts';
import { gnmrDefinition } from './least-squares/gnmr.ts';
import { levenbergMarquardtDefinition } from './least-squares/levenberg-marquardt.ts';
import { drifts, langevinDefinition } from './langevin/langevin.ts';
import { underdampedLangevinDefinition } from './langevin/underdamped-langevin.ts';
import { cubicRegularisationDefinition } from './newton/cubic-regularisation.ts';
import { newtonCgDefinition } from './newton/newton-cg.ts';
import { orthogonalDefinition } from './initial/orthogonal.ts';
import { nearFeasibleDefinition } from './initial/near-feasible.ts';
import { rankDeficientDefinition } from './initial/rank-deficient.ts';
import { sketchedDefinition } from './initial/sketched.ts';
import { smallGaussianDefinition } from './initial/small-gaussian.ts';
import { spectralDefinition } from './initial/spectral.ts';
import { wardKoldaDefinition } from './initial/ward-kolda.ts';
import { rectangularNesterovDefinition } from './momentum/rectangular-nesterov.ts';
import { perturbedGradientDescentDefinition } from './perturbed/perturbed-gradient-descent.ts';
import { proximalGradientDefinition } from './proximal/proximal-gradient.ts';
import { singularValueProjectionDefinition } from './proximal/singular-value-projection.ts';
import { singularValueThresholdingDefinition } from './proximal/singular-value-thresholding.ts';
import { softImputeAlsDefinition } from './proximal/soft-impute-als.ts';
import { softImputeDefinition } from './proximal/soft-impute.ts';
import { lbfgsDefinition } from './quasi-newton/lbfgs.ts';
import { preconditionedGradientDescentDefinition } from './scaled/preconditioned-gradient-descent.ts';
import { scaledGradientDescentDefinition } from './scaled/scaled-gradient-descent.ts';
import { riemannianConjugateGradientDefinition } from './riemannian/riemannian-conjugate-gradient.ts';
import { noisyGradientDescentDefinition } from './stochastic/noisy-gradient-descent.ts';
import { schedules, stochasticGradientDescentDefinition } from './stochastic/stochastic-gradient-descent.ts';
import { trustRegionDefinition } from './trust-region/trust-region.ts';

/** The optimizers of this package, their step rules and their geometries. */
export const plugin: Plugin = {
  apiVersion: 1,
  name: '@lowland/optimizers',
  version: manifest.version,
  optimizers: [
    lbfgsDefinition,
    trustRegionDefinition,
    newtonCgDefinition,
    cubicRegularisationDefinition,
    gaussNewtonDefinition,
    levenbergMarquardtDefinition,
    gnmrDefinition,
    gradientDescentDefinition,
    heavyBallDefinition,
    nesterovDefinition,
    rectangularNesterovDefinition,
    nonlinearConjugateGradientDefinition,
    riemannianConjugateGradientDefinition,
    adamDefinition,
    perturbedGradientDescentDefinition,
    noisyGradientDescentDefinition,
    stochasticGradientDescentDefinition,
    scaledGradientDescentDefinition,
    preconditionedGradientDescentDefinition,
    alternatingLeastSquaresDefinition,
    lmafitDefinition,
    alternatingConjugateGradientsDefinition,
    gradientFlowDefinition,
    langevinDefinition,
    underdampedLangevinDefinition,
    alternatingGradientDescentDefinition,
    alternatingScaledGradientDescentDefinition,
    augmentedLagrangianDefinition,
    primalDualDefinition,
    proximalGradientDefinition,
    softImputeDefinition,
    softImputeAlsDefinition,
    singularValueThresholdingDefinition,
    singularValueProjectionDefinition,
  ],
  initializers: [
    smallGaussianDefinition,
    spectralDefinition,
    orthogonalDefinition,
    rankDeficientDefinition,
    nearFeasibleDefinition,
    wardKoldaDefinition,
    sketchedDefinition,
  ],
  trackers: [firstOrderConditionsDefinition],
  parts: [...stepRules, ...geometries, ...drifts, ...schedules],
};
