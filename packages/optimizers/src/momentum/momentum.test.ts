import type { Optimizer } from '@lowland/core';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, iterationsTo, linearSpectrum, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { quadratic } from '../../test/quadratic.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { scaled } from '../scaled/scaled-geometry.ts';
import { heavyBall } from './heavy-ball.ts';
import { nesterov } from './nesterov.ts';

const curvatures = [1, 2.5, 6, 20, 100];
const valley = quadratic(curvatures);
const start = pointOf(valley.layout, [1, -2, 3, 1, 0.5]);
const factorization = symmetricFactorization({ target: withSpectrum([3, 2, 1, -1], 7, 7, 1, true), rank: 3 });

describe('heavyBall', () => {
  it.each([
    ['euclidean', {}],
    ['scaled', { geometry: scaled({ damping: 0.5 }) }],
  ])('is gradient descent without momentum, bit for bit (%s)', async (_, geometry) => {
    const point = randomPoint(factorization.layout, 0.7, 1);
    const ball = await run(factorization, heavyBall({ step: 0.02, momentum: 0, ...geometry }), { point, iterations: 50 });
    const plain = await run(factorization, gradientDescent({ step: fixed({ step: 0.02 }), ...geometry }), { point, iterations: 50 });
    expect(ball.point.data).toEqual(plain.point.data);
  });

  it('follows x+ = x - t grad + beta (x - x-)', async () => {
    const [t, beta] = [0.015, 0.6];
    let [x, before] = [start.data.slice(), start.data.slice()];
    for (let k = 0; k < 40; k++) {
      const next = x.map((xi, i) => xi - t * curvatures[i]! * xi + beta * (xi - before[i]!));
      [before, x] = [x, next];
    }
    const { point } = await run(valley, heavyBall({ step: t, momentum: beta }), { point: start, iterations: 40 });
    point.data.forEach((xi, i) => expect(xi).toBeCloseTo(x[i]!, 13));
  });

  // every root of z^2 - (1 + beta - t a) z + beta has modulus sqrt(beta) when (1 - sqrt(t a))^2 <= beta
  it('contracts by sqrt(beta) a step at its best parameters', async () => {
    const [mu, l] = [1, 100];
    const step = 4 / (Math.sqrt(l) + Math.sqrt(mu)) ** 2;
    const momentum = ((Math.sqrt(l) - Math.sqrt(mu)) / (Math.sqrt(l) + Math.sqrt(mu))) ** 2;
    const { trace } = await run(valley, heavyBall({ step, momentum: 1.02 * momentum }), { point: start, iterations: 120 });
    const rate = (trace[120]!.gradientNorm / trace[40]!.gradientNorm) ** (1 / 80);
    expect(rate).toBeGreaterThan(0.97 * Math.sqrt(1.02 * momentum));
    expect(rate).toBeLessThan(1.03 * Math.sqrt(1.02 * momentum));
  });

  it('converges on a factorization of condition 10 in fewer steps than gradient descent', async () => {
    const problem = matrixFactorization({ target: withSpectrum(linearSpectrum(3, 10), 30, 20, 1), rank: 3, balance: 0 });
    const below = (method: Optimizer<'valueAndGradient'>) => iterationsTo(1e-20, problem, method, { point: randomPoint(problem.layout, 0.1, 1), iterations: 2000 });
    const [ball, plain] = [await below(heavyBall({ step: 0.5, momentum: 0.8 })), await below(gradientDescent({ step: fixed({ step: 0.5 }) }))];
    expect(ball).toBeLessThan(plain / 2);
  });
});

