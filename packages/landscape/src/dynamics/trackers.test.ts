import { createPoint, maxIterations, normals, type Objective, type Observation, type Optimizer, solve, streamKey, type Tracker } from '@lowland/core';
import { asyncBackend } from '@lowland/core/testing';
import { cpu, hostKernels, multiply, thinSvd } from '@lowland/linalg';
import { linearNetwork, matrixFactorization, ring, symmetricFactorization } from '@lowland/objectives';
import { armijo, fixed, gradientDescent, gradientFlow } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { conserved, type Conserved, driftLaw, type DriftLaw } from './conservation.ts';
import { factorRank, type FactorRank, regionVisited, solutionDistance } from './orbits.ts';
import { twoPhase, type TwoPhase } from './two-phase.ts';
import { twoPhaseScales } from './two-phase-scales.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- trackers and objectives of every requirement */
const backend = cpu();
const planted = (rows: number, cols: number, sigma: readonly number[]) => {
  const values = new Float64Array(rows * cols);
  sigma.forEach((value, i) => (values[i * cols + i] = value));
  return { rows, cols, values };
};
const start = (objective: Objective<any>, scale: number, seed = 1) => {
  const point = createPoint(objective.layout);
  normals(streamKey(seed, 'start', 0), point.data);
  point.data.forEach((x, i) => (point.data[i] = scale * x));
  return point;
};
async function watch<T>(objective: Objective<any>, tracker: Tracker<any, T>, optimizer: Optimizer<any>, point = start(objective, 0.3), iterations = 100, on = backend): Promise<T[]> {
  const seen: Observation[] = [];
  await solve(objective, optimizer, { backend: on, point, trackers: [tracker], every: 1, stop: maxIterations(iterations), record: (o) => seen.push(o) });
  return seen.map(({ tracked }) => tracked![tracker.id] as T);
}
/* eslint-enable @typescript-eslint/no-explicit-any */
const descent = (step: number) => gradientDescent({ step: fixed({ step }) });
const factorization = matrixFactorization({ target: planted(6, 5, [3, 2, 1]), rank: 3, balance: 0 });

describe('drift-law', () => {
  // golden number 9: the identity holds to 1e-14
  it('is exact along gradient descent, whatever the step rule', async () => {
    for (const method of [descent(0.05), gradientDescent({ step: armijo() })]) {
      const seen = await watch<DriftLaw>(factorization, driftLaw(), method);
      expect(seen[0]).toMatchObject({ step: null, residual: null });
      const residuals = seen.slice(1).map(({ residual }) => residual!);
      expect(Math.max(...residuals)).toBeLessThan(1e-14);
    }
    const seen = await watch<DriftLaw>(factorization, driftLaw(), descent(0.05));
    expect(seen[1]!.step).toBeCloseTo(0.05, 12);
    expect(seen.at(-1)!.imbalance).not.toBeCloseTo(seen[0]!.imbalance, 3);
  });

  it('is broken by a balancing term, and has nothing to say of other moves', async () => {
    const balanced = matrixFactorization({ target: planted(6, 5, [3, 2, 1]), rank: 3, balance: 0.125 });
    expect((await watch<DriftLaw>(balanced, driftLaw(), descent(0.05), start(balanced, 0.5), 3))[1]!.residual).toBeGreaterThan(1e-6);
    const flow = await watch<DriftLaw>(factorization, driftLaw(), gradientFlow({ relativeTolerance: 1e-8, endTime: 1 }));
    expect(flow.at(-1)!.residual).toBeNull();
    const one = symmetricFactorization({ target: planted(3, 3, [2, 1]), rank: 2 });
    await expect(watch(one, driftLaw(), descent(0.05))).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
  });

  it('holds on a device that answers later, to its precision', async () => {
    const seen = await watch<DriftLaw>(factorization, driftLaw(), descent(0.05), start(factorization, 0.3), 5, asyncBackend({ reads: 'microtask', extra: hostKernels }) as never);
    seen.slice(1).forEach(({ residual }) => { expect(residual ?? 0).toBeLessThan(1e-6); });
  });
});

describe('conserved', () => {
  it.each([2, 3, 4])('the flow keeps all differences of a network of %d layers', async (depth) => {
    const network = linearNetwork({ data: planted(3, 3, [2, 1]), depth, width: 3 });
    const flow = await watch<Conserved>(network, conserved(), gradientFlow({ relativeTolerance: 1e-10, endTime: 2 }), start(network, 0.5), 2000);
    expect(flow[0]!.norms).toHaveLength(depth - 1);
    expect(flow.at(-1)!.drift).toBeLessThan(1e-7);
    const steps = await watch<Conserved>(network, conserved(), descent(0.05), start(network, 0.5), 40);
    expect(steps.at(-1)!.drift).toBeGreaterThan(1e-4);
  });

  it('of two factors it is the balance', async () => {
    const seen = await watch<Conserved>(factorization, conserved(), gradientFlow({ relativeTolerance: 1e-10, endTime: 2 }), start(factorization, 0.3), 2000);
    expect(seen.at(-1)!.drift).toBeLessThan(1e-8);
    const one = symmetricFactorization({ target: planted(3, 3, [2, 1]), rank: 2 });
    await expect(watch(one, conserved(), descent(0.05))).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
  });
});

