/**
 * Every objective of the catalogue at about a given number of variables, from the plugin's own generators.
 */
import { type Objective, type ObjectiveDefinition, parseOptions } from '@lowland/core';
import { fixedRank, onStiefel, plugin, symmetricFactorization } from '@lowland/objectives';

/** Options of the data and of the objective for n variables; objectives without an entry take `dimension: n`. */
const sizes: Readonly<Record<string, (n: number) => { readonly data?: object; readonly given?: object }>> = {
  'matrix-factorization': (n) => ({ data: { rows: n / 10, cols: n / 10, rank: 3, noise: 0.1 }, given: { rank: 5 } }),
  'matrix-completion': (n) => ({ data: { rows: n / 10, cols: n / 10, rank: 3, noise: 0.1, density: 0.6 }, given: { rank: 5, center: 'none' } }),
  'matrix-sensing': (n) => ({ data: { rows: n / 10, cols: n / 10, rank: 3 }, given: { rank: 5 } }),
  'linear-network': (n) => ({ data: { rows: n / 15, cols: n / 15, rank: 3 }, given: { depth: 3, width: 5 } }),
  'quadratic-network': (n) => ({ data: { inputs: n / 5, rank: 3 }, given: { rank: 5 } }),
  'generalized-eigenvalue': (n) => ({ data: { size: n / 3 }, given: { rank: 3 } }),
  'principal-components': (n) => ({ data: { size: n / 3, samples: n }, given: { rank: 3 } }),
  brockett: (n) => ({ data: { size: n / 3 }, given: { rank: 3 } }),
  'phase-retrieval': (n) => ({ data: { size: n / 2, complex: 1 } }),
  'population-phase-retrieval': (n) => ({ given: { size: n } }),
  'constrained-factorization': (n) => ({ data: { rows: n / 5, rank: 2, constraints: 20 }, given: { rank: 5 } }),
  'max-cut': (n) => ({ data: { size: n / 5 }, given: { rank: 5 } }),
  'orthogonal-cut': (n) => ({ data: { blocks: n / 10, noise: 0.1 }, given: { rank: 5 } }),
  'beta-family': () => ({}),
  ring: (n) => ({ given: { n: n / 3, rank: 3 } }),
  'weighted-two-by-two': () => ({}),
  'monkey-saddle': () => ({}),
};

/** n a multiple of 30. */
export function largeCatalogue(n: number, seed: number): readonly { readonly name: string; readonly objective: Objective<never> }[] {
  const made = plugin.objectives!.map((definition: ObjectiveDefinition<unknown>) => {
    const { id, generate } = definition;
    const { data = {}, given = {} } = sizes[id]?.(n) ?? { given: { dimension: n } };
    const planted = generate?.create(parseOptions(generate.options, data, id), seed);
    return { name: id, objective: definition.create(parseOptions(definition.options, given, id), planted?.data, planted?.truth) as Objective<never> };
  });
  const completion = made.find(({ name }) => name === 'matrix-completion')!.objective;
  const target = { rows: n / 5, cols: n / 5, values: Float64Array.from({ length: (n / 5) ** 2 }, (_, k) => Math.cos(Math.floor(k / (n / 5)) * (k % (n / 5)))) };
  return [...made, { name: 'on Stiefel', objective: onStiefel(symmetricFactorization({ target, rank: 5 })) as Objective<never> }, { name: 'fixed rank', objective: fixedRank(completion) as Objective<never> }];
}
