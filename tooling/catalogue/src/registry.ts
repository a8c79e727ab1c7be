import { createRegistry } from '@lowland/core';

import { builtins } from '../../../apps/cli/src/builtins.ts';

/** Everything that `lowland list` shows: what is registered there is in the matrix and has a page, without a word here. */
export const registry = createRegistry(await builtins());
