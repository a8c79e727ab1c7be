/**
 * When a run stops. Rules are values: they name what they look at, keep their memory outside, and combine.
 *
 * A number that was not looked at is NaN; a rule then keeps its memory and does not fire. The driver relies on it: between
 * observations it asks with NaN, so that budgets are kept to the iteration.
 */
import type { GradientTolerance, Observation, StopReason, StopRule } from './run.ts';

type Verdict = ReturnType<StopRule['check']>;

/** |grad f(x)| <= tolerance |grad f(x_0)|: stops as `converged`. Relative, since an absolute number means nothing for data of unknown scale. */
export function gradientTolerance(tolerance = 1e-8): StopRule {
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
  const fired: Verdict = { reason: 'converged', rule: 'value-below' };
  return { needs: ['value'], memory: [], check: ({ value }) => (value <= bound ? fired : undefined) };
}

/**
 * The value has not fallen by more than `relative` times its size for `window` observations in a row: stops as `stalled`.
 * Defaults: relative 1e-12, window 10. Memory: the value last counted as a fall, and the observations since.
 */
export function valueStalled({ relative = 1e-12, window = 10 }: { relative?: number; window?: number } = {}): StopRule {
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
  const fired: Verdict = { reason: 'budget', rule: 'max-iterations' };
  return { needs: [], memory: [], check: ({ iteration }) => (iteration >= n ? fired : undefined) };
}

/** Stops as `budget` after so many seconds, those before a resume included. Not reproducible, by its nature. */
export function maxSeconds(limit: number): StopRule {
  const fired: Verdict = { reason: 'budget', rule: 'max-seconds' };
  return { needs: ['seconds'], memory: [], check: ({ seconds }) => (seconds >= limit ? fired : undefined) };
}

/** Stops when any of the rules does; the first that fires gives the reason. */
export function anyOf(...rules: readonly StopRule[]): StopRule {
  return combine(rules, (verdicts) => verdicts.find((verdict) => verdict !== undefined));
}

/** Stops when all of the rules do at one observation. `converged` if all say so, else the first other reason. */
export function allOf(...rules: readonly StopRule[]): StopRule {
  return combine(rules, (verdicts) => {
    if (verdicts.length === 0 || verdicts.includes(undefined)) return undefined;
    const fired = verdicts as readonly NonNullable<Verdict>[];
    const reason: StopReason = (fired.find((verdict) => verdict.reason !== 'converged') ?? fired[0]!).reason;
    return { reason, rule: fired.map((verdict) => verdict.rule).join(' and ') };
  });
}

/** Asks every rule, so that each keeps its memory up to date; their memories lie one behind the other. */
function combine(rules: readonly StopRule[], decide: (verdicts: readonly Verdict[]) => Verdict): StopRule {
  const memory = rules.flatMap((rule) => rule.memory);
  const gradientTolerances: GradientTolerance[] = rules.flatMap((rule) => rule.gradientTolerances ?? []);
  const verdicts: Verdict[] = rules.map(() => undefined);
  return {
    needs: [...new Set(rules.flatMap((rule) => rule.needs))],
    ...(gradientTolerances.length > 0 && { gradientTolerances }),
    memory,
    check(observation: Observation, all: number[]) {
      let offset = 0;
      for (let i = 0; i < rules.length; i++) {
        const rule = rules[i]!;
        const length = rule.memory.length;
        verdicts[i] = length === 0 || length === all.length ? rule.check(observation, all) : checkPart(rule, observation, all, offset);
        offset += length;
      }
      return decide(verdicts);
    },
  };
}

/** A rule whose memory is a part of a longer one. */
function checkPart(rule: StopRule, observation: Observation, all: number[], offset: number): Verdict {
  const own = all.slice(offset, offset + rule.memory.length);
  const verdict = rule.check(observation, own);
  for (let i = 0; i < own.length; i++) all[offset + i] = own[i]!;
  return verdict;
}
