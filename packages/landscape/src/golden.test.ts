/**
 * The golden numbers of founding-papers.md, section 19, as the analyses find them; `golden.node.test.ts` lists where else each item is tested, and
 * the items that are not about points: 3, 8b, 9, 10.
 */
import { analyse, createPoint, type Objective } from '@lowland/core';
import { cpu, diagonal, matrix, multiply, type Matrix } from '@lowland/linalg';
import { betaFamily, generateGraph, linearNetwork, matrixFactorization, maxCut, populationPhaseRetrieval, ring, symmetricFactorization, twistedState } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { gaussian, pick, values, withEigenvalues, withSingularValues } from '../test/orthogonal.ts';
import { certifyPoint } from './certify.ts';
import type { SecondOrder } from './classify/hessian.ts';
import { withColumns } from './factored.ts';
import { nullity } from './groups/nullity-report.ts';
import { regions } from './regions/regions.ts';
import { spectrum } from './spectrum/spectrum.ts';

const backend = cpu();
type Numbers = ArrayLike<number>;
const pointOf = (objective: unknown, x: Numbers) => createPoint((objective as Objective<never>).layout, Float64Array.from(x));
const spectrumAt = (objective: unknown, x: Numbers, deflate = true) =>
  analyse(objective as Objective<SecondOrder>, spectrum({ deflate, probes: 0, traceProducts: 0, failureProbability: 0 }), pointOf(objective, x), backend);
const eigenvaluesAt = async (objective: unknown, x: Numbers) => [...(await spectrumAt(objective, x, false)).eigenvalues!];
const nullityAt = (objective: unknown, x: Numbers) => analyse(objective as Objective<SecondOrder>, nullity(), pointOf(objective, x), backend);
const certifiedAt = (objective: unknown, x: Numbers) => certifyPoint(objective as Objective<'value'>, pointOf(objective, x), { backend });
const regionAt = (objective: unknown, x: Numbers) => analyse(objective as Objective<'value' | 'factors'>, regions(), pointOf(objective, x), backend);

/** The largest difference of two lists in order. */
const apart = (found: readonly number[], expected: readonly number[]) => {
  if (found.length !== expected.length) return Infinity;
  const sorted = [...expected].sort((a, b) => a - b);
  return Math.max(...found.map((value, k) => Math.abs(value - sorted[k]!)));
};
const times = (count: number, value: number) => Array.from({ length: count }, () => value);
/** diag(entries) of this size. */
const onDiagonal = (rows: number, cols: number, entries: readonly number[]) => {
  const out = matrix(rows, cols);
  entries.forEach((entry, i) => (out.data[i * cols + i] = entry));
  return out;
};
/** The columns of q named by `kept`, scaled by the roots of theirs, filled up with zeros. */
const factor = (q: Matrix, entries: readonly number[], kept: readonly number[], rank: number) =>
  withColumns(multiply(pick(q, kept), diagonal(kept.map((k) => Math.sqrt(entries[k]!)))), rank).data;

describe('1: M = Q diag(5, 3, 2, 1, -.5, -1.5) Q^T, r = 3', () => {
  const eigenvalues = [5, 3, 2, 1, -0.5, -1.5];
  const { m, q } = withEigenvalues(eigenvalues, 31);
  const objective = symmetricFactorization({ target: values(m), rank: 3 });

  it.each([[[], -5], [[0, 1], -2], [[0, 1, 3], -1], [[0], -3], [[1, 2, 3], -4]])('keeping %j: least curvature %d', async (kept, least) => {
    const { smallest } = await spectrumAt(objective, factor(q, eigenvalues, kept, 3));
    expect(smallest[0]!.value).toBeCloseTo(least, 11);
  });

  it('f(0) = 10.375, f* = .875; at {5, 3, 2} three null directions, then 1', async () => {
    const { value, lowerBound } = await certifiedAt(objective, new Float64Array(18));
    expect([value, lowerBound]).toEqual([expect.closeTo(10.375, 12), expect.closeTo(0.875, 10)]);
    const best = factor(q, eigenvalues, [0, 1, 2], 3);
    expect(await nullityAt(objective, best)).toMatchObject({ measured: 3, predicted: 3, status: 'clear' });
    const { deflated, smallest } = await spectrumAt(objective, best);
    expect([deflated, smallest[0]!.value]).toEqual([3, expect.closeTo(1, 11)]);
  });
});

