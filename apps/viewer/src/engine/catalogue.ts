import { type Definition, optionsOf, type Registry } from '@lowland/core';

import type { Catalogue, Entry } from './protocol.ts';

/** What a registry holds, as plain data for forms. */
export function catalogueOf(registry: Registry): Catalogue {
  const owner = new Map<object, string>();
  for (const plugin of registry.plugins) {
    for (const list of Object.values(plugin).filter(Array.isArray)) for (const definition of list as object[]) owner.set(definition, plugin.name);
  }
  const entry = (definition: Omit<Definition<unknown, unknown>, 'create'>): Entry => ({
    id: definition.id,
    summary: definition.summary,
    whenToUse: definition.whenToUse ?? null,
    formula: definition.formula ?? null,
    reference: definition.reference ?? null,
    plugin: owner.get(definition) ?? '',
    options: optionsOf(definition.options),
  });
  return {
    plugins: registry.plugins.map(({ name, version }) => ({ name, version })),
    objectives: registry.all('objectives').map((definition) => ({
      ...entry(definition),
      data: definition.data,
      generate: definition.generate === undefined ? null : optionsOf(definition.generate.options),
    })),
    optimizers: registry.all('optimizers').map(entry),
    initializers: registry.all('initializers').map(entry),
    backends: registry.all('backends').map(entry),
    analyses: registry.all('analyses').map(entry),
    trackers: registry.all('trackers').map(entry),
  };
}
