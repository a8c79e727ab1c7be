import { bind, type Backend, type Capability, type Objective, type Optimizer } from '@lowland/core';

import { usageError } from './command-line/flag.ts';
import { optionsOf } from './command-line/options.ts';
import type { Request } from './command-line/request.ts';

/** The variables in which a problem is solved: its factors, the matrix X itself, or singular triples of X. */
export const forms = ['factored', 'convex', 'fixed-rank'] as const;
export type Form = (typeof forms)[number];

/** The capability that leads to each form, and what that form alone offers. */
const ways = {
  convex: { through: 'convexForm', offers: ['proximal', 'spectral'] },
  'fixed-rank': { through: 'fixedRank', offers: ['geometry'] },
} as const satisfies Readonly<Record<Exclude<Form, 'factored'>, { readonly through: Capability; readonly offers: readonly Capability[] }>>;

/** The form that was asked for, else the one that offers what the optimizer requires where the problem itself is known not to. */
export function formOf({ values, objective: { provides = [] } }: Request, { requires }: Optimizer<Capability, Capability>): Form {
  const asked = values['form'] as Form | undefined;
  if (asked !== undefined) return asked;
  const lacking = requires.filter((name) => !provides.includes(name));
  const suits = ([, { through, offers }]: [string, (typeof ways)[keyof typeof ways]]): boolean =>
    provides.includes(through) && lacking.some((name) => (offers as readonly Capability[]).includes(name));
  return (Object.entries(ways).find(suits)?.[0] as Form | undefined) ?? 'factored';
}

/**
 * Where --rank goes over the matrix X itself, which has none: to an optimizer that keeps a rank of its own. Problems in factors are
 * then made with one column.
 */
export function convexRank({ values, optimizer, optimizerOptions, objective }: Request): { readonly objective: { rank?: number }; readonly optimizer: Request['optimizerOptions'] } {
  const rank = values['rank'] as number | 'auto' | undefined;
  const has = (definition: Pick<Request['objective'], 'options'>): boolean => optionsOf(definition.options).some(({ name }) => name === 'rank');
  if (rank === 'auto' || (rank !== undefined && !has(optimizer))) {
    throw usageError(`Over the matrix itself there is no rank to choose, and ${optimizer.id} keeps none; leave out --rank, or give --form factored.`);
  }
  const own = rank === undefined || 'rank' in optimizerOptions ? {} : { rank };
  return { objective: has(objective) ? { rank: 1 } : {}, optimizer: { ...optimizerOptions, ...own } };
}

/** The objective in another form. */
export async function inForm(objective: Objective<Capability>, form: Form, backend: Backend): Promise<Objective<Capability>> {
  if (form === 'factored') return objective;
  const { through } = ways[form];
  if (!(through in objective.routes)) {
    const why = objective.lacks?.[through];
    throw usageError(`The objective ${objective.id} has no ${form} form with these options${why === undefined ? '' : ` (${why})`}; leave out --form ${form}.`);
  }
  const binding = await bind<Capability, Capability>(objective, backend, [through]);
  try {
    return (binding.problem[through]).objective();
  } finally {
    binding[Symbol.dispose]();
  }
}
