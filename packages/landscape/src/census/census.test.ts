import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, matrix, multiply, norm, subtract } from '@lowland/linalg';
import { betaFamily, doubleWell, generateIntensities, linearNetwork, matrixCompletion, matrixFactorization, phaseRetrieval, ring, schwefel, symmetricFactorization } from '@lowland/objectives';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { orthonormal } from '../../test/orthogonal.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { allStationaryPoints } from '../homotopy/all-stationary-points.ts';
import { eulerAudit } from './audit.ts';
import { census, type Census, type CensusOptions } from './census.ts';

const backend = cpu();
const take = (objective: unknown, options: CensusOptions, seed = 0): Promise<Census> => {
  const smooth = objective as Objective<SecondOrder>;
  return analyse(smooth, census(options), createPoint(smooth.layout), backend, { seed });
};

/** Real intensities of a planted signal under Gaussian vectors: 1/(4m) sum ((a_i^T x)^2 - b_i)^2. */
function intensities(n: number, m: number, seed: number) {
  const left = new Float64Array(m * n);
  normals(streamKey(seed, 'vectors', 0), left);
  const signal = new Float64Array(n);
  normals(streamKey(seed, 'signal', 0), signal);
  const values = Float64Array.from({ length: m }, (_, i) => signal.reduce((sum, x, j) => sum + left[i * n + j]! * x, 0) ** 2);
  return { objective: phaseRetrieval({ measurements: { rows: n, cols: n, values, ensemble: { kind: 'rank-one', left } } }), unit: norm(signal) / Math.sqrt(n) };
}

/** Q diag(values) Q^T */
function withSpectrum(eigenvalues: readonly number[]) {
  const n = eigenvalues.length;
  const q = orthonormal(n, n, 5);
  const scaled = matrix(n, n, q.data.map((value, k) => value * eigenvalues[k % n]!));
  return { rows: n, cols: n, values: multiply(scaled, q, { transposeB: true }).data, q };
}

// rigour.md C1, C2: against the list that is proved complete
describe('phase retrieval: the list of the homotopy, modulo the sign', () => {
  it.each([
    [3, 8, 1], [3, 8, 2], [3, 8, 3], [3, 8, 4], [3, 8, 5],
    [4, 12, 1], [4, 12, 2], [4, 12, 3], [4, 12, 4], [4, 12, 5],
  ])('n = %d, m = %d, seed %d', async (n, m, seed) => {
    const { objective, unit } = intensities(n, m, seed);
    const all = await analyse(objective as unknown as Objective<SecondOrder | 'residual'>, allStationaryPoints(), createPoint(objective.layout), backend);
    expect(all.complete).toBe(true);
    const { orbits, audit, group, starts } = await take(objective, { starts: full ? 2000 : 600, unit }, seed);
    expect(group).toBe('{1, -1}');
    expect(starts.fixed).toBe(1);
    // 0 once, every other point with its negative
    expect(2 * orbits.length - 1).toBe(all.points.length);
    for (const { point: { data }, index, value } of orbits) {
      const same = all.points.filter(({ point }) => [1, -1].some((sign) => data.every((x, i) => Math.abs(x - sign * point.data[i]!) < 1e-9 * unit)));
      expect(same).toHaveLength(norm(data) === 0 ? 1 : 2);
      expect(same[0]!.index).toBe(index);
      expect(Math.abs(same[0]!.value - value)).toBeLessThan(1e-12 * all.points.at(-1)!.value);
    }
    expect(audit).toMatchObject({ status: 'passed', sum: 1, blind: 0 });
    expect(orbits.filter(({ spurious }) => spurious)).toHaveLength(all.points.filter(({ index, value }) => index === 0 && value > 1e-12).length / 2);
  });
});

