import { describe, expect, it } from 'vitest';
import { allOf, anyOf, gradientNorm, gradientTolerance, maxIterations, maxSeconds, valueBelow, valueStalled, type Observation, type StopRule } from './index.ts';

const seen = (part: Partial<Observation>): Observation => ({ iteration: 0, seconds: 0, value: Number.NaN, gradientNorm: Number.NaN, ...part });

/** The rule's answers to observations in a row. */
function answers(rule: StopRule, observations: readonly Partial<Observation>[]) {
  const memory = [...rule.memory];
  return observations.map((part) => rule.check(seen(part), memory)?.rule);
}

describe('stopping rules', () => {
  it('gradientTolerance is relative to the first norm that it sees', () => {
    const rule = gradientTolerance(0.1);
    expect(answers(rule, [{ gradientNorm: 50 }, { gradientNorm: 5.1 }, { gradientNorm: 5 }])).toEqual([undefined, undefined, 'gradient-tolerance']);
    expect(answers(rule, [{}, { gradientNorm: 50 }, {}, { gradientNorm: 4 }])).toEqual([undefined, undefined, undefined, 'gradient-tolerance']);
    expect(answers(rule, [{ gradientNorm: 0 }])).toEqual(['gradient-tolerance']);
  });

  it('absolute rules and budgets fire at their bound', () => {
    expect(answers(gradientNorm(1), [{ gradientNorm: 1.1 }, { gradientNorm: 1 }])).toEqual([undefined, 'gradient-norm']);
    expect(answers(valueBelow(2), [{ value: 3 }, { value: 2 }])).toEqual([undefined, 'value-below']);
    expect(answers(maxIterations(2), [{ iteration: 1 }, { iteration: 2 }, { iteration: 64 }])).toEqual([undefined, 'max-iterations', 'max-iterations']);
    expect(answers(maxSeconds(2), [{ seconds: 1.9 }, { seconds: 2 }])).toEqual([undefined, 'max-seconds']);
  });

  it.each([() => gradientTolerance(Number.NaN), () => gradientTolerance(-1), () => gradientNorm(Number.NaN), () => valueBelow(Number.NaN), () => maxIterations(Number.NaN), () => maxSeconds(Number.NaN), () => valueStalled({ window: 0 })])(
    'no rule has a bound that is never met: %o',
    (make) => {
      expect(make).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
    },
  );

  it('valueStalled counts observations without a fall, and forgets them at a fall', () => {
    const rule = valueStalled({ relative: 0.1, window: 2 });
    const values = [10, 9.5, 8.9, 8.5, 8.2, 8.1].map((value) => ({ value }));
    expect(answers(rule, values)).toEqual([undefined, undefined, undefined, undefined, 'value-stalled', 'value-stalled']);
    expect(answers(rule, [{ value: -1 }, { value: -1.05 }, {}, { value: -1.05 }])).toEqual([undefined, undefined, undefined, 'value-stalled']);
  });

  it('a rule that looks at something neither fires nor changes its memory when nothing was looked at', () => {
    for (const rule of [gradientTolerance(), gradientNorm(1), valueBelow(1), valueStalled(), anyOf(gradientTolerance(), valueStalled()), allOf(valueBelow(1), maxIterations(0))]) {
      const memory = [...rule.memory];
      expect(rule.check(seen({}), memory)).toBeUndefined();
      expect(memory).toEqual(rule.memory);
    }
  });

  it('anyOf gives the first that fires, and keeps the memory of all', () => {
    const rule = anyOf(maxIterations(3), gradientTolerance(0.1), valueStalled({ window: 2 }));
    expect(rule.needs).toEqual(['gradientNorm', 'value']);
    expect(rule.gradientTolerances).toEqual([{ value: 0.1, relative: true }]);
    const rows = [{ iteration: 0, gradientNorm: 10, value: 1 }, { iteration: 1, gradientNorm: 9, value: 1 }, { iteration: 2, gradientNorm: 1, value: 1 }, { iteration: 3, gradientNorm: 1, value: 1 }];
    expect(answers(rule, rows)).toEqual([undefined, undefined, 'gradient-tolerance', 'max-iterations']);
  });

  it('allOf waits for all, and is converged only if all are', () => {
    const rule = allOf(gradientNorm(1), maxIterations(2));
    expect(answers(rule, [{ iteration: 5, gradientNorm: 2 }, { iteration: 1, gradientNorm: 0 }, { iteration: 2, gradientNorm: 1 }])).toEqual([undefined, undefined, 'gradient-norm and max-iterations']);
    expect(rule.check(seen({ iteration: 2, gradientNorm: 1 }), [])?.reason).toBe('budget');
    expect(allOf(gradientNorm(1), valueBelow(1)).check(seen({ gradientNorm: 0, value: 0 }), [])?.reason).toBe('converged');
    expect(allOf().check(seen({}), [])).toBeUndefined();
  });

  it('combinations nest', () => {
    const rule = anyOf(allOf(gradientTolerance(0.5), valueStalled({ window: 1 })), valueStalled({ window: 5 }));
    expect(rule.memory).toHaveLength(5);
    const rows = [{ gradientNorm: 4, value: 1 }, { gradientNorm: 4, value: 1 }, { gradientNorm: 2, value: 1 }];
    expect(answers(rule, rows)).toEqual([undefined, undefined, 'gradient-tolerance and value-stalled']);
  });
});
