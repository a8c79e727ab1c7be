import { errorCode, type Point } from '@lowland/core';
import { symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, run } from '../../test/fixtures.ts';
import { quadratic } from '../../test/quadratic.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { antisymmetricPart, rotation } from './drift.ts';
import { langevin } from './langevin.ts';
import { underdampedLangevin } from './underdamped-langevin.ts';
import { ornsteinUhlenbeck } from './ornstein-uhlenbeck.ts';

const many = (count: number, curvature: number) => quadratic(new Array<number>(count).fill(curvature));
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const meanSquare = (point: Point): number => point.data.reduce((sum, x) => sum + x * x, 0) / point.data.length;
const length = (point: Point): number => Math.hypot(...point.data);

/** Independent chains are independent coordinates; the variance of a normal is estimated with a relative s.e. of sqrt(2 / count). */
const count = 20_000;
const band = 5 * Math.sqrt(2 / count);

describe('langevin', () => {
  // x+ = (1 - eta h) x + sqrt(2 eta / beta) xi has the variance (2 eta / beta) / (1 - (1 - eta h)^2)
  it.each(['normal', 'lattice'] as const)('samples the law of its own scheme on a quadratic, noise %s', async (noise) => {
    const [h, step, temperature] = [2, 0.1, 0.3];
    const objective = many(count, h);
    const { point } = await run(objective, langevin({ step, temperature, noise }), { point: pointOf(objective.layout, zeros(count)), iterations: 60 });
    const expected = (2 * step * temperature) / (1 - (1 - step * h) ** 2);
    expect(Math.abs(meanSquare(point) / expected - 1)).toBeLessThan(band);
  });

  // rotated coordinates multiply by 1 - eta h -+ i eta h a
  it('keeps that law but for the step with a drift', async () => {
    const [h, step, temperature, strength] = [2, 0.05, 0.3, 1.5];
    const objective = many(count, h);
    const optimizer = langevin({ step, temperature, drift: rotation({ strength }) });
    const { point } = await run(objective, optimizer, { point: pointOf(objective.layout, zeros(count)), iterations: 120 });
    const expected = (2 * step * temperature) / (1 - ((1 - step * h) ** 2 + (step * h * strength) ** 2));
    expect(Math.abs(meanSquare(point) / expected - 1)).toBeLessThan(band);
  });

  // catalogue.md P5: diag(.1, 10), rate .1 at a = 0, .202 at a = 1, tr / d = 5.05 at a >= 5
  it('decays on diag(0.1, 10) at the rate min Re eig((I + J) H)', async () => {
    const objective = quadratic([0.1, 10]);
    const rate = async (strength: number, step: number, from: number, to: number) => {
      const optimizer = langevin({ step, temperature: 0, drift: rotation({ strength }) });
      const at = async (iterations: number) => length((await run(objective, optimizer, { point: pointOf(objective.layout, [1, 0.5]), iterations })).point);
      return Math.log((await at(from)) / (await at(to))) / (step * (to - from));
    };
    expect(await rate(0, 0.01, 1000, 2000)).toBeCloseTo(0.1, 3);
    expect(await rate(1, 0.01, 1000, 2000)).toBeCloseTo(0.202, 2);
    // complex there: after half a period, pi / sqrt(a^2 + 1 - 5.05^2), everything is as it was, times e^(-5.05 t)
    const halfPeriod = Math.PI / Math.sqrt(10 ** 2 + 1 - 5.05 ** 2);
    const step = halfPeriod / 4000;
    expect(Math.abs((await rate(10, step, 4000, 8000)) - 5.05)).toBeLessThan(0.05);
  });

  // catalogue.md P5, F27: at diag(-1, k) the only negative eigenvalue of (I + J) H is ((k - 1) - sqrt((k - 1)^2 + 4 k (1 + a^2))) / 2
  it.each([[0, 1], [1, 1], [2, 1], [2, 3]])('leaves a saddle at the rate |mu*|, a = %d, k = %d', async (strength, k) => {
    const objective = quadratic([-1, k]);
    const optimizer = langevin({ step: 1e-3, temperature: 0, drift: rotation({ strength }) });
    const at = async (iterations: number) => length((await run(objective, optimizer, { point: pointOf(objective.layout, [1e-6, 0]), iterations })).point);
    const mu = (k - 1 - Math.sqrt((k - 1) ** 2 + 4 * k * (1 + strength ** 2))) / 2;
    const rate = Math.log((await at(6000)) / (await at(5000)));
    // a step multiplies by 1 + eta |mu*|
    expect(rate / (1000 * Math.log1p(1e-3 * -mu))).toBeCloseTo(1, 6);
  });

  it('takes any antisymmetric drift as the antisymmetric part of a matrix', async () => {
    const objective = quadratic([1, 2, 3, 4]);
    const point = pointOf(objective.layout, [1, -1, 0.5, 2]);
    const entries = [9, 1, 3, 0, -1, 7, 0, 3, -3, 0, 5, 1, 0, -3, -1, 2];
    const given = await run(objective, langevin({ step: 0.01, temperature: 0, drift: antisymmetricPart(entries) }), { point, iterations: 1 });
    const gradient = [1, -2, 1.5, 8];
    const j = (i: number, k: number) => (entries[4 * i + k]! - entries[4 * k + i]!) / 2;
    gradient.forEach((g, i) => {
      const turned = gradient.reduce((sum, other, k) => sum + j(i, k) * other, 0);
      expect(given.point.data[i]).toBeCloseTo(point.data[i]! - 0.01 * (g + turned), 14);
    });
    const rotated = [0, 0, 3, 0, 0, 0, 0, 3, -3, 0, 0, 0, 0, -3, 0, 0];
    const ends = await Promise.all([antisymmetricPart(rotated), rotation({ strength: 3 })].map((drift) => run(objective, langevin({ step: 0.01, drift }), { point, iterations: 20, seed: 4 })));
    ends[0]!.point.data.forEach((x, i) => expect(x).toBeCloseTo(ends[1]!.point.data[i]!, 12));
    const refused: unknown = await run(objective, langevin({ drift: antisymmetricPart([0]) }), { point, iterations: 1 }).catch((error: unknown) => error);
    expect(errorCode(refused)).toBe('LOWLAND_E_SHAPE');
  });

  it('is gradient descent at temperature zero', async () => {
    const objective = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(objective.layout, [1, 0.5, 0.2, 0.1, 0.3, 0.7]);
    const cold = await run(objective, langevin({ step: 0.02, temperature: 0 }), { point, iterations: 50 });
    const plain = await run(objective, gradientDescent({ step: fixed({ step: 0.02 }) }), { point, iterations: 50 });
    expect(cold.point.data).toEqual(plain.point.data);
  });

  // rigour.md E2, E4: same seed, same bits; leaves the saddle
  it.each([langevin({ step: 0.02, temperature: 1e-6 }), underdampedLangevin({ step: 0.1, temperature: 1e-6 })])('$id leaves a saddle, by its seed alone', async (optimizer) => {
    const objective = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(objective.layout, [2, 0, 0, 0, 0, 0]);
    const ends = await Promise.all([1, 1, 2].map((seed) => run(objective, optimizer, { point, iterations: 1500, seed })));
    expect(ends[0]!.trace[0]!.value).toBe(0.25);
    expect(ends[0]!.value).toBeLessThan(1e-3);
    expect(ends[1]!.point.data).toEqual(ends[0]!.point.data);
    expect(ends[2]!.point.data).not.toEqual(ends[0]!.point.data);
  });
});

