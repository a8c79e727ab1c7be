import type { Composition } from '../model/composition.ts';
import type { Drag } from '../model/scene.ts';

/** Where in a composition a number stands, such as ['objective', 'options', 'a'] or ['methods', 0, 'options', 'step', 'options', 'step']. */
export type Path = readonly (string | number)[];

type Tree = Readonly<Record<string | number, unknown>>;

/** A slider for a number of the composition, with several paths for all of them. It reads NaN where a person has composed the number away. */
export function drag(label: string, paths: readonly [Path, ...Path[]], range: { readonly min: number; readonly max: number; readonly step: number; readonly logarithmic?: boolean }): Drag {
  return {
    label,
    ...range,
    read: (composition) => {
      const found = paths[0].reduce<unknown>((tree, name) => (tree as Tree | undefined)?.[name], composition);
      return typeof found === 'number' ? found : NaN;
    },
    write: (composition, value) => paths.reduce<Composition>((tree, path) => written(tree, path, value) as Composition, composition),
  };
}

/** A copy with another value at the end of the path. */
function written(tree: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(tree)) return tree.map((entry: unknown, k) => (k === name ? written(entry, rest, value) : entry));
  return { ...(tree as Tree), [name]: written((tree as Tree)[name], rest, value) };
}
