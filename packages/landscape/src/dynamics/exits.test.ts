import { analyse, createPoint, type Optimizer, solveEnsemble } from '@lowland/core';
import { cpu, matrix } from '@lowland/linalg';
import { doubleWell, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { langevin, rotation, underdampedLangevin } from '@lowland/optimizers';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { bandSolve } from './band-solve.ts';
import { meanExitTimes, richardson } from './backward-equation.ts';
import { exitTimes } from './exit-times.ts';
import { eyringKramers } from './eyring-kramers.ts';
import { meanPassageTime } from './mean-passage.ts';

const backend = cpu();
const potential = (x: number) => (x * x - 1) ** 2 / 4;
const exact = (beta: number) => meanPassageTime({ potential, beta, from: -1, to: 1, lowest: -4 });
const diagonal = (...entries: number[]) => {
  const out = matrix(entries.length, entries.length);
  entries.forEach((entry, i) => (out.data[i * (entries.length + 1)] = entry));
  return out;
};

describe('in one dimension', () => {
  // F26, A15
  it.each([[8, 41.04, 1.25], [12, 106.6, 1.19], [16, 277.1, 1.14], [24, 1942, 1.083]])('E tau at beta = %d is %d, %d times the law of Eyring and Kramers', (beta, time, ratio) => {
    expect(Math.abs(exact(beta) / time - 1)).toBeLessThan(5e-4);
    const law = eyringKramers({ minimum: diagonal(2), saddle: diagonal(-1), height: 0.25, beta });
    expect(Math.abs(exact(beta) / law.time / ratio - 1)).toBeLessThan(0.005);
  });

  // V = 0 between a wall at 0 and the exit at 1: E tau from x is beta (1 - x^2) / 2
  it('is a parabola on level ground', () => {
    expect(meanPassageTime({ potential: () => 0, beta: 3, from: 0.2, to: 1, lowest: 0 })).toBeCloseTo(1.5 * (1 - 0.04), 12);
  });
});

/** E tau of the double well until x = 1, starts (-1, N(0, 1/beta)). */
function wellTimes(beta: number, strength: number, spacings: readonly number[]): number {
  const at = spacings.map((spacing) => {
    const times = meanExitTimes({ value: (x, y) => potential(x) + (y * y) / 2, beta, strength, start: [-1, 0], target: (x) => x - 1, ceiling: 0.25 + 12 / beta, spacing });
    let [sum, weight] = [0, 0];
    for (let k = -30; k <= 30; k++) {
      const w = Math.exp(-((k / 10) ** 2) / 2);
      weight += w;
      sum += w * times.at(-1, k / 10 / Math.sqrt(beta));
    }
    return sum / weight;
  });
  return richardson(at[0]!, at[1]!, spacings[0]! / spacings[1]!);
}

describe('backward equation', () => {
  it.each([8, 16])('is the quadrature where the well is a product, beta = %d', (beta) => {
    expect(Math.abs(wellTimes(beta, 0, [1 / 20, 1 / 30]) / exact(beta) - 1)).toBeLessThan(1e-3);
  });

  // rigour.md G, F28: 277.0, 188.4, 117.1, 83 ± 1
  it.each([[0, 277, 0.3], [1, 188.4, 0.3], [2, 117.1, 0.3], [3, 83, 1]])('strength %d: %d', (strength, time, within) => {
    expect(Math.abs(wellTimes(16, strength, full ? [0.02, 1 / 75] : [0.04, 1 / 37.5]) - time)).toBeLessThan(within);
  }, 60_000);

  it('solves banded systems', () => {
    const x = bandSolve(2, (i, row) => row.set([i > 1 ? 1 : 0, -1, 5, 2, i < 4 ? -1 : 0]), Float64Array.of(6, 13, 22, 28, 15 + 11 + 10));
    // checked by multiplying back
    const image = [...x].map((_, i) => (x[i - 2] ?? 0) - (x[i - 1] ?? 0) + 5 * x[i]! + 2 * (x[i + 1] ?? 0) - (x[i + 2] ?? 0));
    [6, 13, 22, 28, 36].forEach((b, i) => expect(image[i]).toBeCloseTo(b, 12));
  });
});

/** Mean exit time and its standard error by simulation, starts at (-1, N(0, 1/beta)) drawn in advance. */
async function simulated(beta: number, optimizer: Optimizer<'valueAndGradient'>, dt: number, count: number, expected: number) {
  const points = new Float64Array(2 * count);
  // evenly spread over the quantiles of y, by the logistic approximation of the normal's
  for (let k = 0; k < count; k++) {
    const q = (k + 0.5) / count;
    points.set([-1, Math.log(q / (1 - q)) / 1.702 / Math.sqrt(beta)], 2 * k);
  }
  const { exits, route } = await solveEnsemble(doubleWell(), optimizer, { backend, count, points, steps: Math.ceil((40 * expected) / dt), until: (x) => x[0]! >= 1 });
  expect(route).toBe('fused');
  expect(exits!.every((at) => at > 0)).toBe(true);
  return (dt * exits!.reduce((sum, at) => sum + at, 0)) / count;
}

describe('simulation', () => {
  // exits are nearly exponential: s.e. 1/sqrt(500) = 4.5 %, band 5 of them and 2 % for the step
  it('agrees with the backward equation, sooner with a rotation', async () => {
    const times: number[] = [];
    for (const strength of [0, 2]) {
      const expected = wellTimes(8, strength, [0.06, 0.04]);
      const time = await simulated(8, langevin({ step: strength === 0 ? 0.02 : 0.008, temperature: 1 / 8, drift: rotation({ strength }) }), strength === 0 ? 0.02 : 0.008, 500, expected);
      expect(Math.abs(time / expected - 1)).toBeLessThan(0.25);
      times.push(time);
    }
    expect(times[1]!).toBeLessThan(times[0]!);
  });

  // F28 as rigour.md G has it: 4,000 paths, steps of .0025, s.e. 1.6 %, band 10 %
  it.runIf(full)('F28: within 10 % of the backward equation for strengths 0 to 3', async () => {
    const times: number[] = [];
    const step = 0.0025;
    for (const strength of [0, 1, 2, 3]) {
      const expected = wellTimes(16, strength, [0.04, 1 / 37.5]);
      const time = await simulated(16, langevin({ step, temperature: 1 / 16, drift: rotation({ strength }) }), step, 4000, expected);
      expect(Math.abs(time / expected - 1)).toBeLessThan(0.1);
      times.push(time);
    }
    for (let k = 1; k < times.length; k++) expect(times[k]!).toBeLessThan(times[k - 1]!);
  }, 900_000);

  // rigour.md G: within 25 % of the law of Eyring and Kramers times the ratio of the exact time to it in one dimension
  it.runIf(full)('with inertia: in the order of the friction, within 25 % for gamma >= 0.5', async () => {
    const overdamped = eyringKramers({ minimum: diagonal(2, 1), saddle: diagonal(-1, 1), height: 0.25, beta: 16 }).time;
    const times: number[] = [];
    for (const friction of [0.25, 0.5, 1, 2]) {
      const law = eyringKramers({ minimum: diagonal(2, 1), saddle: diagonal(-1, 1), height: 0.25, beta: 16 }, { friction }).time;
      const time = await simulated(16, underdampedLangevin({ step: 0.05, friction, temperature: 1 / 16 }), 0.05, 1500, law);
      if (friction >= 0.5) expect(Math.abs(time / ((law * exact(16)) / overdamped) - 1)).toBeLessThan(0.25);
      times.push(time);
    }
    for (let k = 1; k < times.length; k++) expect(times[k]!).toBeGreaterThan(times[k - 1]!);
  }, 900_000);
});

describe('exit-times', () => {
  const well = doubleWell();
  const at = (...x: number[]) => createPoint(well.layout, Float64Array.from(x));

  it('finds the pass and shows the law beside the exact time', async () => {
    const found = await analyse(well, exitTimes({ temperature: 1 / 16, strength: 1, paths: 0, spacing: 0.04 }), at(-1.01, 0.02), backend);
    expect(found.dynamics).toBe('nonreversible');
    expect(found.height).toBeCloseTo(0.25, 14);
    [...found.saddle.point.data].forEach((x) => expect(x).toBeCloseTo(0, 10));
    expect(found.beyond.point.data[0]).toBeCloseTo(1, 10);
    expect(found.eyringKramers.rate).toBeCloseTo(Math.SQRT2, 12);
    expect(Math.abs(found.exact!.time / 188.4 - 1)).toBeLessThan(0.005);
    expect(found.simulated).toBeNull();
  });

  it('in one variable, from the right well too, with paths', async () => {
    const line = doubleWell({ dimension: 1 });
    const found = await analyse(line, exitTimes({ temperature: 1 / 8, paths: 60 }), createPoint(line.layout, Float64Array.of(1)), backend, { seed: 3 });
    expect(found.exact!.method).toBe('quadrature');
    expect(found.exact!.time).toBeCloseTo(exact(8), 5);
    expect(found.simulated).toMatchObject({ paths: 60, exits: 60 });
    expect(Math.abs(found.simulated!.time - exact(8))).toBeLessThan(6 * found.simulated!.standardError);
  });

  it('with inertia, and in more variables, has the law alone', async () => {
    const found = await analyse(well, exitTimes({ temperature: 1 / 16, friction: 1, paths: 0 }), at(-1, 0), backend);
    // A15, H6: 393 at gamma = 1
    expect(Math.abs(found.eyringKramers.time / 393 - 1)).toBeLessThan(0.005);
    expect(found.exact).toBeNull();
    const three = doubleWell({ dimension: 3, stiffness: 2 });
    expect((await analyse(three, exitTimes({ paths: 0 }), createPoint(three.layout, Float64Array.of(-1, 0, 0)), backend)).exact).toBeNull();
  });

  it('refuses what is no isolated minimum, or has no pass', async () => {
    await expect(analyse(well, exitTimes(), at(0, 0), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_POINT' });
    const orbit = symmetricFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 1) }, rank: 2 });
    await expect(analyse(orbit, exitTimes(), createPoint(orbit.layout, Float64Array.of(Math.SQRT2, 0, 0, 1)), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_POINT', message: expect.stringContaining('an orbit of O(2), of dimension 1') as string });
    const lone = rosenbrock();
    await expect(analyse(lone, exitTimes(), createPoint(lone.layout, Float64Array.of(1, 1)), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_NUMERICAL' });
    // 1/4 |x x^T - diag(2, 0, 0)|^2: two ways of equal height over 0, where the Hessian is -M
    const degenerate = symmetricFactorization({ target: { rows: 3, cols: 3, values: Float64Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0) }, rank: 1 });
    await expect(analyse(degenerate, exitTimes(), createPoint(degenerate.layout, Float64Array.of(Math.SQRT2, 0, 0)), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_NUMERICAL', message: expect.stringContaining('2 flat directions') as string });
    expect(() => exitTimes({ friction: 1, strength: 1 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  });
});