describe('underdampedLangevin', () => {
  it('samples the law of its own scheme on a quadratic', async () => {
    const [h, step, friction, temperature] = [2, 0.2, 1.5, 0.3];
    const objective = many(count, h);
    const { point } = await run(objective, underdampedLangevin({ step, friction, temperature }), { point: pointOf(objective.layout, zeros(count)), iterations: 150 });
    // the covariance of (v, x) is the fixed point of S -> A S A^T + Q
    const { psi0, psi1, psi2, c00, c01, c11 } = ornsteinUhlenbeck(friction, step);
    const noise = 2 * friction * temperature;
    let [vv, vx, xx] = [0, 0, 0];
    for (let k = 0; k < 150; k++) {
      const [a, b, c, d] = [psi0, -psi1 * h, psi1, 1 - psi2 * h];
      [vv, vx, xx] = [
        a * a * vv + 2 * a * b * vx + b * b * xx + noise * c00,
        a * c * vv + (a * d + b * c) * vx + b * d * xx + noise * c01,
        c * c * vv + 2 * c * d * vx + d * d * xx + noise * c11,
      ];
    }
    expect(Math.abs(meanSquare(point) / xx - 1)).toBeLessThan(band);
    // which is near that of exp(-beta f)
    expect(Math.abs(xx / (temperature / h) - 1)).toBeLessThan(0.2);
  });

  // catalogue.md P6: kappa = (sqrt(gamma^2 + 4 |mu|) - gamma) / 2 in place of |mu|
  it('leaves a saddle at the rate kappa', async () => {
    const objective = quadratic([-1]);
    const optimizer = underdampedLangevin({ step: 1e-3, friction: 1.5, temperature: 0 });
    const at = async (iterations: number) => (await run(objective, optimizer, { point: pointOf(objective.layout, [1e-6]), iterations })).point.data[0]!;
    const rate = Math.log((await at(8000)) / (await at(7000)));
    expect(Math.abs(rate / ((Math.sqrt(1.5 ** 2 + 4) - 1.5) / 2) - 1)).toBeLessThan(2e-3);
  });

  // catalogue.md P6, F29: curvature m = .1 at friction 2 sqrt(m) decays as (1 + sqrt(m) t) e^(-sqrt(m) t), overdamped as e^(-m t)
  it('decays at the rate sqrt(m) where overdamped dynamics has m', async () => {
    const m = 0.1;
    const root = Math.sqrt(m);
    const objective = quadratic([m]);
    const point = pointOf(objective.layout, [1]);
    const time = 40;
    const errors = await Promise.all(
      [0.02, 0.01].map(async (step) => {
        const { point: end } = await run(objective, underdampedLangevin({ step, friction: 2 * root, temperature: 0 }), { point, iterations: time / step });
        return end.data[0]! / ((1 + root * time) * Math.exp(-root * time)) - 1;
      }),
    );
    // of first order in the step
    expect(Math.abs(errors[1]!)).toBeLessThan(0.05);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(1.8);
    expect(errors[0]! / errors[1]!).toBeLessThan(2.2);
    const overdamped = await run(objective, langevin({ step: 0.01, temperature: 0 }), { point, iterations: time / 0.01 });
    expect(-Math.log(overdamped.point.data[0]!) / time).toBeCloseTo(m, 3);
  });
});
