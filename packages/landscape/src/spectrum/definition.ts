import type { Definition, Infer } from '@lowland/core';

import { spectrum, spectrumSchema } from './spectrum.ts';

export const spectrumDefinition: Definition<Infer<typeof spectrumSchema>, ReturnType<typeof spectrum>> = {
  apiVersion: 1,
  id: 'spectrum',
  summary: 'Eigenvalues of the Hessian: both ends with error bars, density, trace, signs; without forming it.',
  formula: 'P H P, P = I - Q Q^T, Q the tangent of the orbit; density (1/n) sum delta(t - lambda_i), smoothed',
  whenToUse: 'To see how a point curves, at any size: conditioning, flat and descending directions, sharpness.',
  reference: 'Ubaru, Chen and Saad 2017 (doi:10.1137/16M1104974); Meyer, Musco, Musco and Woodruff 2021 (arXiv:2010.09649)',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: spectrumSchema,
  create: spectrum,
};