/** Nesterov's method as its papers print it, with x and y apart; gives the points y and where it restarted. */
function printed(s: number, beta: number | undefined, restart: boolean, steps: number) {
  let [x, y, t] = [start.data.slice(), start.data.slice(), 1];
  const points = [y];
  const restarts: number[] = [];
  for (let k = 1; k <= steps; k++) {
    const g = y.map((yi, i) => curvatures[i]! * yi);
    const next = y.map((yi, i) => yi - s * g[i]!);
    const uphill = g.reduce((sum, gi, i) => sum + gi * (next[i]! - x[i]!), 0) > 0;
    if (restart && uphill) {
      restarts.push(k);
      [x, y, t] = [next, next, 1];
    } else {
      const after = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
      const factor = beta ?? (t - 1) / after;
      y = next.map((xi, i) => xi + factor * (xi - x[i]!));
      [x, t] = [next, after];
    }
    points.push(y);
  }
  return { points, restarts };
}

describe('nesterov', () => {
  it.each([
    ['with restarts', undefined, true],
    ['without', undefined, false],
    ['with constant momentum', 0.8, false],
    ['with constant momentum and restarts', 0.95, true],
  ] as const)('takes the steps of its papers %s', async (_, momentum, restart) => {
    const { points, restarts } = printed(0.01, momentum, restart, 150);
    const method = nesterov({ step: 0.01, restart, ...(momentum !== undefined && { momentum }) });
    for (const steps of [1, 2, 30, 150]) {
      const { point } = await run(valley, method, { point: start, iterations: steps });
      point.data.forEach((yi, i) => expect(Math.abs(yi - points[steps]![i]!)).toBeLessThan(1e-13));
    }
    expect(restarts.length > 0).toBe(restart);
  });

  it('is gradient descent when its momentum is zero, bit for bit', async () => {
    const point = randomPoint(factorization.layout, 0.7, 1);
    const accelerated = await run(factorization, nesterov({ step: 0.02, momentum: 0, restart: false }), { point, iterations: 50 });
    const plain = await run(factorization, gradientDescent({ step: fixed({ step: 0.02 }) }), { point, iterations: 50 });
    expect(accelerated.point.data).toEqual(plain.point.data);
  });

  // at s = 1 / L the slowest mode has a double root 1 - sqrt(mu / L)
  it('contracts by 1 - sqrt(mu / L) a step with the constant momentum of a known valley', async () => {
    const { trace } = await run(valley, nesterov({ step: 0.01, momentum: 9 / 11, restart: false }), { point: start, iterations: 160 });
    const rate = (trace[160]!.gradientNorm / trace[80]!.gradientNorm) ** (1 / 80);
    expect(rate).toBeGreaterThan(0.89);
    expect(rate).toBeLessThan(0.92);
  });

  // O'Donoghue and Candès: about the rate of the best momentum, without knowing mu; the sequence alone ripples on
  it('restarts find the rate of an ill-conditioned valley', async () => {
    const problem = quadratic([1e-4, 1e-2, 0.3, 1]);
    const below = (method: Optimizer<'valueAndGradient'>) => iterationsTo(1e-16, problem, method, { iterations: 10_000 });
    const best = await below(nesterov({ step: 1, momentum: (1 - 0.01) / (1 + 0.01), restart: false }));
    const restarted = await below(nesterov({ step: 1 }));
    const sequence = await below(nesterov({ step: 1, restart: false }));
    expect(restarted).toBeLessThan(2 * best);
    expect(sequence).toBeGreaterThan(2 * restarted);
  });

  it('reaches the minimum of a factorization, in the scaled geometry in few steps', async () => {
    const problem = matrixFactorization({ target: withSpectrum([1, 0.1, 0.01], 12, 9, 1), rank: 3, balance: 0 });
    const method = nesterov({ step: 0.3, geometry: scaled({ adaptive: 0.5 }) });
    const { trace } = await run(problem, method, { point: randomPoint(problem.layout, 0.3, 1), iterations: 150 });
    expect(trace.at(-1)!.value).toBeLessThan(1e-20 * trace[0]!.value);
  });

  it('rests at a saddle that is exactly stationary', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { point: end } = await run(problem, nesterov(), { point, iterations: 10 });
    expect(end.data).toEqual(point.data);
  });
});

it('refuses parameters that are none', () => {
  expect(() => heavyBall({ momentum: 1 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  expect(() => nesterov({ step: -1 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
});
