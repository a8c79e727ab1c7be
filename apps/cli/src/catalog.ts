import type { Backend, Definition, ObjectiveDefinition, Optimizer, Plugin } from '@lowland/core';

import { usageError } from './command-line/flag.ts';
import { builtins } from './builtins.ts';
import { loadPlugin } from './plugins.ts';
import { didYouMean } from './suggest.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- definitions of every option type, found by name */
export type AnyDefinition = Definition<any, unknown> | ObjectiveDefinition<any>;

/** Kinds of definition, by their key in a plugin. */
export const kinds = ['objectives', 'optimizers', 'backends', 'analyses', 'parts', 'trackers'] as const;
export type Kind = (typeof kinds)[number];

/** Everything that can be named: the definitions of the built-in plugins and of those that were asked for. */
export interface Catalog {
  readonly objectives: readonly ObjectiveDefinition<any>[];
  all(kind: Kind): readonly AnyDefinition[];
  /** @throws LOWLAND_E_USAGE with the nearest known name. */
  objective(id: string): ObjectiveDefinition<any>;
  optimizer(id: string): Definition<any, Optimizer<any, any>>;
  backend(id: string): Definition<any, Backend>;
}
/* eslint-enable @typescript-eslint/no-explicit-any */

/** @throws LOWLAND_E_PLUGIN when a plugin cannot be loaded or brings a name that is taken. */
export async function loadCatalog(pluginNames: readonly string[], folder: string): Promise<Catalog> {
  const plugins: Plugin[] = [...(await builtins())];
  for (const name of pluginNames) plugins.push(await loadPlugin(name, folder));
  const all = (kind: Kind): AnyDefinition[] => plugins.flatMap((plugin) => (plugin[kind] ?? []) as readonly AnyDefinition[]);
  for (const kind of kinds) refuseDuplicates(kind, plugins);
  const find = (kind: Kind, id: string): AnyDefinition => {
    const definitions = all(kind);
    const found = definitions.find((definition) => definition.id === id);
    if (found !== undefined) return found;
    const ids = definitions.map((definition) => definition.id);
    throw usageError(`There is no ${singular[kind]} "${id}"; there are ${ids.join(', ')}.${didYouMean(id, ids)}`);
  };
  return {
    objectives: all('objectives') as Catalog['objectives'],
    all,
    objective: (id) => find('objectives', id) as ReturnType<Catalog['objective']>,
    optimizer: (id) => find('optimizers', id) as ReturnType<Catalog['optimizer']>,
    backend: (id) => find('backends', id) as ReturnType<Catalog['backend']>,
  };
}

export const singular: Readonly<Record<Kind, string>> = {
  objectives: 'objective',
  optimizers: 'optimizer',
  backends: 'backend',
  analyses: 'analysis',
  parts: 'part',
  trackers: 'tracker',
};

function refuseDuplicates(kind: Kind, plugins: readonly Plugin[]): void {
  const owner = new Map<string, string>();
  for (const plugin of plugins) {
    for (const { id } of plugin[kind] ?? []) {
      const other = owner.get(id);
      if (other !== undefined) throw usageError(`The plugins "${other}" and "${plugin.name}" both bring the ${singular[kind]} "${id}"; leave one of them out.`);
      owner.set(id, plugin.name);
    }
  }
}