describe('factor-rank', () => {
  // founding-papers 11.1: rank and row space are kept by gradient descent of small steps
  it('keeps rank and row space from a start whose last columns are zero', async () => {
    const problem = symmetricFactorization({ target: planted(5, 5, [4, 3, 2]), rank: 3 });
    const point = start(problem, 0.4);
    for (let i = 0; i < 5; i++) point.data[3 * i + 2] = 0;
    const seen = await watch<FactorRank>(problem, factorRank(), descent(0.02), point, 300);
    expect(new Set(seen.map(({ rank }) => rank))).toEqual(new Set([2]));
    expect(Math.max(...seen.map(({ rowSpace }) => rowSpace))).toBeLessThan(1e-12);
    expect(Math.max(...seen.map(({ outside }) => outside))).toBeLessThan(1e-15);
    expect(seen.every(({ holds, first }) => holds && first === 2)).toBe(true);
  });

  it('along the flow the rank never rises, in one factor and in two', async () => {
    const flow = gradientFlow({ relativeTolerance: 1e-10, endTime: 4 });
    for (const problem of [symmetricFactorization({ target: planted(5, 5, [4, 3, 2]), rank: 3 }), matrixFactorization({ target: planted(5, 4, [3, 2, 1]), rank: 3, balance: 0.25 })]) {
      const point = start(problem, 0.4, 5);
      point.data.forEach((_, k) => { if (k % 3 === 1) point.data[k] = 0; });
      const seen = await watch<FactorRank>(problem, factorRank(), flow, point, 400);
      expect(seen.every(({ rank, holds }) => rank === 2 && holds)).toBe(true);
    }
  });

  // founding-papers 11.2: the same start, turned, leaves its row space by rounding, and with it the spurious point
  it('of the twisted ring is kept by exact zeros alone, and shows how rounding breaks it', async () => {
    const ringed = ring(5, 4, 3);
    const point = createPoint(ringed.layout);
    normals(streamKey(2, 'noise', 0), point.data);
    for (let i = 0; i < 5; i++) {
      const angle = (2 * Math.PI * i) / 5;
      point.data.set([Math.cos(angle) + 0.1 * point.data[3 * i]!, Math.sin(angle) + 0.1 * point.data[3 * i + 1]!, 0], 3 * i);
    }
    const { v: turn } = thinSvd({ rows: 3, cols: 3, data: start(symmetricFactorization({ target: planted(3, 3, [1]), rank: 3 }), 1).data });
    const turned = createPoint(ringed.layout, multiply({ rows: 5, cols: 3, data: point.data }, turn).data);
    const [kept, left] = [await watch<FactorRank>(ringed, factorRank(), descent(0.02), point, 500), await watch<FactorRank>(ringed, factorRank(), descent(0.02), turned, 3000)];
    expect(kept.every(({ holds, outside }) => holds && outside < 1e-15)).toBe(true);
    expect(left[0]).toMatchObject({ rank: 2, first: 2, holds: true });
    expect(left[0]!.outside).toBeLessThan(1e-15);
    expect(left[100]!.outside).toBeLessThan(1e-10);
    expect(Math.max(...left.map(({ outside }) => outside))).toBeGreaterThan(0.1);
    expect(left.some(({ holds }) => !holds)).toBe(true);
  });

  it('a start in two columns is the run with two, turned into three', async () => {
    const target = planted(5, 5, [4, 3, 2]);
    const [wide, narrow] = [symmetricFactorization({ target, rank: 3 }), symmetricFactorization({ target, rank: 2 })];
    const w = start(narrow, 0.4);
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const turn = (x: Float64Array) => Float64Array.from({ length: 15 }, (_, at) => [x[2 * Math.floor(at / 3)]!, c * x[2 * Math.floor(at / 3) + 1]!, s * x[2 * Math.floor(at / 3) + 1]!][at % 3]!);
    const run = async (problem: typeof wide, data: Float64Array) => (await solve(problem, descent(0.02), { backend, point: createPoint(problem.layout, data), stop: maxIterations(40) })).point.data;
    const [reached, expected] = [await run(wide, turn(w.data)), turn(await run(narrow, w.data))];
    reached.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 13));
  });
});

it('solution-distance is that to the orbit: 0 at every turned solution, falling along a run', async () => {
  const problem = symmetricFactorization({ target: planted(4, 4, [4, 1]), rank: 2 });
  const solution = createPoint(problem.layout, Float64Array.of(2, 0, 0, 1, 0, 0, 0, 0));
  const [c, s] = [Math.cos(1), Math.sin(1)];
  const turned = createPoint(problem.layout, Float64Array.of(2 * c, 2 * s, -s, c, 0, 0, 0, 0));
  expect((await watch(problem, solutionDistance(solution), descent(0.05), turned, 1))[0]).toBeLessThan(1e-14);
  const seen = await watch(problem, solutionDistance(solution), descent(0.05), start(problem, 0.5), 400);
  expect(seen[0]!).toBeGreaterThan(0.5);
  expect(seen.at(-1)!).toBeLessThan(1e-8);
});