// founding-papers 3.2, 3.3, golden 1; rigour.md C3
describe('symmetric factorization with the spectrum (5, 3, 2, 1, -.5, -1.5)', () => {
  const eigenvalues = [5, 3, 2, 1, -0.5, -1.5];
  const { q, ...target } = withSpectrum(eigenvalues);
  const subsets = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].filter((k) => (bits >> k) & 1)).filter((kept) => kept.length <= 3);
  /** 3.3 (i), (ii), (iv): how many are negative. */
  const index = (kept: readonly number[]): number => {
    const missing = eigenvalues.filter((_, i) => !kept.includes(i));
    return kept.reduce((sum, j) => sum + missing.filter((lambda) => lambda > eigenvalues[j]!).length, 0) + (3 - kept.length) * missing.filter((lambda) => lambda > 0).length;
  };

  it('all 15 orbits and no other', async () => {
    const { orbits, audit, starts, unseen, least } = await take(symmetricFactorization({ target, rank: 3 }), { starts: full ? 2000 : 400, unit: 0.75 });
    expect(starts.stationary).toBe(starts.random + starts.fixed + starts.followed);
    expect(orbits).toHaveLength(15);
    for (const kept of subsets) {
      const columns = matrix(6, Math.max(1, kept.length), Float64Array.from({ length: 6 * Math.max(1, kept.length) }, (_, k) => {
        const [i, j] = [Math.floor(k / Math.max(1, kept.length)), kept[k % Math.max(1, kept.length)]];
        return j === undefined ? 0 : q.data[i * 6 + j]! * Math.sqrt(eigenvalues[j]!);
      }));
      const product = multiply(columns, columns, { transposeB: true });
      const matches = orbits.filter(({ point }) => {
        const x = matrix(6, 3, point.data);
        return norm(subtract(multiply(x, x, { transposeB: true }), product).data) < 1e-9;
      });
      expect(matches).toHaveLength(1);
      const [found] = matches;
      const s = kept.length;
      expect(found!.value).toBeCloseTo(eigenvalues.reduce((sum, lambda, i) => sum + (kept.includes(i) ? 0 : lambda * lambda / 4), 0), 12);
      expect(found!.index).toBe(index(kept));
      expect(found!.nullity).toBe(0);
      expect(found!.orbit).toEqual({ dimension: (s * (s - 1)) / 2 + s * (3 - s), stabiliserDimension: s === 3 ? 0 : ((3 - s) * (2 - s)) / 2, components: s === 3 ? 2 : 1, twofold: s === 3, euler: [1, 2, 0, 0][s], rank: s, unused: 3 - s });
      expect(found!.kind).toBe(s === 3 && kept.join() === '0,1,2' ? 'least' : 'saddle');
    }
    // rigour.md C2: ten of fifteen weigh nothing
    expect(audit).toMatchObject({ status: 'passed', sum: 1, blind: 10 / 15 });
    expect(audit.statement).toContain('proves nothing');
    expect(least).toEqual({ value: expect.closeTo(0.875, 12) as number, known: true });
    expect(unseen.estimate).toBe(unseen.seenOnce / starts.random);
  });

  it('few starts leave some unseen, and the estimate says so', async () => {
    const { orbits, unseen } = await take(symmetricFactorization({ target, rank: 3 }), { starts: 20, fixedStarts: 0, unit: 0.75 });
    expect(orbits.length).toBeLessThan(15);
    expect(unseen.estimate).toBeGreaterThan(0);
  });

  it('says that nothing is known where no start ends anywhere, and calls no saddle the least', async () => {
    const none = await take(symmetricFactorization({ target, rank: 3 }), { starts: 3, fixedStarts: 0, follow: 0, iterations: 1 });
    expect(none).toMatchObject({ orbits: [], unseen: { estimate: 1, statement: expect.stringMatching(/nothing is known/) as string } });
    const { data } = generateIntensities({ size: 3, noise: 0.3 }, 1);
    const one = await take(phaseRetrieval({ measurements: data }), { starts: 1, fixedStarts: 0, follow: 0, unit: 1e-6 });
    expect(one.orbits).toMatchObject([{ index: 3, kind: 'maximum' }]);
    expect(one.least.known).toBe(false);
  });
});

describe('asymmetric factorization, sigma = (4, 2.5, 1.5), d = 2', () => {
  const sigma = [4, 2.5, 1.5];
  const problem = (rows: number, balance: number) =>
    matrixFactorization({ target: { rows, cols: 3, values: Float64Array.from({ length: 3 * rows }, (_, k) => (k % 4 === 0 && k < 9 ? sigma[k / 4]! : 0)) }, rank: 2, balance });

  // 4.3: sum over s <= 2 of C(3, s) orbits; the balanced representatives where c = 0
  it.each([[0.125, 'O(2)'], [0, 'GL(2)']])('balance %d: seven orbits under %s', async (balance, group) => {
    const census = await take(problem(3, balance), { starts: 250, fixedStarts: 12, unit: 1 });
    expect(census.group).toBe(group);
    expect(census.orbits.map(({ value }) => Math.round(1e9 * value) / 1e9)).toEqual([1.125, 3.125, 4.25, 8, 9.125, 11.125, 12.25]);
    expect(census.orbits.map(({ kind }) => kind)).toEqual(['least', ...Array.from({ length: 6 }, () => 'saddle')]);
    expect(census.orbits.map(({ orbit }) => orbit.rank)).toEqual([2, 2, 1, 2, 1, 1, 0]);
    expect(census.orbits[0]!.orbit.dimension).toBe(balance === 0 ? 4 : 1);
    if (balance === 0) expect(census.audit).toMatchObject({ status: 'refused', sum: null, statement: expect.stringContaining('GL(2)') as string });
    else expect(census.audit).toMatchObject({ status: 'passed', blind: 6 / 7 });
  });

  // 4.4: beyond min(m, n) there are zeros where columns are
  it('points with columns of zeros are degenerate where m and n differ, and the audit is refused', async () => {
    const { orbits, audit } = await take(problem(5, 0.125), { starts: 150, fixedStarts: 12, unit: 1 });
    expect(orbits.at(-1)).toMatchObject({ value: 12.25, nullity: 4, orbit: { rank: 0 } });
    expect(audit).toMatchObject({ status: 'refused', statement: expect.stringContaining('degenerate') as string });
  });
});

