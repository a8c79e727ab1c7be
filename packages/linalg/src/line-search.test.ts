import { describe, expect, it } from 'vitest';

import { backtrack, type LineFunction, wolfeSearch } from './line-search.ts';

/** A line from f and f', with the steps that were asked for. */
function recorded(f: (t: number) => number, df: (t: number) => number): { line: LineFunction; steps: number[] } {
  const steps: number[] = [];
  return {
    steps,
    line: (t) => {
      steps.push(t);
      return { value: f(t), slope: df(t) };
    },
  };
}

// Test functions 1 to 3 of Moré and Thuente 1994 (their beta and l), and two with walls.
const cases: [name: string, f: (t: number) => number, df: (t: number) => number][] = [
  ['quadratic', (t) => (t - 3) ** 2, (t) => 2 * (t - 3)],
  ['MT1', (t) => -t / (t * t + 2), (t) => (t * t - 2) / (t * t + 2) ** 2],
  ['MT2', (t) => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, (t) => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3],
  ['double well', (t) => ((t - 1) ** 2 - 1) ** 2 + 0.1 * (1 - t), (t) => 4 * (t - 1) * ((t - 1) ** 2 - 1) - 0.1],
  ['log barrier', (t) => t - Math.log(1 + 3 * t) - Math.log(2 - t), (t) => 1 - 3 / (1 + 3 * t) + 1 / (2 - t)],
  ['quartic wall', (t) => -t + t ** 4 / 4, (t) => -1 + t ** 3],
];

describe('wolfeSearch', () => {
  for (const [name, f, df] of cases) {
    for (const first of [1e-3, 0.1, 1, 10, 1e3]) {
      for (const curvature of [0.9, 0.1]) {
        it(`finds a strong Wolfe point of ${name} from ${first} at curvature ${curvature}`, async () => {
          const { line, steps } = recorded(f, df);
          const start = { value: f(0), slope: df(0) };
          const { accepted, evaluations } = await wolfeSearch(line, start, first, { curvature });
          expect(accepted).toBeDefined();
          expect(evaluations).toBe(steps.length);
          expect(steps.at(-1)).toBe(accepted!.step);
          expect(f(accepted!.step)).toBeLessThanOrEqual(start.value + 1e-4 * accepted!.step * start.slope);
          expect(Math.abs(df(accepted!.step))).toBeLessThanOrEqual(curvature * Math.abs(start.slope));
        });
      }
    }
  }

  it('takes two evaluations of a quadratic at most, however sharp the curvature test', async () => {
    const { line, steps } = recorded((t) => (t - 3) ** 2, (t) => 2 * (t - 3));
    const { accepted } = await wolfeSearch(line, { value: 9, slope: -6 }, 1, { curvature: 1e-12 });
    expect(accepted!.step).toBeCloseTo(3, 12);
    expect(steps).toHaveLength(2);
  });

  it('judges by slopes where the value is all rounding', async () => {
    // 1 + 1e-14 (t - 1)^2 in floating point: a staircase of one or two values.
    const { line } = recorded((t) => 1 + 1e-14 * (t - 1) ** 2, (t) => 2e-14 * (t - 1));
    const { accepted } = await wolfeSearch(line, { value: 1 + 1e-14, slope: -2e-14 }, 1.7, { curvature: 0.1 });
    expect(Math.abs(accepted!.step - 1)).toBeLessThanOrEqual(0.1);
  });

  it('ends at the precision floor when slopes fail too, and as a failed search where values can tell', async () => {
    const noise = await wolfeSearch(() => ({ value: 1, slope: 1e-17 }), { value: 1, slope: -1e-18 }, 1);
    expect(noise).toMatchObject({ accepted: undefined, failure: 'precision-floor' });
    // the slope promises a descent that the values deny
    const liar = await wolfeSearch((t) => ({ value: 1 + t, slope: 1 }), { value: 1, slope: -1 }, 1);
    expect(liar).toMatchObject({ accepted: undefined, failure: 'line-search' });
    const unbounded = await wolfeSearch((t) => ({ value: -t, slope: -1 }), { value: 0, slope: -1 }, 1);
    expect(unbounded).toMatchObject({ accepted: undefined, failure: 'line-search', evaluations: 20 });
  });

  it('steps back from values that are not finite', async () => {
    const f = (t: number) => (t > 0.5 ? Number.NaN : (t - 0.4) ** 2);
    const { line } = recorded(f, (t) => (t > 0.5 ? Number.NaN : 2 * (t - 0.4)));
    const { accepted } = await wolfeSearch(line, { value: 0.16, slope: -0.8 }, 1);
    expect(accepted!.step).toBeLessThan(0.5);
  });

  it('waits for values that come later', async () => {
    const later: LineFunction = (t) => Promise.resolve({ value: (t - 3) ** 2, slope: 2 * (t - 3) });
    expect((await wolfeSearch(later, { value: 9, slope: -6 }, 1)).accepted?.step).toBe(1);
  });
});

describe('backtrack', () => {
  it('halves until the value has fallen enough', async () => {
    const { line, steps } = recorded((t) => (t - 1) ** 2, (t) => 2 * (t - 1));
    const { accepted } = await backtrack(line, { value: 1, slope: -2 }, 16);
    expect(steps).toEqual([16, 8, 4, 2, 1]);
    expect(accepted?.step).toBe(1);
  });

  it('lets a nonmonotone search rise to its reference', async () => {
    const { line, steps } = recorded((t) => (t - 1) ** 2, (t) => 2 * (t - 1));
    const { accepted } = await backtrack(line, { value: 1, slope: -2 }, 4, { reference: 5 });
    expect(steps).toEqual([4, 2]);
    expect(accepted?.step).toBe(2);
  });

  it('asks the slope where values are rounding, and reports the floor', async () => {
    const f = () => 1;
    const { line } = recorded(f, (t) => 2e-18 * (t - 1));
    expect((await backtrack(line, { value: 1, slope: -2e-18 }, 16)).accepted?.step).toBe(1);
    expect(await backtrack(() => ({ value: 1, slope: 1 }), { value: 1, slope: -1e-18 }, 1)).toMatchObject({ failure: 'precision-floor' });
    expect(await backtrack((t) => ({ value: 1 + t, slope: 1 }), { value: 1, slope: -1 }, 1, { maxEvaluations: 20 })).toMatchObject({ failure: 'line-search', evaluations: 20 });
    expect(await backtrack(() => ({ value: Number.NaN, slope: 1 }), { value: 1, slope: -1 }, 1)).toMatchObject({ failure: 'line-search' });
  });
});

it.each([1, 7, 1e3])('accepts decrease where the line falls to the end of its domain, from a first step of %d', async (first) => {
  const seen: number[] = [];
  const { accepted } = await wolfeSearch(
    (step) => {
      seen.push(step);
      return step <= 0.3 ? { value: 1 - step, slope: -1 } : { value: Infinity, slope: NaN };
    },
    { value: 1, slope: -1 },
    first,
  );
  expect(accepted!.step).toBeGreaterThan(0.25);
  expect(accepted!.value).toBe(1 - accepted!.step);
  expect(seen.at(-1)).toBe(accepted!.step);
});
