/**
 * When a run stops. Rules are values: they name what they look at, keep their memory outside, and combine.
 *
 * A number that was not looked at is NaN; a rule then keeps its memory and does not fire. The driver relies on it: between
 * observations it asks with NaN, so that budgets are kept to the iteration.
 *
 * Makers throw LOWLAND_E_OPTIONS for a bound that is NaN, and for negative tolerances.
 */
import { LowlandError } from './errors.ts';
import type { Observation, StopRule } from './run.ts';

type Verdict = ReturnType<StopRule['check']>;

/** A bound that is NaN would never be met, and the run never end. */
function required(name: string, given: number, least = Number.NEGATIVE_INFINITY): void {
  if (given >= least) return;
  throw new LowlandError('LOWLAND_E_OPTIONS', `${name} is a number${least === Number.NEGATIVE_INFINITY ? '' : ` from ${String(least)}`}; ${String(given)} was given.`);
}

/** |grad f(x)| <= tolerance |grad f(x_0)|: stops as `converged`. Relative, since an absolute number means nothing for data of unknown scale. */
export function gradientTolerance(tolerance = 1e-8): StopRule {
  required('A gradient tolerance', tolerance, 0);
  const fired: Verdict = { reason: 'converged', rule: 'gradient-tolerance' };
  return {
    needs: ['gradientNorm'],
    gradientTolerances: [{ value: tolerance, relative: true }],
    memory: [Number.NaN],
    check({ gradientNorm }, memory) {
      if (Number.isNaN(memory[0])) memory[0] = gradientNorm;
      return gradientNorm <= tolerance * memory[0]! ? fired : undefined;
    },
  };
}

/** |grad f(x)| <= tolerance, absolute: stops as `converged`. */
export function gradientNorm(tolerance: number): StopRule {
  required('A gradient tolerance', tolerance, 0);
  const fired: Verdict = { reason: 'converged', rule: 'gradient-norm' };
  return {
    needs: ['gradientNorm'],
    gradientTolerances: [{ value: tolerance, relative: false }],
    memory: [],
    check: (observation) => (observation.gradientNorm <= tolerance ? fired : undefined),
  };
}

/** f(x) <= bound: stops as `converged`. */
export function valueBelow(bound: number): StopRule {
  required('The bound of a value', bound);
  const fired: Verdict = { reason: 'converged', rule: 'value-below' };
  return { needs: ['value'], memory: [], check: ({ value }) => (value <= bound ? fired : undefined) };
}

/**
 * The value has not fallen by more than `relative` times its size for `window` observations in a row: stops as `stalled`.
 * Defaults: relative 1e-12, window 10. Memory: the value last counted as a fall, and the observations since.
 */
export function valueStalled({ relative = 1e-12, window = 10 }: { relative?: number; window?: number } = {}): StopRule {
  required('The relative fall', relative, 0);
  required('The window', window, 1);
  const fired: Verdict = { reason: 'stalled', rule: 'value-stalled' };
  return {
    needs: ['value'],
    memory: [Number.POSITIVE_INFINITY, 0],
    check({ value }, memory) {
      if (Number.isNaN(value)) return undefined;
      const [reference, since] = memory as [number, number];
      const fell = reference === Number.POSITIVE_INFINITY || value < reference - relative * Math.abs(reference);
      if (fell) memory[0] = value;
      memory[1] = fell ? 0 : since + 1;
      return memory[1] >= window ? fired : undefined;
    },
  };
}

/** Stops as `budget` after n iterations (counted from the start of the run, also after a resume). */
export function maxIterations(n: number): StopRule {
  required('The most iterations', n);
  const fired: Verdict = { reason: 'budget', rule: 'max-iterations' };
  return { needs: [], memory: [], check: ({ iteration }) => (iteration >= n ? fired : undefined) };
}

/** Stops as `budget` after so many seconds, those before a resume included. Not reproducible, by its nature. */
export function maxSeconds(limit: number): StopRule {
  required('The most seconds', limit);
  const fired: Verdict = { reason: 'budget', rule: 'max-seconds' };
  return { needs: ['seconds'], memory: [], check: ({ seconds }) => (seconds >= limit ? fired : undefined) };
}

/** Stops when any of the rules does; the first that fires gives the reason. */
export function anyOf(...rules: readonly StopRule[]): StopRule {
  return {
    ...together(rules),
    check(observation, memory) {
      let first: Verdict;
      let offset = 0;
      for (const rule of rules) {
        // all are asked, so that each keeps its memory up to date
        const verdict = ask(rule, observation, memory, offset);
        first ??= verdict;
        offset += rule.memory.length;
      }
      return first;
    },
  };
}

/** Stops when all of the rules do at one observation. `converged` if all say so, else the first other reason. */
export function allOf(...rules: readonly StopRule[]): StopRule {
  return {
    ...together(rules),
    check(observation, memory) {
      const fired: NonNullable<Verdict>[] = [];
      let offset = 0;
      for (const rule of rules) {
        const verdict = ask(rule, observation, memory, offset);
        if (verdict !== undefined) fired.push(verdict);
        offset += rule.memory.length;
      }
      if (fired.length < rules.length || fired[0] === undefined) return undefined;
      const { reason } = fired.find((verdict) => verdict.reason !== 'converged') ?? fired[0];
      return { reason, rule: fired.map((verdict) => verdict.rule).join(' and ') };
    },
  };
}

/** What several rules need; their memories lie one behind the other. */
function together(rules: readonly StopRule[]): Omit<StopRule, 'check'> {
  const gradientTolerances = rules.flatMap((rule) => rule.gradientTolerances ?? []);
  return {
    needs: [...new Set(rules.flatMap((rule) => rule.needs))],
    ...(gradientTolerances.length > 0 && { gradientTolerances }),
    memory: rules.flatMap((rule) => rule.memory),
  };
}

/** Asks a rule whose memory is the part of `all` from `offset`. */
function ask(rule: StopRule, observation: Observation, all: number[], offset: number): Verdict {
  const { length } = rule.memory;
  if (length === 0 || length === all.length) return rule.check(observation, all);
  const own = all.slice(offset, offset + length);
  const verdict = rule.check(observation, own);
  for (let i = 0; i < length; i++) all[offset + i] = own[i]!;
  return verdict;
}
