/**
 * What an objective knows of itself before it is bound. Types tell which capabilities there are; facts hang on the numbers given,
 * and so `plan` alone can tell that a method misses one.
 */
import type { AnyObjective, AnyOptimizer } from './any.ts';
import type { Capability, Problem } from './capability.ts';
import type { ErrorCode } from './errors.ts';
import type { Refusal } from './run.ts';

/**
 * - `optimum`: `truth` states the least value
 * - `penalty`: `lift` has a positive penalty
 * - `GL(r)`: `symmetry` is all of GL(r), so that f is a function of the product of its factors
 */
export type Fact = 'optimum' | 'penalty' | 'GL(r)';

interface Meaning {
  readonly code: ErrorCode;
  /** What is meant, and how an objective misses it. */
  readonly words: readonly [what: string, missed: string];
  readonly remedy: string;
  /** Whether a bound problem shows it. */
  holds(problem: Partial<Problem<Capability>>): boolean;
}

export const factMeanings: Readonly<Record<Fact, Meaning>> = {
  optimum: {
    code: 'LOWLAND_E_OPTIMUM',
    words: ['the least value', 'does not know'],
    remedy: 'Give it as an option of the method',
    holds: ({ truth }) => Number.isFinite(truth?.optimum),
  },
  penalty: {
    code: 'LOWLAND_E_PENALTY',
    words: ['a positive weight of the nuclear norm or the trace', 'does not have'],
    remedy: 'Give the objective one',
    holds: ({ lift }) => lift !== undefined && lift.penalty > 0,
  },
  'GL(r)': {
    code: 'LOWLAND_E_SYMMETRY',
    words: ['a function of the product of the factors alone', 'is not'],
    remedy: 'Leave out penalties on the factors and the balancing term (balance 0)',
    holds: ({ symmetry }) => /^GL\(\d+\)$/.test(symmetry?.group ?? ''),
  },
};

/** One refusal for each fact that the method needs and the objective does not state. */
export function missingFacts({ id, facts = [] }: AnyObjective, { id: method, needs = [] }: AnyOptimizer): readonly Refusal[] {
  return needs.filter((fact) => !facts.includes(fact)).map((fact) => {
    const { code, words: [what, missed], remedy } = factMeanings[fact];
    return { code, message: `Optimizer "${method}" needs ${fact}, ${what}, which objective "${id}" ${missed}. ${remedy}, or choose another optimizer.` };
  });
}
