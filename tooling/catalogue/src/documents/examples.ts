/** A command line that shows an entry at work. */
import type { Capability, DefinitionOf, Kind, ObjectiveDefinition, Registry } from '@lowland/core';

import { commands } from '../../../../apps/cli/src/main.ts';
import { optionSchemas, partIds } from '../composition/schema.ts';

export type Arguments = readonly string[];

/** What runs with what, by names in the matrix. */
export interface Fits {
  /** Problems that run with an optimizer or from a start: objectives, and forms of them as `convexForm(matrix-completion)`. */
  readonly objectives: (column: string) => readonly string[];
  /** Optimizers that run on an objective, a part beside them where only that one does: `gradient-descent, geometry own`. */
  readonly optimizers: (objective: string) => readonly string[];
}

/** Sizes of generated data, under the names that definitions use. */
const sizes: Readonly<Record<string, number>> = { rows: 40, cols: 30, size: 20, inputs: 10, samples: 200, rank: 2, density: 0.5, blocks: 10, constraints: 10 };

/** Problems to show methods at, the first that fits. */
const favourites = ['matrix-completion', 'matrix-factorization', 'phase-retrieval'];

/** Problems of a few variables, for analyses that look at all of a terrain; others are shown at a factorization. */
const shownAt: Readonly<Record<string, string>> = { 'all-stationary-points': 'beta-family', census: 'beta-family', connect: 'beta-family', 'exit-times': 'double-well', 'escape-times': 'double-well', recurrence: 'double-well', isotropy: 'ring', rip: 'beta-family', 'dual-bound': 'max-cut', escapes: 'ring' };

/** What analyses and trackers are not run without. */
const asked: Readonly<Record<string, Arguments>> = { between: ['--to', '1'], 'two-phase': ['--balance', '0'] };

/** Arguments of `lowland`; none where the command line does not lead to the entry. */
export function example(registry: Registry, kind: Kind, definition: DefinitionOf<Kind>, fits: Fits): Arguments | undefined {
  const { id } = definition;
  const problem = (objective: string): Arguments => problemOf(registry.find('objectives', objective));
  switch (kind) {
    case 'objectives': {
      const fitting = fits.optimizers(id);
      if (fitting.length === 0 || fitting.includes('lbfgs')) return ['solve', ...problem(id)];
      const [optimizer, ...part] = fitting[0]!.split(/, | /);
      return ['solve', ...problem(id), '--optimizer', optimizer!, ...(part.length === 0 ? [] : [`--${part[0]!}`, part[1]!])];
    }
    case 'optimizers':
      return at(id, '--optimizer', id);
    case 'initializers':
      return at(`start ${id}`, '--init', id);
    case 'backends':
      return ['solve', ...problem('matrix-factorization'), '--backend', id];
    case 'parts':
      return ofPart();
    // where the command line has it, an analysis is a command of its own
    case 'analyses':
      return commands.every(({ name }) => name !== id) ? undefined : [id, ...problem(shownAt[id] ?? 'matrix-factorization'), ...(asked[id] ?? [])];
    case 'trackers': {
      // what it would read is not there
      if ('path' in optionSchemas(definition.options)) return undefined;
      const provides = ({ provides: own = [] }: ObjectiveDefinition<unknown>): boolean => (definition.requires ?? []).every((name: Capability) => own.includes(name));
      const objective = ['matrix-factorization', ...registry.all('objectives').map((each) => each.id)].find((each) => provides(registry.find('objectives', each)));
      return objective === undefined ? undefined : ['solve', ...problem(objective), ...(asked[id] ?? []), '--track', id];
    }
  }

  /** A run of a column of the matrix on a favourite problem, in its own form rather than in another. */
  function at(column: string, ...more: Arguments): Arguments | undefined {
    const fitting = fits.objectives(column);
    const known = fitting.filter((name) => !name.includes('('));
    const name = [...favourites, ...known].find((each) => known.includes(each));
    if (name !== undefined) return ['solve', ...problem(name), ...more];
    const [, form, objective] = favourites.map((each) => /^(\w+)\((.*)\)$/.exec(fitting.find((row) => row.endsWith(`(${each})`)) ?? '')).find((match) => match !== null) ?? [];
    if (objective === undefined) return undefined;
    return ['solve', ...problem(objective).slice(0, form === 'convexForm' ? 3 : undefined), ...(form === 'convexForm' ? ofConvexForm() : []), ...more];
  }

  /** Over X itself there is no rank, unless the method has one; those that split off a penalty, and cut no singular values themselves, want it positive. */
  function ofConvexForm(): Arguments {
    if ('rank' in optionSchemas(definition.options)) return ['--rank', '2'];
    const { requires = [] } = definition;
    return requires.includes('proximal') && !requires.includes('spectral') ? ['--lambda', '1'] : [];
  }

  function ofPart(): Arguments | undefined {
    for (const optimizer of registry.all('optimizers')) {
      for (const [option, schema] of Object.entries(optionSchemas(optimizer.options))) {
        const isDefault = ((schema['default'] ?? {}) as { id?: string }).id === id;
        if (!isDefault && !partIds(schema).includes(id)) continue;
        const column = isDefault ? optimizer.id : `${optimizer.id}, ${option} ${id}`;
        if (fits.objectives(column).length > 0) return at(column, '--optimizer', optimizer.id, `--${option}`, id);
      }
    }
    return undefined;
  }
}

/** The objective with data that it generates, and a rank where it must have one. */
function problemOf({ id, generate, options }: ObjectiveDefinition<unknown>): Arguments {
  const schemas = generate === undefined ? {} : optionSchemas(generate.options);
  const own = optionSchemas(options);
  // What the objective is asked for too keeps its default, but for the rank.
  const settings = Object.entries(sizes).flatMap(([name, size]) => (name in schemas && (name === 'rank' || !(name in own)) ? [`${name}=${String(size)}`] : []));
  const needsRank = own['rank'] !== undefined && !('default' in own['rank']);
  return [id, ...(settings.length === 0 ? [] : ['--generate', settings.join(',')]), ...(needsRank ? ['--rank', '2'] : [])];
}
