import { boolean, type Definition, type Infer, integer, number, options, string } from '@lowland/core';

import { spectrum } from './spectrum.ts';

const spectrumOptions = options({
  count: integer({ min: 1, default: 5, summary: 'Eigenvalues wanted at each end.' }),
  copies: integer({ min: 1, default: 1, summary: 'An eigenvalue is found as often as its multiplicity, but not more often than this.' }),
  steps: integer({ min: 1, default: 300, summary: 'Hessian-vector products for the ends, and for each bound, at most.' }),
  denseVariables: integer({ min: 0, default: 300, summary: 'Up to so many variables all eigenvalues are computed.' }),
  failureProbability: number({ min: 0, below: 1, default: 1e-10, summary: 'With which the bounds of the ends may fail; 0: no bounds.' }),
  probes: integer({ min: 0, default: 20, summary: 'Random probes of the density; 0: no density.' }),
  probeSteps: integer({ min: 1, default: 30, summary: 'Hessian-vector products a probe.' }),
  traceProducts: integer({ min: 0, default: 60, summary: 'Hessian-vector products for the trace; 0: no trace.' }),
  deflate: boolean({ default: true, summary: 'Leave out the directions of the symmetry group.' }),
  block: string({ default: '', summary: 'The Hessian in the variables of this block alone; empty: all.' }),
});

export const spectrumDefinition: Definition<Infer<typeof spectrumOptions>, ReturnType<typeof spectrum>> = {
  apiVersion: 1,
  id: 'spectrum',
  summary: 'Eigenvalues of the Hessian: both ends with error bars, density, trace, signs; without forming it.',
  formula: 'P H P, P = I - Q Q^T, Q the tangent of the orbit; density (1/n) sum delta(t - lambda_i), smoothed',
  whenToUse: 'To see how a point curves, at any size: conditioning, flat and descending directions, sharpness.',
  reference: 'Ubaru, Chen and Saad 2017 (doi:10.1137/16M1104974); Meyer, Musco, Musco and Woodruff 2021 (arXiv:2010.09649)',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: spectrumOptions,
  create: spectrum,
};