describe('the given point', () => {
  const objective = symmetricFactorization({ target: withSpectrum([5, 3, 2, 1, -0.5, -1.5]), rank: 3 }) as unknown as Objective<SecondOrder>;
  const from = (point: Float64Array, options: CensusOptions) => analyse(objective, census(options), createPoint(objective.layout, point), backend);

  it('is the first start: its orbit is on the list where random starts end elsewhere', async () => {
    const all = await take(objective, { starts: 300, unit: 0.75 });
    const least = all.orbits[0]!;
    expect(all).toMatchObject({ given: null, starts: { given: 0 } });
    const { orbits, given, starts } = await from(least.point.data, { starts: 1, fixedStarts: 0, follow: 0, unit: 1e-6 });
    expect(given).toBe(0);
    expect(orbits[0]).toMatchObject({ kind: 'least', index: 0, value: expect.closeTo(least.value, 12) as number, seen: { given: 1, random: 0 } });
    expect(starts).toMatchObject({ given: 1, random: 1, stationary: 2 });
  });

  it('that leads nowhere is not on the list', async () => {
    const { orbits, given } = await from(new Float64Array(18).fill(1), { starts: 1, fixedStarts: 0, follow: 0, iterations: 1 });
    expect([orbits.length, given]).toEqual([0, null]);
  });
});

describe('a continuum', () => {
  // Nothing is said of the last row and the last column: their entries in u and v are free.
  const entries = { rows: 3, cols: 3, row: Int32Array.of(0, 0, 1), col: Int32Array.of(0, 1, 0), values: Float64Array.of(1, 2, 3) };

  it('of completions of too few entries: the number of the listed orbits means nothing', async () => {
    const { orbits, continuum } = await take(matrixCompletion({ entries, rank: 1 }), { starts: 12, fixedStarts: 0, follow: 0, unit: 1 });
    expect(continuum).not.toBeNull();
    expect(continuum!.orbits).toBeGreaterThan(2);
    expect(continuum!.orbits).toBe(orbits.filter(({ nullity }) => nullity > 0).length);
    expect(continuum!.statement).toMatch(/continuum[^]*means nothing/);
  });

  // ((a^T x)^2 - b)^2 / 4: two planes of minima, and between them that of maxima across
  it('is followed up from one of its minima alone', async () => {
    const { orbits, starts } = await take(intensities(3, 1, 1).objective, { starts: 12, fixedStarts: 0, unit: 1 });
    expect(orbits.filter(({ kind }) => kind === 'least').length).toBeGreaterThan(2);
    // at most both ways along the one eigenvector that is not flat
    expect(starts.followed).toBeLessThanOrEqual(2);
  });

  it('is none where orbits are flat but alone', async () => {
    const flat = await take(symmetricFactorization({ target: withSpectrum([3, 1, 0, 0]), rank: 3 }), { starts: 40, fixedStarts: 5, unit: 0.7 });
    expect(flat.orbits.some(({ nullity }) => nullity > 0)).toBe(true);
    expect(flat.continuum).toBeNull();
  });
});

it('tells how far it is', async () => {
  const told: [string, number, number][] = [];
  await take(doubleWell(), { starts: 6, fixedStarts: 0, unit: 1, progress: (...step) => told.push(step) });
  expect(told.filter(([stage]) => stage === 'starts')).toEqual(Array.from({ length: 6 }, (_, k) => ['starts', k, 6]));
  expect(told.at(-1)![0]).toBe('orbits');
});

