import type { Plugin } from '@lowland/core';

/** The plugins that come with the command line. */
export async function builtins(): Promise<readonly Plugin[]> {
  const [linalg, objectives, optimizers, landscape] = await Promise.all([
    import('@lowland/linalg'),
    import('@lowland/objectives'),
    import('@lowland/optimizers'),
    import('@lowland/landscape'),
  ]);
  return [linalg.plugin, objectives.plugin, optimizers.plugin, landscape.plugin];
}
