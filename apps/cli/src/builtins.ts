import type { Plugin } from '@lowland/core';

import { version } from './version.ts';

/** The plugins that come with the command line. Loaded when asked for, so that `--help` and errors take no time. */
export async function builtins(): Promise<readonly Plugin[]> {
  const [{ cpuDefinition }, { fromFileDefinition }, { solutionDistanceDefinition }, objectives, optimizers, landscape] = await Promise.all([
    import('./cpu.ts'),
    import('./initial/from-file.ts'),
    import('./trackers/solution-distance.ts'),
    import('@lowland/objectives'),
    import('@lowland/optimizers'),
    import('@lowland/landscape'),
  ]);
  const own: Plugin = { apiVersion: 1, name: 'lowland', version: version(), backends: [cpuDefinition], initializers: [fromFileDefinition], trackers: [solutionDistanceDefinition] };
  const optional = await Promise.all([installed('@lowland/blas', () => import('@lowland/blas')), installed('@lowland/webgpu', () => import('@lowland/webgpu'))]);
  return [own, objectives.plugin, optimizers.plugin, landscape.plugin, ...optional.flat()];
}

/** A backend of a package that is an optional dependency, where it is installed. Without it nothing is said, and there is no such backend. */
export async function installed(name: string, load: () => Promise<{ readonly plugin: Plugin }>): Promise<readonly Plugin[]> {
  try {
    return [(await load()).plugin];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(name)) return [];
    throw error;
  }
}