it('2: M = diag(5, 3, 2, 0, 0, 0), r = 3: {0 x3, 2 x3, 3 x3, 4, 5 x4, 6, 7, 8, 10}; p = 4: nine zeros', async () => {
  const target = values(diagonal([5, 3, 2, 0, 0, 0]));
  const [q, entries] = [diagonal(times(6, 1)), [5, 3, 2]];
  expect(apart(await eigenvaluesAt(symmetricFactorization({ target, rank: 3 }), factor(q, entries, [0, 1, 2], 3)), [...times(3, 0), ...times(3, 2), ...times(3, 3), 4, ...times(4, 5), 6, 7, 8, 10])).toBeLessThan(1e-11);
  const wide = await eigenvaluesAt(symmetricFactorization({ target, rank: 4 }), factor(q, entries, [0, 1, 2], 4));
  expect(wide.filter((value) => Math.abs(value) < 1e-11)).toHaveLength(9);
});

describe('4, 5: sigma = (4, 2.5, 1.5), m = 5, n = 4, d = 3', () => {
  const sigma = [4, 2.5, 1.5];
  const { m, u, v } = withSingularValues(5, 4, sigma, 32);
  const at = (t = 1) => [...factor(u, sigma, [0, 1, 2], 3).map((x) => t * x), ...factor(v, sigma, [0, 1, 2], 3).map((x) => x / t)];

  it.each([[0, 9, 8], [1 / 16, 3, 8], [1 / 8, 3, 8], [1 / 4, 3, 16]])('c = %d: %d null directions, then 1.5, up to %d', async (balance, zeros, most) => {
    const eigenvalues = await eigenvaluesAt(matrixFactorization({ target: values(m), rank: 3, balance }), at());
    expect(eigenvalues.filter((value) => Math.abs(value) < 1e-11)).toHaveLength(zeros);
    expect(eigenvalues[zeros]).toBeCloseTo(1.5, 11);
    expect(eigenvalues.at(-1)).toBeCloseTo(most, 11);
  });

  it('5: scaled by t = 3, from .166667 to 36.4444', async () => {
    const { deflated, smallest, largest } = await spectrumAt(matrixFactorization({ target: values(m), rank: 3, balance: 0 }), at(3));
    expect(deflated).toBe(9);
    expect(smallest[0]!.value).toBeCloseTo(1.5 / 9, 10);
    expect(largest[0]!.value).toBeCloseTo(36.4444, 4);
  });
});

it.each([[0, -2], [1, -1.561553], [5, -0.158989], [20, -0.00999975]])('6: the unbalanced saddle U = 0, V = %d w has the least curvature %d', async (t, least) => {
  const objective = matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 0) }, rank: 1, balance: 0 });
  expect(Math.abs((await spectrumAt(objective, [0, 0, 0, t])).smallest[0]!.value - least)).toBeLessThan(5e-7);
});

