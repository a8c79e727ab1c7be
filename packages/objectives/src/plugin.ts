import type { Plugin } from '@lowland/core';

import { completionDefinition } from './matrix-completion/definition.ts';
import { factorizationDefinition } from './matrix-factorization/definition.ts';
import { sensingDefinition } from './matrix-sensing/definition.ts';

/** Matrix factorization, completion and sensing, by name. */
export const plugin: Plugin = {
  apiVersion: 1,
  name: '@lowland/objectives',
  version: '0.0.0',
  objectives: [factorizationDefinition, completionDefinition, sensingDefinition],
};
