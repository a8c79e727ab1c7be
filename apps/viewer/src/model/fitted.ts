/** Values of options that no field of their kind could hold, as an address that was typed may have, are left out: the default is in their place. */
import type { OptionInfo } from '@lowland/core';

import type { Catalogue } from '../engine/protocol.ts';
import type { Chosen, Composition, Options } from './composition.ts';

export interface Fitted {
  readonly composition: Composition;
  /** `objective.rank (NaN)`: what was left out, as addresses name it. */
  readonly refused: readonly string[];
}

/** What the catalogue does not know is left as it is: planning says why it cannot be. */
export function fitted(composition: Composition, catalogue: Catalogue): Fitted {
  const refused: string[] = [];
  const chosen = (path: string, entries: readonly { readonly id: string; readonly options: readonly OptionInfo[] }[], given: Chosen): Chosen => {
    const entry = entries.find(({ id }) => id === given.id);
    return entry === undefined ? given : { ...given, options: fit(path, entry.options, given.options, refused) };
  };
  const { objective, generate, init, backend, methods } = composition;
  const infos = catalogue.objectives.find(({ id }) => id === objective.id)?.generate ?? [];
  const next: Composition = {
    ...composition,
    objective: chosen('objective', catalogue.objectives, objective),
    generate: fit('generate', infos, generate, refused),
    init: init && chosen('init', catalogue.initializers, init),
    backend: chosen('backend', catalogue.backends, backend),
    methods: methods.map((method, k) => chosen(`method${k + 1}`, catalogue.optimizers, method)),
  };
  return refused.length === 0 ? { composition, refused } : { composition: next, refused };
}

function fit(path: string, infos: readonly OptionInfo[], values: Options, refused: string[]): Options {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
    const info = infos.find((each) => each.name === name);
    if (info === undefined) return [[name, value]];
    const part = isChosen(value) ? info.parts?.find(({ id }) => id === value.id) : undefined;
    if (part !== undefined) return [[name, { ...(value as Chosen), options: fit(`${path}.${name}`, part.options, (value as Chosen).options, refused) }]];
    if (isOf(info.kind, value)) return [[name, value]];
    refused.push(`${path}.${name} (${typeof value === 'string' ? value : JSON.stringify(value)})`);
    return [];
  }));
}

const isChosen = (value: unknown): value is Chosen => typeof value === 'object' && value !== null && 'id' in value && 'options' in value && typeof value.options === 'object' && value.options !== null;

/** Whether a field can show it; what its bounds are, and all else, the schema says. */
function isOf(kind: OptionInfo['kind'], value: unknown): boolean {
  switch (kind) {
    case 'number':
    case 'integer':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return true;
  }
}