it('region: from the saddle at 0 over the slope into the bowl', async () => {
  const problem = symmetricFactorization({ target: planted(4, 4, [4, 3]), rank: 2 });
  const seen = await watch(problem, regionVisited(), descent(0.02), start(problem, 0.01), 300);
  expect(seen[0]).toBe('R1');
  expect(seen.at(-1)).toBe('R2');
  expect(seen.indexOf('R2')).toBeGreaterThan(seen.lastIndexOf('R1'));
});

// founding-papers.md 7: m = 10, n = 8, sigma = (3, 2, 1), eps = 1/54, eta = .02
describe('two-phase', () => {
  const problem = matrixFactorization({ target: planted(10, 8, [3, 2, 1]), rank: 3, balance: 0 });

  it('recursions are exact and the bounds of both stages hold', async () => {
    for (const seed of [1, 2, 3]) {
      const seen = await watch<TwoPhase>(problem, twoPhase(), descent(0.02), start(problem, 1 / 54, seed), 600);
      for (const { residuals } of seen.slice(1)) for (const residual of Object.values(residuals!)) expect(residual).toBeLessThan(1e-14);
      for (const { holds } of seen) expect(Object.values(holds)).not.toContain(false);
      const last = seen.at(-1)!;
      expect(last.holds).toEqual({ upper: true, outsideFalls: true, contracts: true, conditioned: true });
      expect(last.t0!).toBeGreaterThan(120);
      expect(last.t1!).toBeLessThan(450);
      expect(Math.max(...seen.filter(({ stage }) => stage === 1).map(({ constants }) => constants.b))).toBeLessThan(1);
      // measured there: .62 at the start of stage 2, |P| = sigma_d / 4 against .4 sigma_d
      expect(Math.max(...seen.map(({ constants }) => constants.contraction ?? 0))).toBeLessThan(0.7);
      const before = seen.filter(({ t0 }) => t0 === null).map(({ sizes }) => sizes.a);
      expect(before.every((size, k) => k < 2 || size >= before[k - 1]!)).toBe(true);
    }
  });

  // H3: theory's step is impractical, a practical one takes a few hundred iterations (measured: 250 to 340 to 1e-10)
  it('one constant serves all bounds of stage 1; the warm-up grows with ln(1/eps)', async () => {
    const square = matrixFactorization({ target: planted(10, 10, [2, 1]), rank: 2, balance: 0 });
    const { eps, impracticalStep, practicalStep } = twoPhaseScales([2, 1], 10, 10);
    expect([eps, impracticalStep, practicalStep].map((value) => Number(value.toPrecision(2)))).toEqual([0.025, 3.9e-5, 0.05]);
    const times: number[] = [];
    for (const size of [1e-1, eps, 1e-3, 1e-4]) {
      const seen = await watch<TwoPhase>(square, twoPhase(), descent(practicalStep), start(square, size, 3), 500);
      const { t0, holds, constants } = seen.at(-1)!;
      expect(holds).toMatchObject({ upper: true, contracts: true, conditioned: true });
      expect(constants.contraction!).toBeLessThanOrEqual(1);
      const first = seen.filter(({ t1 }) => t1 === null);
      // Before T0 columns may align for the worst: c is that of the start, and no more.
      for (const { constants: c } of first) expect(Math.max(c.b, c.j, c.k)).toBeLessThan(1.5);
      expect(Math.max(...first.map(({ constants: c }) => c.a))).toBeLessThanOrEqual(first[0]!.constants.a * 1.001);
      times.push(t0!);
    }
    // the warm-up is linear: a tenth of the start is ln 10 / ln(1 + eta sigma_d) iterations more
    expect(Math.abs(times[3]! - times[2]! - Math.LN10 / Math.log1p(practicalStep))).toBeLessThan(2);
    expect(() => twoPhaseScales([1, 2], 5, 5)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
  });

  it('refuses a matrix of another rank, one factor, and terms beside the fit', async () => {
    for (const beside of [{ balance: 0.125 }, { balance: 0, lambda: 0.1 }]) {
      const other = matrixFactorization({ target: planted(10, 8, [3, 2, 1]), rank: 3, ...beside }) as typeof problem;
      await expect(watch(other, twoPhase(), descent(0.02), start(problem, 1 / 54, 1), 5)).rejects.toMatchObject({ message: expect.stringMatching(/balance 0 and lambda 0|target/) as string });
    }
    const short = matrixFactorization({ target: planted(10, 8, [3, 2]), rank: 3, balance: 0 });
    await expect(watch(short, twoPhase(), descent(0.02))).rejects.toMatchObject({ code: 'LOWLAND_E_RANK' });
    const one = symmetricFactorization({ target: planted(3, 3, [2, 1]), rank: 2 });
    await expect(watch(one, twoPhase(), descent(0.02))).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
  });
});
