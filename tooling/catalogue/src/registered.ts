import { createRegistry } from '@lowland/core';
import { cpu } from '@lowland/linalg';

import { builtins } from '../../../apps/cli/src/builtins.ts';
import { compose } from './composition/matrix.ts';

/** Everything that `lowland list` shows: what is registered there is in the matrix and has a page, without a word here. */
export const registry = createRegistry(await builtins());

/** All of it, composed and run. */
export const matrix = await compose(registry, cpu());
