/**
 * The columns of the matrix: every optimizer that is registered, one more for each part that can be chosen instead of its
 * default, and every initializer.
 */
import { type AnyInitializer, type AnyOptimizer, parseOptions, type Registry } from '@lowland/core';
import { lbfgs } from '@lowland/optimizers';

import { optionSchemas, partIds } from './schema.ts';

export interface Column {
  /** `gradient-descent`, `gradient-descent, geometry scaled`, `start spectral`. */
  readonly name: string;
  readonly kind: 'optimizer' | 'initializer';
  /** A method with smaller steps, `calm` = 0, 1, …: nobody knows before which step is small enough for a problem. */
  create(calm: number): { readonly optimizer: AnyOptimizer; readonly init?: AnyInitializer };
}

type Options = Readonly<Record<string, unknown>>;

export function columnsOf(registry: Registry): readonly Column[] {
  const optimizers = registry.all('optimizers').flatMap((definition) => {
    const { id, options } = definition;
    const schemas = optionSchemas(options);
    const column = (name: string, given: Options): Column => ({
      name,
      kind: 'optimizer',
      create(calm) {
        // A step that is not given is one of the method's own, unless it is too long.
        const own = calm > 0 && schemas['step']?.['type'] === 'number' && !('default' in schemas['step']) ? { step: 1 } : {};
        return { optimizer: definition.create(calmed(parseOptions(options, { ...own, ...given }, id), calm)) as AnyOptimizer };
      },
    });
    const parts = Object.entries(schemas).flatMap(([option, schema]) => partIds(schema).map((part) => [option, part] as const));
    return [column(id, {}), ...parts.map(([option, part]) => column(`${id}, ${option} ${part}`, { [option]: part }))];
  });
  const starts = registry.all('initializers').filter(({ id }) => !needFiles.includes(id)).map((definition): Column => {
    const init = definition.create(parseOptions(definition.options, {}, definition.id)) as AnyInitializer;
    return { name: `start ${definition.id}`, kind: 'initializer', create: () => ({ optimizer: lbfgs(), init }) };
  });
  return [...optimizers, ...starts];
}

/** Starts that are made of the files of a run before: the command line has their tests. */
export const needFiles: readonly string[] = ['from-file'];

/** From the name of an option to the factor on it that makes a method calmer. */
const calming: Readonly<Record<string, number>> = { step: 1 / 8, smoothness: 8, temperature: 1 / 64 };

function calmed<T>(options: T, calm: number): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  const entries = Object.entries(options).map(([name, value]: [string, unknown]) => {
    const factor = calming[name];
    return [name, factor !== undefined && typeof value === 'number' ? value * factor ** calm : calmed(value, calm)];
  });
  return Object.fromEntries(entries) as T;
}
