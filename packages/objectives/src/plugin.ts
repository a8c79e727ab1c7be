import type { Plugin } from '@lowland/core';

import manifest from '../package.json' with { type: 'json' };
import { constrainedFactorizationDefinition, maxCutDefinition, orthogonalCutDefinition } from './constrained/definition.ts';
import { brockettDefinition, generalizedEigenvalueDefinition, principalComponentsDefinition } from './eigenvalue/definition.ts';
import { linearNetworkDefinition } from './linear-network/definition.ts';
import { completionDefinition } from './matrix-completion/definition.ts';
import { factorizationDefinition } from './matrix-factorization/definition.ts';
import { sensingDefinition } from './matrix-sensing/definition.ts';
import { betaFamilyDefinition, ringDefinition, weightedTwoByTwoDefinition } from './matrix-sensing/instance-definitions.ts';
import { phaseRetrievalDefinition, populationDefinition } from './phase-retrieval/definition.ts';
import { quadraticNetworkDefinition } from './quadratic-network/definition.ts';
import { terrainDefinitions } from './terrains/definitions.ts';

/** All objectives, by name. */
export const plugin: Plugin = {
  apiVersion: 1,
  name: '@lowland/objectives',
  version: manifest.version,
  objectives: [factorizationDefinition, completionDefinition, sensingDefinition, linearNetworkDefinition, quadraticNetworkDefinition, generalizedEigenvalueDefinition, principalComponentsDefinition, phaseRetrievalDefinition, populationDefinition, constrainedFactorizationDefinition, maxCutDefinition, orthogonalCutDefinition, brockettDefinition, betaFamilyDefinition, ringDefinition, weightedTwoByTwoDefinition, ...terrainDefinitions],
};
