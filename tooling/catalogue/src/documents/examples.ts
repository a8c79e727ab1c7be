/** A command line that shows an entry at work. */
import { type DefinitionOf, type Kind, type ObjectiveDefinition, type Registry } from '@lowland/core';

import { optionSchemas, partIds } from '../composition/schema.ts';

export type Arguments = readonly string[];

/** What runs with what, by names in the matrix. */
export interface Fits {
  /** Objectives that run with an optimizer or from a start. */
  readonly objectives: (column: string) => readonly string[];
  /** Optimizers that run on an objective, a part beside them where only that one does: `gradient-descent, geometry own`. */
  readonly optimizers: (objective: string) => readonly string[];
}

/** Sizes of generated data, under the names that definitions use. */
const sizes: Readonly<Record<string, number>> = { rows: 40, cols: 30, size: 20, inputs: 10, samples: 200, rank: 2, density: 0.5, blocks: 10, constraints: 10 };

/** Problems to show methods at, the first that fits. */
const favourites = ['matrix-completion', 'matrix-factorization', 'phase-retrieval'];

/** Arguments of `lowland`; none where the command line does not lead to the entry. */
export function example(registry: Registry, kind: Kind, { id }: DefinitionOf<Kind>, fits: Fits): Arguments | undefined {
  const solve = (objective: string, ...more: Arguments): Arguments => ['solve', ...problem(registry.find('objectives', objective)), ...more];
  const at = (column: string, ...more: Arguments): Arguments | undefined => {
    const fitting = fits.objectives(column).filter((name) => registry.all('objectives').some((each) => each.id === name));
    const chosen = favourites.find((name) => fitting.includes(name)) ?? fitting[0];
    return chosen === undefined ? undefined : solve(chosen, ...more);
  };
  switch (kind) {
    case 'objectives': {
      const fitting = fits.optimizers(id);
      if (fitting.length === 0 || fitting.includes('lbfgs')) return solve(id);
      const [optimizer, ...part] = fitting[0]!.split(/, | /);
      return solve(id, '--optimizer', optimizer!, ...(part.length === 0 ? [] : [`--${part[0]!}`, part[1]!]));
    }
    case 'optimizers':
      return at(id, '--optimizer', id);
    case 'initializers':
      return at(`start ${id}`, '--init', id);
    case 'backends':
      return solve(favourites[1]!, '--backend', id);
    case 'parts': {
      for (const optimizer of registry.all('optimizers')) {
        for (const [option, schema] of Object.entries(optionSchemas(optimizer.options))) {
          const others = partIds(schema);
          const isDefault = ((schema['default'] ?? {}) as { id?: string }).id === id;
          if (others.includes(id) || isDefault) return at(isDefault ? optimizer.id : `${optimizer.id}, ${option} ${id}`, '--optimizer', optimizer.id, `--${option}`, id);
        }
      }
      return undefined;
    }
    // `solve` judges what it reached by itself; trackers are for code.
    case 'analyses':
    case 'trackers':
      return undefined;
  }
}

/** The objective with data that it generates, and a rank where it must have one. */
function problem({ id, generate, options }: ObjectiveDefinition<unknown>): Arguments {
  const schemas = generate === undefined ? {} : optionSchemas(generate.options);
  const own = optionSchemas(options);
  // What the objective is asked for too keeps its default, but for the rank.
  const settings = Object.entries(sizes).flatMap(([name, size]) => (name in schemas && (name === 'rank' || !(name in own)) ? [`${name}=${String(size)}`] : []));
  const rank = own['rank'];
  return [id, ...(settings.length === 0 ? [] : ['--generate', settings.join(',')]), ...(rank !== undefined && !('default' in rank) ? ['--rank', '2'] : [])];
}