describe('7: regions', () => {
  const two = symmetricFactorization({ target: values(onDiagonal(4, 4, [4, 1])), rank: 2 });
  const one = symmetricFactorization({ target: values(onDiagonal(3, 3, [1])), rank: 1 });

  it('R1 is tight at -1/4', async () => {
    const x = [2, 0, 0, 0.5, 0, 0, 0, 0];
    expect(await regionAt(two, x)).toMatchObject({ region: 'R1', guarantee: { curvature: -0.25 } });
    expect((await spectrumAt(two, x)).smallest[0]!.value).toBeCloseTo(-0.25, 11);
  });

  it("R3'' is tight at 3/4 sigma_1^3", async () => {
    const { region, guarantee } = await regionAt(one, [2, 0, 0]);
    expect(region).toBe("R3''");
    expect(guarantee).toMatchObject({ proved: 6, gradient: 6 });
  });

  // 3.5, |u| = 1: the numbers on R1 (|x| <= 1/2) and R2 (distance <= 1/8), reached along u
  it('rank one: -1/4 and 49/64 are reached, .1227 is the infimum between them', async () => {
    expect(await regionAt(one, [0.5, 0, 0])).toMatchObject({ region: 'R1', guarantee: { curvature: -0.25 } });
    expect((await spectrumAt(one, [0.5, 0, 0])).smallest[0]!.value).toBeCloseTo(-0.25, 12);
    // 1/2 is proved throughout R2; here sigma_r(X)^2 + min(0, lambda_min(X X^T - M)) says as much
    const edge = await regionAt(one, [7 / 8, 0, 0]);
    expect(edge.region).toBe('R2');
    expect((edge.guarantee as { lower: number }).lower).toBeGreaterThanOrEqual(0.5);
    expect((await spectrumAt(one, [7 / 8, 0, 0])).smallest[0]!.value).toBeCloseTo(49 / 64, 12);

    let [sup, inf] = [-Infinity, Infinity];
    let least = Infinity;
    for (let k = 0; k <= 180; k++) {
      const [c, s] = [Math.cos((Math.PI * k) / 180), Math.sin((Math.PI * k) / 180)];
      sup = Math.max(sup, (await spectrumAt(one, [c / 2, s / 2, 0])).smallest[0]!.value);
      inf = Math.min(inf, (await spectrumAt(one, [1 + c / 8, s / 8, 0])).smallest[0]!.value);
      const { region, guarantee } = await regionAt(one, [1 + c * 0.125000001, s * 0.125000001, 0]);
      expect(region).toBe("R3'");
      least = Math.min(least, (guarantee as { ratio: number }).ratio);
    }
    expect([sup, inf, least]).toEqual([expect.closeTo(-0.25, 10), expect.closeTo(49 / 64, 10), expect.closeTo(0.1227, 4)]);
    expect(least).toBeGreaterThan(1 / 9);
  });
});

it('8: lambda = (3, 1): curvatures 1 and 6, so the best step 2/7 has the rate .714286, and 1/3 is the longest', async () => {
  const { smallest, largest } = await spectrumAt(symmetricFactorization({ target: values(onDiagonal(3, 3, [3, 1])), rank: 2 }), [Math.sqrt(3), 0, 0, 1, 0, 0]);
  const [mu, most] = [smallest[0]!.value, largest[0]!.value];
  expect(2 / (mu + most)).toBeCloseTo(2 / 7, 11);
  expect((most - mu) / (most + mu)).toBeCloseTo(0.714286, 6);
  expect(2 / most).toBeCloseTo(1 / 3, 11);
});

it.each([1.2, 1.5, 2])('11: beta = %d: f = 3/4, Hessian diag(3 beta^2 - 3, 4), -3 with a column more', async (beta) => {
  const x = [0, Math.SQRT1_2];
  expect((await certifiedAt(betaFamily(beta), x)).value).toBeCloseTo(0.75, 13);
  expect(apart(await eigenvaluesAt(betaFamily(beta), x), [3 * beta ** 2 - 3, 4])).toBeLessThan(1e-11);
  expect((await spectrumAt(betaFamily(beta, 2), [0, 0, Math.SQRT1_2, 0])).smallest[0]!.value).toBeCloseTo(-3, 11);
});

