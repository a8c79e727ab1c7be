import { analyse, createPoint, normals, type Objective, streamKey, uniforms } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, phaseRetrieval, rosenbrock } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { allStationaryPoints, type AllStationaryPoints, type AllStationaryPointsOptions } from './all-stationary-points.ts';
import { isolate } from './isolate.ts';
import { evaluatorOf, monomialsOf, type PolynomialSystem } from './polynomial-system.ts';
import { trackAll } from './track.ts';

const backend = cpu();
const all = (objective: unknown, options: AllStationaryPointsOptions = {}): Promise<AllStationaryPoints> => {
  const smooth = objective as Objective<'value' | 'gradient' | 'hessianVectorProduct' | 'residual'>;
  return analyse(smooth, allStationaryPoints(options), createPoint(smooth.layout), backend);
};

/** Real intensities of a planted signal under Gaussian vectors: 1/(4m) sum ((a_i^T x)^2 - b_i)^2. */
function intensities(n: number, m: number, seed: number) {
  const left = new Float64Array(m * n);
  normals(streamKey(seed, 'vectors', 0), left);
  const signal = new Float64Array(n);
  normals(streamKey(seed, 'signal', 0), signal);
  const values = Float64Array.from({ length: m }, (_, i) => signal.reduce((sum, x, j) => sum + left[i * n + j]! * x, 0) ** 2);
  return { objective: phaseRetrieval({ measurements: { rows: n, cols: n, values, ensemble: { kind: 'rank-one', left } } }), signal };
}

// rigour.md C1: 27 and 81 distinct complex solutions prove the lists complete
describe('all stationary points of phase retrieval', () => {
  it.each([
    [3, 8, 1], [3, 8, 2], [3, 8, 3], [3, 8, 4], [3, 8, 5],
    [4, 12, 1], [4, 12, 2], [4, 12, 3], [4, 12, 4], [4, 12, 5],
  ])('n = %d, m = %d, seed %d', async (n, m, seed) => {
    const { objective, signal } = intensities(n, m, seed);
    const { complete, bezout, solutions, points, eulerSum } = await all(objective);
    expect([complete, bezout, solutions]).toEqual([true, 3 ** n, 3 ** n]);
    expect(eulerSum).toBe(1);
    expect(points.length % 2).toBe(1);
    for (const { point: { data }, radius } of points) {
      expect(radius).toBeLessThan(1e-9);
      // with each point its negative
      expect(points.some((other) => data.every((x, i) => Math.abs(x + other.point.data[i]!) <= radius + other.radius + 1e-14))).toBe(true);
    }
    // the least are the signal and its negative
    for (const { point, value, index } of points.slice(0, 2)) {
      const sign = Math.sign(point.data[0]! * signal[0]!);
      point.data.forEach((x, i) => expect(x).toBeCloseTo(sign * signal[i]!, 10));
      expect(value).toBeLessThan(1e-25);
      expect(index).toBe(0);
    }
    expect(points.some(({ index, point, radius }) => index === n && point.data.every((x) => Math.abs(x) <= radius))).toBe(true);
  });

  it('does not depend on the size of the signal', async () => {
    const { objective } = intensities(3, 8, 1);
    const reference = await all(objective);
    for (const scale of [1e-75, 1e-3, 1e4, 1e8, 1e75]) {
      const left = new Float64Array(24);
      normals(streamKey(1, 'vectors', 0), left);
      const signal = new Float64Array(3);
      normals(streamKey(1, 'signal', 0), signal);
      const values = Float64Array.from({ length: 8 }, (_, i) => signal.reduce((sum, x, j) => sum + left[i * 3 + j]! * x * scale, 0) ** 2);
      const { complete, points } = await all(phaseRetrieval({ measurements: { rows: 3, cols: 3, values, ensemble: { kind: 'rank-one', left } } }));
      expect(complete).toBe(true);
      expect(points.map(({ index }) => index)).toEqual(reference.points.map(({ index }) => index));
      // opposite points have one value, so their order is open
      for (const { point: { data }, radius } of points) {
        const away = Math.min(...reference.points.map((other) => Math.max(...other.point.data.map((x, i) => Math.abs(data[i]! / scale - x) - other.radius))));
        expect(away).toBeLessThan(radius / scale + 1e-13);
      }
    }
  });
});

