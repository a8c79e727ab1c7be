import type { Definition, Optimizer, Capability } from '@lowland/core';

/** A definition of an optimizer whose options are those of its maker in code. */
export type OptimizerDefinition<O, R extends Capability, U extends Capability = never> = Definition<O, Optimizer<R, U>>;

interface NamedPart {
  readonly id: string;
  readonly options: unknown;
}

/** Makes the part that `{ id, options }` names; the option's schema has checked that it is there. */
export function createPart<T>(definitions: readonly { readonly id: string; create(options: never): T }[], { id, options }: NamedPart): T {
  return definitions.find((definition) => definition.id === id)!.create(options as never);
}