describe('12: the ring, gamma = 4', () => {
  it.each([
    [5, -3.328899, [0, 0.17074, 0.17074], -2.763932],
    [6, -6.75, [0, 0.5597], -2],
    [8, -13.313708, [0, 0.6453], -1.171573],
  ])('n = %i: the twisted state has the value %d, and %j below; padded %d', async (n, value, lowest, padded) => {
    expect(Math.abs((await certifiedAt(ring(n, 4), twistedState(n, 4))).value - value)).toBeLessThan(5e-7);
    const eigenvalues = await eigenvaluesAt(ring(n, 4), twistedState(n, 4));
    lowest.forEach((expected, k) => { expect(Math.abs(eigenvalues[k]! - expected)).toBeLessThan(5e-5); });
    expect(Math.abs((await spectrumAt(ring(n, 4, 3), twistedState(n, 4, 3))).smallest[0]!.value - padded)).toBeLessThan(5e-7);
  });

  // the augmented Lagrangian's bound is -2n - n (2 - 2 cos w)^2 / (2 weight)
  it.each([5, 6, 8])('n = %i: with its multipliers 2 cos w the dual bound is the optimum -2n, of a spurious point', async (n) => {
    const w = (2 * Math.PI) / n;
    const multipliers = new Float64Array(n).fill(2 * Math.cos(w));
    const { data: graph } = generateGraph({ kind: 'cycle', size: n, weight: -2 }, 0);
    const state = Float64Array.from({ length: 2 * n }, (_, k) => (k % 2 === 0 ? Math.cos((w * k) / 2) : Math.sin((w * (k - 1)) / 2)));
    const { kind, value, lowerBound } = await certifiedAt(maxCut({ graph, rank: 2, merit: 'augmented', weight: 1e6, multipliers }), state);
    expect(kind).toBe('not-certified');
    expect(value).toBeCloseTo(-2 * n * Math.cos(w), 10);
    expect(Math.abs(lowerBound! + 2 * n)).toBeLessThan(2e-5);
  });
});

describe('13: population phase retrieval', () => {
  // founding-papers 6 has 1/2 E (…)^2 where this objective has 1/4
  it('real, n = 5: 12, 4 … at u; -4, 4, 0 … at the saddle; -6, -2 … at 0', async () => {
    const objective = populationPhaseRetrieval({ signal: Float64Array.of(1, 0, 0, 0, 0) });
    const twice = async (x: Numbers) => (await eigenvaluesAt(objective, x)).map((value) => 2 * value);
    expect(apart(await twice([1, 0, 0, 0, 0]), [12, ...times(4, 4)])).toBeLessThan(1e-11);
    expect(apart(await twice([0, Math.sqrt(1 / 3), 0, 0, 0]), [-4, 4, ...times(3, 0)])).toBeLessThan(1e-11);
    expect(apart(await twice(new Float64Array(5)), [-6, ...times(4, -2)])).toBeLessThan(1e-11);
  });

  it('complex, n = 3: 0, 8, 2 … at u; -2, -2, 4, 0 … at the saddle; -4, -4, -2 … at 0', async () => {
    const objective = populationPhaseRetrieval({ signal: Float64Array.of(1, 0, 0, 0, 0, 0), complex: true });
    expect(apart(await eigenvaluesAt(objective, [0.6, 0.8, 0, 0, 0, 0]), [0, 8, ...times(4, 2)])).toBeLessThan(1e-11);
    expect(apart(await eigenvaluesAt(objective, [0, 0, Math.SQRT1_2, 0, 0, 0]), [-2, -2, 4, ...times(3, 0)])).toBeLessThan(1e-11);
    expect(apart(await eigenvaluesAt(objective, new Float64Array(6)), [-4, -4, ...times(4, -2)])).toBeLessThan(1e-11);
  });
});

describe('14: linear networks', () => {
  it.each([[2, 2], [3, 2], [4, 2], [2, 3], [3, 3]])('%i layers of width %i: (L - 1) d^2 null directions at an exact fit', async (depth, d) => {
    const sigma = [3, 2, 1].slice(0, d);
    const layer = onDiagonal(d, d, sigma.map((value) => value ** (1 / depth)));
    const objective = linearNetwork({ data: values(onDiagonal(d, d, sigma)), depth, width: d });
    const report = await nullityAt(objective, times(depth, 0).flatMap(() => [...layer.data]));
    expect(report).toMatchObject({ measured: (depth - 1) * d ** 2, predicted: (depth - 1) * d ** 2, excess: { kind: 'none' } });
  });

  it.each([3, 4])('the Hessian at 0 vanishes for %i layers', async (depth) => {
    const objective = linearNetwork({ data: values(onDiagonal(2, 2, [3, 1])), depth, width: 2 });
    expect((await eigenvaluesAt(objective, new Float64Array(4 * depth))).map(Math.abs)).toEqual(times(4 * depth, 0));
  });
});

