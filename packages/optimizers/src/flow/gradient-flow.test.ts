import { gradientNorm, maxIterations, solve } from '@lowland/core';
import { cpu, matrix, multiply } from '@lowland/linalg';
import { defineObjective, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { quadratic } from '../../test/quadratic.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { gradientFlow } from './gradient-flow.ts';
import { fifthRoot, stepFactor } from './step-control.ts';

const curvatures = [0.5, 1, 3];
const bowl = quadratic(curvatures);
const start = pointOf(bowl.layout, [1, -2, 1.5]);

describe('gradientFlow', () => {
  it.each([1e-4, 1e-7, 1e-10])('follows exp(-t H) x to tolerance %g', async (tolerance) => {
    const flow = gradientFlow({ relativeTolerance: tolerance, absoluteTolerance: tolerance, endTime: 2 });
    const { point, stop } = await run(bowl, flow, { point: start, iterations: 10_000 });
    expect(stop.rule).toBe('end-time');
    const error = Math.hypot(...point.data.map((x, i) => x - start.data[i]! * Math.exp(-2 * curvatures[i]!)));
    // The error control must neither fail nor be idle.
    expect(error).toBeLessThan(5 * tolerance);
    expect(error).toBeGreaterThan(1e-4 * tolerance);
  });

  it('has order 5: a tolerance 1e5 times smaller takes some ten times as many steps', async () => {
    const steps = async (tolerance: number) =>
      (await run(bowl, gradientFlow({ relativeTolerance: tolerance, absoluteTolerance: tolerance, endTime: 2 }), { point: start, iterations: 10_000 })).trace.length;
    const ratio = (await steps(1e-11)) / (await steps(1e-6));
    expect(ratio).toBeGreaterThan(6);
    expect(ratio).toBeLessThan(14);
  });

  // Saxe, McClelland and Ganguli 2013 (catalogue O2): balanced and aligned starts learn each singular value along a sigmoid
  it('learns singular values along sigmoids, to its tolerance', async () => {
    const sigma = [3, 2, 1];
    const small = 1e-4;
    const problem = matrixFactorization({ target: diagonal(sigma), rank: 3, balance: 0 });
    const root = Math.sqrt(small);
    const point = pointOf(problem.layout, [...diagonal([root, root, root]).values, ...diagonal([root, root, root]).values]);
    for (const t of [1, 2, 3, 4]) {
      const reached = await run(problem, gradientFlow({ relativeTolerance: 1e-9, absoluteTolerance: 1e-12, endTime: t }), { point, iterations: 10_000 });
      sigma.forEach((s, i) => {
        const learnt = reached.point.data[4 * i]! * reached.point.data[9 + 4 * i]!;
        expect(learnt).toBeCloseTo((s * Math.exp(2 * s * t)) / (Math.exp(2 * s * t) - 1 + s / small), 6);
      });
    }
  });

  // founding-papers.md 2.5: gradient flow keeps U^T U - V^T V; gradient descent does not
  it('keeps U^T U - V^T V, where gradient descent drifts', async () => {
    const problem = matrixFactorization({ target: withSpectrum([3, 2, 1], 7, 6, 1), rank: 3, balance: 0 });
    const point = randomPoint(problem.layout, 0.7, 2);
    const imbalance = (data: Float64Array) => {
      const [u, v] = [matrix(7, 3, data.slice(0, 21)), matrix(6, 3, data.slice(21))];
      const [left, right] = [multiply(u, u, { transposeA: true }), multiply(v, v, { transposeA: true })];
      return left.data.map((x, k) => x - right.data[k]!);
    };
    const drift = (end: Float64Array) => Math.hypot(...imbalance(end).map((x, k) => x - imbalance(point.data)[k]!));
    const flow = await run(problem, gradientFlow({ relativeTolerance: 1e-9, absoluteTolerance: 1e-12, endTime: 5 }), { point, iterations: 10_000 });
    const descent = await run(problem, gradientDescent({ step: fixed({ step: 0.02 }) }), { point, iterations: 250 });
    expect(drift(flow.point.data)).toBeLessThan(1e-7);
    expect(drift(descent.point.data)).toBeGreaterThan(1e-3);
  });

  it('is what gradient descent tends to: halving its step halves the distance at a fixed time', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([2, 1], 5, 5, 1, true), rank: 2 });
    const point = randomPoint(problem.layout, 0.5, 3);
    const { point: limit } = await run(problem, gradientFlow({ relativeTolerance: 1e-11, absoluteTolerance: 1e-13, endTime: 1 }), { point, iterations: 10_000 });
    const away = async (steps: number) => {
      const { point: end } = await run(problem, gradientDescent({ step: fixed({ step: 1 / steps }) }), { point, iterations: steps });
      return Math.hypot(...end.data.map((x, k) => x - limit.data[k]!));
    };
    const [coarse, fine] = [await away(400), await away(800)];
    expect(coarse / fine).toBeGreaterThan(1.95);
    expect(coarse / fine).toBeLessThan(2.05);
  });

  it('goes down to a gradient of rounding at default tolerances, through stiff valleys too', async () => {
    const valley = quadratic([1, 1000]);
    const { trace, stop } = await run(valley, gradientFlow(), { point: pointOf(valley.layout, [1, 1]), iterations: 20_000, stop: gradientNorm(1e-6) });
    expect(stop.reason).toBe('converged');
    expect(trace.at(-1)!.gradientNorm).toBeLessThanOrEqual(1e-6);
    for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value);
  });

  it('rests at a saddle of zero gradient', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1]), rank: 1 });
    const { point, stop } = await run(problem, gradientFlow(), { point: pointOf(problem.layout, [0, 1]), iterations: 10 });
    expect(stop.rule).toBe('zero-gradient');
    expect([...point.data]).toEqual([0, 1]);
  });

  it.each([0, 1e160])('ends at %d, where the gradient or its step is no number', async (entry) => {
    const cone = defineObjective({
      id: 'cone',
      blocks: { point: [2] },
      start: (_key, { point }) => { point.fill(entry); },
      value: ({ point }) => Math.hypot(...point),
      gradient: ({ point }, out) => { point.forEach((coordinate, i) => (out.point[i] = coordinate / Math.hypot(...point))); },
    });
    const { stop } = await solve(cone, gradientFlow(), { backend: cpu(), stop: maxIterations(10) });
    expect(stop).toMatchObject({ reason: 'diverged', rule: 'not-finite' });
  });

  it.each([{ relativeTolerance: 0 }, { absoluteTolerance: -1 }, { firstStep: -1 }, { endTime: -1 }])('refuses %o', (options) => {
    expect(() => gradientFlow(options)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
  });
});

describe('step control', () => {
  it.each([1e-12, 1e-4, 0.5, 1, 1.00001, 32, 1e12])('takes the fifth root of %g', (x) => {
    expect(Math.abs(fifthRoot(x) ** 5 / x - 1)).toBeLessThan(1e-14);
  });

  it('lengthens steps of small errors, shortens those of large ones, within bounds', () => {
    expect(stepFactor(1, 1)).toBeCloseTo(0.9, 14);
    expect(stepFactor(0, 1)).toBeCloseTo(0.9 * 1e-4 ** (-3 / 25), 12);
    expect(stepFactor(1e-4, 1e4)).toBeCloseTo(0.9 * 1e-4 ** (-3 / 25) * 1e4 ** (1 / 25), 12);
    expect(stepFactor(1e4, 1)).toBeCloseTo(0.9 * 1e4 ** (-3 / 25), 12);
  });
});