describe('what cannot be counted', () => {
  it('solutions at infinity leave the list incomplete, and it says so', async () => {
    const found = await all(rosenbrock());
    expect(found.complete).toBe(false);
    expect(found.bezout).toBe(9);
    expect(found.reason).toContain('infinity');
    expect(found.points).toHaveLength(1);
    found.points[0]!.point.data.forEach((x) => expect(x).toBeCloseTo(1, 10));
  });

  it('so do orbits, which are not isolated', async () => {
    const found = await all(matrixFactorization({ target: { rows: 1, cols: 1, values: Float64Array.of(1) }, rank: 1, balance: 0 }));
    expect(found.complete).toBe(false);
    expect(found.reason).toContain('not isolated');
  });

  it.each<[string, unknown, AllStationaryPointsOptions, string]>([
    ['too many paths', intensities(4, 12, 1).objective, { paths: 80 }, 'LOWLAND_E_OPTIONS'],
    ['amplitudes', phaseRetrieval({ measurements: { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3), ensemble: { kind: 'seeded', name: 'rank-one-symmetric', seed: 1, version: 1 } }, loss: 'amplitude' } as never), {}, 'LOWLAND_E_CAPABILITY'],
  ])('%s', async (_, objective, options, code) => {
    await expect(all(objective, options)).rejects.toMatchObject({ code });
  });
});

describe('systems', () => {
  /** x^2 + y^2 - 5, x y - 2: (±1, ±2), (±2, ±1) */
  const circle: PolynomialSystem = (() => {
    const monomials = monomialsOf(2, 2);
    const coefficients = new Float64Array(12);
    const put = (row: number, exponent: string, value: number) => {
      for (let m = 0; m < 6; m++) if (monomials.exponents.subarray(2 * m, 2 * m + 2).join() === exponent) coefficients[row * 6 + m] = value;
    };
    put(0, '2,0', 1);
    put(0, '0,2', 1);
    put(0, '0,0', -5);
    put(1, '1,1', 1);
    put(1, '0,0', -2);
    return { monomials, coefficients };
  })();

  it('value and Jacobian at complex points', () => {
    const { value, jacobianRe, jacobianIm, at } = evaluatorOf(circle);
    at(Float64Array.of(1, 2, 3, -1)); // x = 1 + 3i, y = 2 - i
    expect([...value]).toEqual([-8 + 3 - 5, 5 - 2, 6 - 4, 5]);
    expect([...jacobianRe]).toEqual([2, 4, 2, 1]);
    expect([...jacobianIm]).toEqual([6, -2, -1, 3]);
  });

  it('paths end at all four solutions, which are isolated; other places are not', () => {
    const ends = [...trackAll(circle, { key: streamKey(1, 'paths', 0) })];
    expect(ends.map(({ end }) => end)).toEqual(['finite', 'finite', 'finite', 'finite']);
    const real = ends.map(({ x }) => [Math.round(x[0]! * 1e9) / 1e9, Math.round(x[1]! * 1e9) / 1e9].join()).sort();
    expect(real).toEqual(['-1,-2', '-2,-1', '1,2', '2,1']);
    for (const { x } of ends) expect(isolate(circle, x)!.radius).toBeLessThan(1e-12);
    expect(isolate(circle, Float64Array.of(0.5, 0.5, 0, 0))).toBeUndefined();
    expect(isolate(circle, Float64Array.of(1.5, 1.5, 0, 0))).toBeUndefined();
    const near = isolate(circle, Float64Array.of(1.001, 2, 0, 0));
    expect(near!.radius).toBeGreaterThan(5e-4);
  });

  it('isolate never accepts a double root', () => {
    // (x - 1)^2 = 0
    const monomials = monomialsOf(1, 2);
    const system = { monomials, coefficients: Float64Array.of(1, -2, 1) };
    const draws = new Float64Array(200);
    uniforms(streamKey(2, 'near', 0), draws);
    for (const u of draws) expect(isolate(system, Float64Array.of(1 + (u - 0.5) * 10 ** (-16 * u), 0))).toBeUndefined();
  });
});