describe('by products alone', () => {
  it('the same 15 orbits', async () => {
    const objective = symmetricFactorization({ target: withSpectrum([5, 3, 2, 1, -0.5, -1.5]), rank: 3 });
    const brief = ({ orbits }: Census) => orbits.map(({ value, index, nullity }) => [Math.round(1e9 * value) / 1e9, index, nullity]);
    const found = await take(objective, { starts: 300, unit: 0.75, dense: 0 });
    expect(found.orbits).toHaveLength(15);
    expect(found.starts.followed).toBe(0);
    expect(brief(found)).toEqual(brief(await take(objective, { starts: 300, unit: 0.75 })));
  });

  // 4.3, 4.4: values, and indices of sigma = (4, 3, 2, 1), d = 3, at sizes where a Hessian has 390 rows
  it('points of a larger factorization, all of them of the list', async () => {
    const sigma = [4, 3, 2, 1];
    const objective = matrixFactorization({ target: { rows: 70, cols: 60, values: Float64Array.from({ length: 4200 }, (_, k) => (k % 61 === 0 ? sigma[k / 61] ?? 0 : 0)) }, rank: 3, balance: 0.25 });
    const { orbits, starts } = await take(objective, { starts: full ? 60 : 8, fixedStarts: 2, unit: 0.3, smallest: 2, largest: 6, variables: 400 });
    expect(starts.stationary).toBe(starts.random + starts.fixed);
    const list = Array.from({ length: 15 }, (_, bits) => [0, 1, 2, 3].filter((k) => (bits >> k) & 1)).filter((kept) => kept.length <= 3).map((kept) => {
      const missing = [0, 1, 2, 3].filter((i) => !kept.includes(i));
      return { value: missing.reduce((sum, i) => sum + sigma[i]! ** 2 / 2, 0), rank: kept.length, index: missing.reduce((sum, i) => sum + kept.filter((j) => sigma[j]! < sigma[i]!).length + 3 - kept.length, 0) };
    });
    expect(orbits.length).toBeGreaterThan(3);
    for (const { value, index, orbit, gradientNorm } of orbits) {
      expect(gradientNorm).toBeLessThan(1e-9);
      const matches = list.filter((entry) => Math.abs(entry.value - value) < 1e-9 && entry.rank === orbit.rank && entry.index === index);
      expect(matches.length).toBeGreaterThan(0);
    }
  });
});

