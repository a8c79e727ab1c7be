import type { Plugin } from '@lowland/core';

import manifest from '../package.json' with { type: 'json' };
import { alternatingLeastSquaresDefinition } from './alternating/alternating-least-squares.ts';
import { geometries, gradientDescentDefinition, stepRules } from './gradient-descent/gradient-descent.ts';
import { perturbedGradientDescentDefinition } from './perturbed/perturbed-gradient-descent.ts';
import { lbfgsDefinition } from './quasi-newton/lbfgs.ts';
import { scaledGradientDescentDefinition } from './scaled/scaled-gradient-descent.ts';
import { trustRegionDefinition } from './trust-region/trust-region.ts';

/** The optimizers of this package, their step rules and their geometries. */
export const plugin: Plugin = {
  apiVersion: 1,
  name: '@lowland/optimizers',
  version: manifest.version,
  optimizers: [
    lbfgsDefinition,
    trustRegionDefinition,
    gradientDescentDefinition,
    perturbedGradientDescentDefinition,
    scaledGradientDescentDefinition,
    alternatingLeastSquaresDefinition,
  ],
  parts: [...stepRules, ...geometries],
};