describe('15: sigma = (4, 2.5, 1.5, .7), mu = 1, d = 3', () => {
  const shrunk = [3, 1.5, 0.5];
  const { m, u, v } = withSingularValues(5, 4, [4, 2.5, 1.5, 0.7], 33);
  const objective = matrixFactorization({ target: values(m), rank: 3, balance: 0, lambda: 1 });

  it.each([[[], 12.495], [[0], 7.995], [[0, 1], 6.87], [[0, 1, 2], 6.745]])('keeping %j: %d', async (kept, value) => {
    const x = [...factor(u, shrunk, kept, 3), ...factor(v, shrunk, kept, 3)];
    const certificate = await certifiedAt(objective, x);
    expect(certificate.value).toBeCloseTo(value, 11);
    expect(certificate.kind).toBe(kept.length === 3 ? 'global-minimum' : 'not-certified');
    // mu less the largest that is missing; at the minimum the one beyond the rank leaves sigma_3 - sigma_4
    const { smallest } = await spectrumAt(objective, x);
    expect(smallest[0]!.value).toBeCloseTo([-3, -1.5, -0.5, 0.8][kept.length]!, 11);
  });
});

it('16: the dual gap is above the true one at every point, and falls to 0 with the first power of the distance', async () => {
  const { m, q } = withEigenvalues([3, 2, 0.5, -1], 34);
  // 1/4 |X X^T - M|^2 + 1/2 |X|^2: eigenvalues lowered by 1
  const objective = symmetricFactorization({ target: values(m), rank: 4, lambda: 1 });
  const best = factor(q, [2, 1], [0, 1], 4);
  const least = 0.25 * (1 + 1 + 0.25 + 1) + 0.5 * 3;
  const noise = gaussian(16, 1, 35).data;
  const gaps: number[] = [];
  for (const size of [1, 1e-2, 1e-4, 1e-6, 0]) {
    const { gap, value } = await certifiedAt(objective, best.map((x, k) => x + size * noise[k]!));
    expect(gap!).toBeGreaterThanOrEqual(value - least - 1e-13);
    gaps.push(gap!);
  }
  expect(gaps[2]! / gaps[1]!).toBeLessThan(0.02);
  expect(gaps[3]! / gaps[2]!).toBeLessThan(0.02);
  expect(gaps[4]).toBeLessThan(1e-10);
});

describe('F03: the critical-point table of catalogue.md, Part 0', () => {
  const sigma = [3, 2, 1];
  const subsets = (rank: number) => Array.from({ length: 8 }, (_, bits) => [0, 1, 2].filter((k) => (bits >> k) & 1)).filter((kept) => kept.length <= rank);
  const cases = [1, 2, 3].flatMap((rank) => subsets(rank).map((kept) => [rank, kept] as const));

  it.each(cases)('rank %i, keeping %j', async (rank, kept) => {
    const objective = matrixFactorization({ target: values(onDiagonal(5, 4, sigma)), rank, balance: 0 });
    const [u, v] = [onDiagonal(5, 3, [1, 1, 1]), onDiagonal(4, 3, [1, 1, 1])];
    const { signs, eigenvalues } = await spectrumAt(objective, [...factor(u, sigma, kept, rank), ...factor(v, sigma, kept, rank)]);
    const missing = [0, 1, 2].filter((i) => !kept.includes(i));
    expect(signs!.negative).toBe(missing.reduce((sum, i) => sum + (rank - kept.length) + kept.filter((j) => sigma[j]! < sigma[i]!).length, 0));
    const least = kept.length < rank ? Math.max(0, ...missing.map((i) => sigma[i]!)) : Math.max(0, ...missing.flatMap((i) => kept.map((j) => sigma[i]! - sigma[j]!)));
    expect(Math.min(0, eigenvalues![0]!)).toBeCloseTo(-least, 11);
  });
});
