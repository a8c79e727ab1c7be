import { integer, number, options, type Definition, type Infer, type Plugin } from '@lowland/core';

import manifest from '../package.json' with { type: 'json' };
import { basinsDefinition } from './basins/definition.ts';
import { certifyDefinition } from './certify.ts';
import { censusDefinition } from './census/definition.ts';
import { classify } from './classify/classify.ts';
import { betweenDefinition, connectDefinition } from './connections/definition.ts';
import { escapeTimesDefinition, exitTimesDefinition, recurrenceDefinition } from './dynamics/definitions.ts';
import { nullityDefinition } from './groups/nullity-report.ts';
import { allStationaryPointsDefinition } from './homotopy/definition.ts';
import { isotropyDefinition } from './isotropy/definition.ts';
import { ripDefinition } from './isometry/definition.ts';
import { escapesDefinition } from './escapes.ts';
import { regionsDefinition } from './regions/definition.ts';
import { dualBoundDefinition } from './semidefinite-bound.ts';
import { sliceDefinition } from './slice/definition.ts';
import { spectrumDefinition } from './spectrum/definition.ts';
import { trackerDefinitions } from './trackers/definitions.ts';

const classifyOptions = options({
  gradientTolerance: number({ above: 0, default: 1e-6, summary: 'Stationary means |∇f| at most this part of its scale.' }),
  denseVariables: integer({ min: 0, default: 1500, summary: 'Up to so many variables the Hessian is formed and its inertia proved.' }),
  spectrumVariables: integer({ min: 0, default: 300, summary: 'Up to so many variables the whole spectrum is computed.' }),
  lanczosSteps: integer({ min: 1, default: 200, summary: 'Hessian-vector products for its extremes, at most.' }),
});

const classifyDefinition: Definition<Infer<typeof classifyOptions>, ReturnType<typeof classify>> = {
  apiVersion: 1,
  id: 'classify',
  summary: 'What kind of stationary point this is, with the directions of the symmetry group set aside.',
  whenToUse: 'To tell minima from saddles, degenerate points and points where a run merely stopped.',
  formula: 'not stationary: |∇f| > tolerance·g₀;  strict saddle: vᵀHv <= −max(1e-8·‖H‖, √(ρ|∇f|));  second-order point: λ_min proved above that',
  reference: 'Nesterov and Polyak 2006 (doi:10.1007/s10107-006-0706-8); Li, Lu, Arora, Haupt, Liu, Wang, Zhao 2019 (arXiv:1612.09296)',
  requires: ['value', 'gradient', 'hessianVectorProduct'],
  options: classifyOptions,
  create: classify,
};

/** The analyses and trackers of this package. */
export const plugin: Plugin = {
  apiVersion: 1,
  name: '@lowland/landscape',
  version: manifest.version,
  analyses: [certifyDefinition, classifyDefinition, allStationaryPointsDefinition, censusDefinition, connectDefinition, dualBoundDefinition, escapesDefinition, basinsDefinition, betweenDefinition, nullityDefinition, isotropyDefinition, escapeTimesDefinition, exitTimesDefinition, recurrenceDefinition, regionsDefinition, ripDefinition, sliceDefinition, spectrumDefinition],
  trackers: trackerDefinitions,
};
