import { blockOf, createPoint, type Point } from '@lowland/core';
import { matrix, multiply, thinSvd } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { iterationsTo, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { armijo } from '../gradient-descent/armijo.ts';
import { barzilaiBorwein } from '../gradient-descent/barzilai-borwein.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { scaled } from './scaled-geometry.ts';
import { scaledGradientDescent } from './scaled-gradient-descent.ts';

/** Sizes 12 x 9, condition 100. */
const target = withSpectrum([1, 0.1, 0.01], 12, 9, 1);
const problem = matrixFactorization({ target, rank: 3, balance: 0 });

/** The balanced factors of the target, every entry moved by up to about `offset`. */
function nearFactors(offset: number, seed: number): Point {
  const { u, s, v } = thinSvd(matrix(12, 9, target.values));
  const point = randomPoint(problem.layout, offset, seed);
  const [left, right] = [blockOf(point, 'U'), blockOf(point, 'V')];
  for (let k = 0; k < 3; k++) {
    const root = Math.sqrt(s[k]!);
    for (let i = 0; i < 12; i++) left[3 * i + k]! += root * u.data[i * u.cols + k]!;
    for (let i = 0; i < 9; i++) right[3 * i + k]! += root * v.data[i * v.cols + k]!;
  }
  return point;
}

it('damps by what the value has above the optimum: else some damping stays, and with it the condition number', async () => {
  const short = matrixFactorization({ target: withSpectrum([10, 0.5, 0.2], 8, 7, 1), rank: 2, balance: 0 }); // f* = 0.2^2 / 2
  const point = randomPoint(short.layout, 0.5, 3);
  const iterations = (optimum: number) =>
    iterationsTo(0.02 + 1e-11, short, scaledGradientDescent({ step: fixed({ step: 0.3 }), adaptive: 4, optimum }), { point, iterations: 500 });
  expect(await iterations(0.02)).toBeLessThan(0.8 * (await iterations(0)));
});

describe('ScaledGD', () => {
  // F19: local contraction 1 - eta whatever the condition number (inside both column spaces it is |1 - 2 eta|)
  it.each([0.3, 0.5, 0.6])('contracts the residual by 1 - %f a step', async (step) => {
    const { trace } = await run(problem, scaledGradientDescent({ step: fixed({ step }), adaptive: 0 }), { point: nearFactors(1e-4, 1), iterations: 12 });
    for (let t = 8; t < 12; t++) {
      expect(Math.sqrt(trace[t + 1]!.value / trace[t]!.value)).toBeCloseTo(1 - step, 3);
    }
  });

  // rigour.md E3: powers of two are exact, so the action of diag(±2^k) on both factors is
  it.each([
    ['fixed', fixed({ step: 0.5 })],
    ['armijo', armijo()],
    ['barzilai-borwein', barzilaiBorwein()],
  ] as const)('with %s steps goes the same way from (U D, V D^-1), bit for bit, D = diag(-2, 1/4, 8)', async (_, step) => {
    const start = nearFactors(1e-2, 2);
    const moved = acted(start, [-2, 0.25, 8]);
    const plain = await run(problem, scaledGradientDescent({ step, adaptive: 0 }), { point: start, iterations: 40 });
    const other = await run(problem, scaledGradientDescent({ step, adaptive: 0 }), { point: moved, iterations: 40 });
    expect(acted(other.point, [-0.5, 4, 0.125]).data).toEqual(plain.point.data);
    expect(other.trace.map(({ value }) => value)).toEqual(plain.trace.map(({ value }) => value));
  });

  // rigour.md E3: 20 steps, products compared, tolerance 1e-12 cond(Q)^2
  it('is equivariant under GL(r) to rounding', async () => {
    const start = nearFactors(1e-2, 3);
    const q = matrix(3, 3, Float64Array.of(2, 1, 0, 0, 1, -1, 0, 0, 0.5));
    const inverseTransposed = matrix(3, 3, Float64Array.of(0.5, 0, 0, -0.5, 1, 0, -1, 2, 2));
    const moved = createPoint(problem.layout);
    blockOf(moved, 'U').set(multiply(matrix(12, 3, blockOf(start, 'U')), q).data);
    blockOf(moved, 'V').set(multiply(matrix(9, 3, blockOf(start, 'V')), inverseTransposed).data);
    const plain = await run(problem, scaledGradientDescent({ adaptive: 0 }), { point: start, iterations: 20 });
    const other = await run(problem, scaledGradientDescent({ adaptive: 0 }), { point: moved, iterations: 20 });
    const difference = product(plain.point).map((x, k) => x - product(other.point)[k]!);
    const { s } = thinSvd(q);
    expect(Math.hypot(...difference)).toBeLessThan(1e-12 * (s[0]! / s[2]!) ** 2);
  });

  it('ends as diverged from a rank-deficient start without damping, and goes on with it', async () => {
    const start = nearFactors(1e-2, 4);
    for (let i = 0; i < 9; i++) blockOf(start, 'V')[3 * i + 2] = 0;
    const { stop, point } = await run(problem, scaledGradientDescent({ adaptive: 0 }), { point: start, iterations: 20 });
    expect(stop.reason).toBe('diverged');
    expect(point.data).toEqual(start.data);
    const damped = await run(problem, scaledGradientDescent({ damping: 1e-3, adaptive: 0 }), { point: start, iterations: 20 });
    expect(damped.value).toBeLessThan(0.1 * damped.trace[0]!.value);
  });
});

// catalogue.md P13; without damping none of these starts arrives, and most blow up
it.each([1, 2, 3, 4, 5])('converges from random start %i with rank to spare at its defaults', async (seed) => {
  const spare = matrixFactorization({ target, rank: 5, balance: 0 });
  const { value, trace } = await run(spare, scaledGradientDescent(), { seed, iterations: 200 });
  expect(value).toBeLessThan(1e-20 * trace[0]!.value);
});

/** (U D, V D^-1) for D = diag(d). */
function acted(point: Point, d: readonly number[]): Point {
  const out = createPoint(point.layout, point.data.slice());
  blockOf(out, 'U').forEach((x, i, u) => (u[i] = x * d[i % 3]!));
  blockOf(out, 'V').forEach((x, i, v) => (v[i] = x / d[i % 3]!));
  return out;
}

function product(point: Point): Float64Array {
  return multiply(matrix(12, 3, blockOf(point, 'U')), matrix(9, 3, blockOf(point, 'V')), { transposeB: true }).data;
}

describe('the geometry', () => {
  it('with damping leads from random starts, without a balancing term, past factors of lower rank', async () => {
    const easy = matrixFactorization({ target: withSpectrum([2, 1.5, 1.25, 1], 30, 25, 1), rank: 4, balance: 0 });
    for (const seed of [1, 2, 3, 4, 5]) {
      const { value } = await run(easy, gradientDescent({ step: barzilaiBorwein(), geometry: scaled({ adaptive: 0.1 }) }), { seed, iterations: 100 });
      expect(value).toBeLessThan(1e-15);
    }
    // without it steps of 1 leave singular values of both factors behind
    const { value, point } = await run(easy, gradientDescent({ step: barzilaiBorwein(), geometry: scaled() }), { seed: 1, iterations: 100 });
    expect(value).toBeGreaterThan(0.1);
    for (const [name, rows] of [['U', 30], ['V', 25]] as const) expect(thinSvd(matrix(rows, 4, blockOf(point, name))).s[3]!).toBeLessThan(0.1);
  });
});
