import { type Definition, type Infer, integer, options } from '@lowland/core';

import { allStationaryPoints } from './all-stationary-points.ts';

const allOptions = options({
  paths: integer({ min: 1, default: 2000, summary: 'Paths at most: (2 L - 1)^n of them are followed for residuals of degree L in n variables.' }),
  attempts: integer({ min: 1, default: 4, summary: 'Times that all paths are followed while solutions are missing.' }),
});

export const allStationaryPointsDefinition: Definition<Infer<typeof allOptions>, ReturnType<typeof allStationaryPoints>> = {
  apiVersion: 1,
  id: 'all-stationary-points',
  summary: 'Every stationary point of a small polynomial objective, proved complete by the Bézout number.',
  formula: '(1 - t) c (x_i^d - 1) + t df/dx_i = 0, t from 0 to 1',
  whenToUse: 'For problems of a few variables, to have the whole list: to teach, to find counterexamples, to check a census.',
  reference: 'Sommese and Wampler 2005; Krawczyk 1969',
  requires: ['value', 'gradient', 'hessianVectorProduct', 'residual'],
  options: allOptions,
  create: allStationaryPoints,
};