describe('other groups and objectives', () => {
  it('two wells: one minimum and one saddle modulo signs; the audit needs a word on coercivity', async () => {
    const told = await take(doubleWell(), { starts: 30, unit: 1, coercive: true });
    expect(told.orbits.map(({ value, index, kind }) => [value, index, kind])).toEqual([[0, 0, 'least'], [0.25, 1, 'saddle']]);
    expect(told.audit).toMatchObject({ status: 'passed', sum: 1 });
    expect((await take(doubleWell(), { starts: 5, unit: 1 })).audit).toMatchObject({ status: 'refused', statement: expect.stringContaining('not known to be coercive') as string });
  });

  it('saddles are reached from the minima by following eigenvectors up', async () => {
    const up = await take(doubleWell({ stiffness: 5 }), { starts: 12, unit: 1 });
    // the way along the valley, from one well modulo the sign; the other three go up without end
    expect(up.starts.followed).toBe(1);
    expect(up.orbits[1]).toMatchObject({ index: 1, seen: { followed: 1 } });
    const none = await take(doubleWell({ stiffness: 5 }), { starts: 12, unit: 1, follow: 0 });
    expect(none.starts.followed).toBe(0);
  });

  // founding-papers 8.9: f = 3/4, Hessian diag(3 beta^2 - 3, 4)
  it('spurious second-order points are singled out', async () => {
    const { orbits, least } = await take(betaFamily(1.1), { starts: 60, unit: 1 });
    expect(least).toEqual({ value: 0, known: true });
    const [caught, ...others] = orbits.filter(({ spurious }) => spurious);
    expect(others).toHaveLength(0);
    expect(caught).toMatchObject({ kind: 'minimum', index: 0, value: expect.closeTo(0.75, 12) as number });
    expect(caught!.eigenvalues[0]).toBeCloseTo(3 * 1.21 - 3, 9);
    expect(caught!.eigenvalues[1]).toBeCloseTo(4, 9);
  });

  // founding-papers 11.2: the twisted state of the ring, n = 6 and gamma = 4
  it('the ring: its twisted state is the only spurious minimum, and the audit knows that the penalty outgrows the cost', async () => {
    const { orbits, audit } = await take(ring(6, 4), { starts: 25, fixedStarts: 10, unit: 1 });
    const caught = orbits.filter(({ spurious }) => spurious);
    expect(caught).toHaveLength(1);
    expect(caught[0]!.value).toBeCloseTo(-6.75, 9);
    // part D: whatever is second order and not global has full column rank
    expect(caught[0]!.orbit.rank).toBe(2);
    expect(orbits[0]).toMatchObject({ kind: 'least', value: expect.closeTo(-15, 9) as number });
    expect(audit.statement).not.toContain('coercive');
  });

  it('points without second derivatives are on no list', async () => {
    const { orbits, by, starts } = await take(schwefel({ dimension: 1 }), { starts: 100, unit: 200, smallest: 0.5, largest: 2.4 });
    expect(by).toContain('sorted');
    expect(starts.stationary + starts.stuck + starts.lost).toBe(110 + starts.followed);
    for (const { eigenvalues } of orbits) expect(eigenvalues.every(Number.isFinite)).toBe(true);
  });

  it('over-parametrised minima are degenerate, and the audit is refused', async () => {
    const target = withSpectrum([3, 1, 0, 0]);
    const { orbits, audit } = await take(symmetricFactorization({ target, rank: 3 }), { starts: 40, fixedStarts: 5, unit: 0.7 });
    expect(orbits).toHaveLength(4);
    // founding-papers 3.4: r (r - 1)/2 + r (p - r) + (n - r)(p - r), of which the orbit has 3
    expect(orbits[0]).toMatchObject({ kind: 'least', index: 0, nullity: 2, orbit: { dimension: 3, rank: 2 } });
    expect(audit.statement).toContain('degenerate');
  });

  it.each<[string, unknown, CensusOptions, string]>([
    ['too many variables', ring(12, 2), { variables: 10 }, 'LOWLAND_E_OPTIONS'],
    ['scales that are none', doubleWell(), { smallest: 2, largest: 1 }, 'LOWLAND_E_OPTIONS'],
    ['a continuous group without an action', ofGroup('SU(2)'), {}, 'LOWLAND_E_CAPABILITY'],
  ])('refuses %s', async (_what, objective, options, code) => {
    await expect(take(objective, options)).rejects.toMatchObject({ code });
  });
});

/** A double well whose group has another name. */
function ofGroup(group: string): Objective<SecondOrder> {
  const well = doubleWell({ dimension: 3 });
  const symmetry = well.routes.symmetry.map((route) => ({ ...route, bind: (...given: Parameters<typeof route.bind>) => ({ ...route.bind(...given), group }) }));
  return { ...well, routes: { ...well.routes, symmetry } } as unknown as Objective<SecondOrder>;
}

// Balanced layers of the products that keep some singular values: 1/2 sum of the squares of the others (founding-papers 4.3 for two layers, padded for more).
it('layers of a linear network: the closures of four orbits', async () => {
  const found = await take(linearNetwork({ data: { rows: 2, cols: 2, values: Float64Array.of(3, 0, 0, 2) }, depth: 3, width: 2 }), { starts: 60 });
  expect(found).toMatchObject({ group: 'GL(2) x GL(2)', by: 'product of the layers', audit: { status: 'refused' } });
  expect(found.orbits.map(({ value }) => Math.round(1e9 * value) / 1e9)).toEqual([0, 2, 4.5, 6.5]);
  expect(found.orbits.map(({ orbit }) => [orbit.dimension, orbit.rank, orbit.unused])).toEqual([[8, 2, 0], [6, 1, 2], [6, 1, 2], [0, 0, 4]]);
  // The Hessian vanishes at the origin of three layers.
  expect(found.orbits[3]).toMatchObject({ index: 0, nullity: 12, kind: 'degenerate' });
});

describe('the audit', () => {
  const coercive = { holds: true, because: 'said' };
  const point = (index: number, euler: number) => ({ index, nullity: 0, euler });

  it('fails where something is missing, and says that this is proved', () => {
    expect(eulerAudit([point(0, 2), point(1, 1)], coercive)).toMatchObject({ status: 'passed', sum: 1 });
    expect(eulerAudit([point(0, 2)], coercive)).toMatchObject({ status: 'failed', sum: 2, statement: expect.stringContaining('proved') as string });
  });

  it('does not see a missing pair of minimum and saddle', () => {
    expect(eulerAudit([point(0, 1), point(0, 1), point(1, 1)], coercive).status).toBe('passed');
    expect(eulerAudit([point(0, 1)], coercive).status).toBe('passed');
  });
});
