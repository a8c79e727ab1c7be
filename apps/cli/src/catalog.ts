import { createRegistry, kinds, type Registry } from '@lowland/core';

import { builtins } from './builtins.ts';
import { loadPlugin } from './plugins.ts';

/**
 * Everything that can be named: the definitions of the built-in plugins and of those that are asked for by path or by
 * package name, looked for from `folder` on.
 */
export async function loadCatalog(pluginNames: readonly string[], folder: string): Promise<Registry> {
  const plugins = [...(await builtins())];
  for (const name of pluginNames) plugins.push(await loadPlugin(name, folder));
  return createRegistry(plugins);
}

/** The plugins that some definitions come from, with their versions: what a result must be repeated with. */
export function versionsOf({ plugins }: Registry, definitions: readonly unknown[]): Readonly<Record<string, string>> {
  const from = plugins.filter((plugin) => kinds.some((kind) => plugin[kind]?.some((definition: unknown) => definitions.includes(definition))));
  return Object.fromEntries(from.map(({ name, version }) => [name, version]));
}
