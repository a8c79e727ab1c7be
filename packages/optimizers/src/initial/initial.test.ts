import { anyOf, type Backend, blockOf, type Capability, createPoint, type Initializer, maxIterations, type Objective, plan, type Point, solve, startingPoint, streamKey, valueBelow } from '@lowland/core';
import { asyncBackend } from '@lowland/core/testing';
import { cpu, frobeniusNorm, matrix, type Matrix, multiply, subtract, thinSvd } from '@lowland/linalg';
import { generateEntries, generateIntensities, generateMeasurements, linearNetwork, matrixCompletion, matrixFactorization, matrixSensing, octopus, phaseRetrieval, populationPhaseRetrieval, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { iterationsTo, linearSpectrum, run, withSpectrum } from '../../test/fixtures.ts';
import { alternatingGradientDescent, fixed, gradientDescent, orthogonal, rankDeficient, rectangularNesterov, scaledGradientDescent, sketched, smallGaussian, spectral, wardKolda } from '../index.ts';

const backend = cpu();
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
const start = (objective: unknown, init: unknown, seed = 0, on: Backend = backend) => startingPoint(objective as Objective<Capability>, init as Initializer<Capability>, { backend: on, seed });
const block = (point: Point, name: string): Matrix => {
  const { shape } = point.layout.blocks.find((candidate) => candidate.name === name)!;
  return matrix(shape[0]!, shape[1]!, blockOf(point, name));
};
const productOf = (point: Point): Matrix => multiply(block(point, 'U'), block(point, 'V'), { transposeB: true });
const rectangular = matrixFactorization({ target: withSpectrum([3, 2, 1, 0.5], 7, 6, 1), rank: 3, balance: 0 });
const symmetric = symmetricFactorization({ target: withSpectrum([3, 2, 1, -1], 7, 7, 1, true), rank: 4 });

describe.each<[string, Initializer<Capability>]>([
  ['small-gaussian', smallGaussian()],
  ['orthogonal', orthogonal()],
  ['rank-deficient', rankDeficient()],
  ['spectral', spectral()],
  ['ward-kolda', wardKolda()],
  ['sketched', sketched()],
] as [string, Initializer<Capability>][])('%s', (id, init) => {
  it('gives the same point from the same seed, on an asynchronous device to its precision, and another from another', async () => {
    expect(init.id).toBe(id);
    const { data } = await start(rectangular, init, 3);
    expect((await start(rectangular, init, 3)).data).toEqual(data);
    const there = await start(rectangular, init, 3, asyncBackend({ reads: 'microtask' }));
    expect(Math.hypot(...data.map((x, i) => x - there.data[i]!))).toBeLessThan(1e-5 * Math.hypot(...data));
    const other = await start(rectangular, init, 4);
    // singular vectors are the data's, up to their signs
    if (id !== 'spectral') expect(other.data).not.toEqual(data);
  });

  it('is where a run begins', async () => {
    const { point, stop } = await solve(rectangular, gradientDescent(), { backend, seed: 3, init, stop: maxIterations(0) });
    expect(stop.rule).toBe('max-iterations');
    expect(point.data).toEqual((await start(rectangular, init, 3)).data);
  });
});

describe('small Gaussian starts', () => {
  it('have the standard deviation that they say', async () => {
    const wide = matrixFactorization({ target: withSpectrum([1], 40, 40, 1), rank: 25 });
    const { data } = await start(wide, smallGaussian({ scale: 0.01 }));
    // 2000 squares: five standard errors are 16%
    expect(data.reduce((sum, x) => sum + x * x, 0) / data.length / 1e-4).toBeGreaterThan(0.84);
    expect(data.reduce((sum, x) => sum + x * x, 0) / data.length / 1e-4).toBeLessThan(1.16);
  });

  it('let gradient descent with columns to spare find less beside the matrix, the smaller they are', async () => {
    // n = 20, r = 2, 20 columns, 10 n r measurements, steps of 1/4 (Stöger, Soltanolkotabi 2021)
    const { data, truth } = generateMeasurements({ rows: 20, cols: 20, rank: 2, measurements: 400 }, 1);
    const size = frobeniusNorm(matrix(20, 20, truth.values));
    const scaled = { ...data, values: data.values.map((y) => y / size) };
    const objective = matrixSensing({ measurements: scaled, rank: 20, normalisation: 'mean' });
    const errors: number[] = [];
    for (const scale of [1e-1, 1e-3]) {
      const { point } = await solve(objective, gradientDescent({ step: fixed({ step: 0.25 }) }), { backend, init: smallGaussian({ scale: scale / Math.sqrt(20) }), stop: maxIterations(600) });
      errors.push(frobeniusNorm(subtract(productOf(point), matrix(20, 20, truth.values.map((x) => x / size)))));
    }
    expect(errors[1]).toBeLessThan(errors[0]! / 3);
  });
});

describe('orthogonal starts', () => {
  const gram = (a: Matrix, transposed: boolean) => multiply(a, a, transposed ? { transposeB: true } : { transposeA: true });
  it('have orthonormal columns, or rows where these are fewer', async () => {
    const network = linearNetwork({ data: { rows: 3, cols: 7, values: new Float64Array(21).map((_, k) => k % 5) }, width: 5 });
    for (const [objective, scale] of [[rectangular, 1], [network, 0.5]] as const) {
      const point = await start(objective, orthogonal({ scale }));
      for (const { name } of point.layout.blocks) {
        const a = block(point, name);
        const g = gram(a, a.cols > a.rows);
        g.data.forEach((x, k) => { expect(x).toBeCloseTo(k % (g.cols + 1) === 0 ? scale ** 2 : 0, 13); });
      }
    }
  });

  it('of one complex column have that length', async () => {
    const { data } = await start(populationPhaseRetrieval({ signal: Float64Array.of(1, 2, 0, 1), complex: true }), orthogonal({ scale: 3 }));
    expect(Math.hypot(...data)).toBeCloseTo(3, 13);
  });
});

describe('rank-deficient starts', () => {
  it('have that rank, their product too', async () => {
    const point = await start(rectangular, rankDeficient({ rank: 2, scale: 3 }));
    for (const a of [block(point, 'U'), block(point, 'V'), productOf(point)]) {
      const { s } = thinSvd(a);
      expect(s[1]).toBeGreaterThan(0.1);
      expect(s[2]).toBeLessThan(1e-14 * s[0]!);
    }
  });

  it('are the problem with fewer columns: gradient descent takes the same path', async () => {
    const target = withSpectrum([3, 2, 1], 7, 7, 1, true);
    const wide = symmetricFactorization({ target, rank: 5 });
    const narrow = symmetricFactorization({ target, rank: 2 });
    const from = await start(wide, rankDeficient({ rank: 2, scale: 0.4 }), 2);
    // W = U Q, Q an orthonormal basis of the row space
    const { u, s } = thinSvd(block(from, 'X'));
    const w = createPoint(narrow.layout, Float64Array.from({ length: 14 }, (_, k) => u.data[Math.floor(k / 2) * u.cols + (k % 2)]! * s[k % 2]!));
    const method = gradientDescent({ step: fixed({ step: 0.1 }) });
    const square = ({ data }: Point, rank: number) => multiply(matrix(7, rank, data), matrix(7, rank, data), { transposeB: true });
    for (const iterations of [3, 200]) {
      const [a, b] = [await run(wide, method, { point: from, iterations }), await run(narrow, method, { point: w, iterations })];
      expect(frobeniusNorm(subtract(square(a.point, 5), square(b.point, 2)))).toBeLessThan(1e-12);
    }
  });

  it('refuse a rank above the columns', async () => {
    const init = rankDeficient({ rank: 4 });
    expect(plan(rectangular, gradientDescent(), backend, { init }).refusals).toMatchObject([{ code: 'LOWLAND_E_RANK', reachable: 3 }]);
    await expect(start(rectangular, init)).rejects.toThrow(code('LOWLAND_E_RANK'));
  });
});

describe('spectral starts', () => {
  it('are minima where every entry is observed', async () => {
    const { value } = await solve(rectangular, gradientDescent(), { backend, init: spectral(), stop: maxIterations(0) });
    expect(value).toBeCloseTo(0.5 ** 2 / 2, 12);
    const { point, gradientNorm } = await solve(symmetric, gradientDescent(), { backend, init: spectral(), stop: maxIterations(0) });
    expect(gradientNorm).toBeLessThan(1e-7);
    // the negative eigenvalue has no column
    const { s } = thinSvd(block(point, 'X'));
    [Math.sqrt(3), Math.sqrt(2), 1, 0].forEach((expected, k) => { expect(s[k]).toBeCloseTo(expected, 7); });
  });

  it('balance the factors', async () => {
    const point = await start(rectangular, spectral());
    const [u, v] = ['U', 'V'].map((name) => { const a = block(point, name); return multiply(a, a, { transposeA: true }); });
    expect(frobeniusNorm(subtract(u!, v!))).toBeLessThan(1e-7);
  });

  it('of completion are SVD_r(P(M)/p), by weights too', async () => {
    const { data } = generateEntries({ rows: 20, cols: 15, rank: 2, density: 0.6 }, 1);
    const dense = matrix(20, 15);
    const share = data.values.length / 300;
    data.values.forEach((value, k) => { dense.data[data.row[k]! * 15 + data.col[k]!] = value / share; });
    const { u, s, v } = thinSvd(dense);
    const best = matrix(20, 15);
    for (let i = 0; i < 20; i++) for (let j = 0; j < 15; j++) for (let k = 0; k < 2; k++) best.data[i * 15 + j]! += u.data[i * u.cols + k]! * s[k]! * v.data[j * v.cols + k]!;
    for (const weights of [undefined, new Float64Array(data.values.length).fill(4)]) {
      const objective = matrixCompletion({ entries: { ...data, ...(weights && { weights }) }, rank: 2, center: 'none' });
      expect(frobeniusNorm(subtract(productOf(await start(objective, spectral())), best))).toBeLessThan(1e-6 * s[0]!);
    }
  });

  it('of Gaussian sensing: recovery from four times the degrees of freedom, hardly ever from 1.2 times', async () => {
    const found = async (oversampling: number) => {
      let count = 0;
      for (let seed = 0; seed < 12; seed++) {
        const measurements = Math.ceil(oversampling * 2 * (40 - 2));
        const { data } = generateMeasurements({ rows: 20, cols: 20, rank: 2, measurements }, seed);
        const size = Math.sqrt(data.values.reduce((sum, y) => sum + y * y, 0) / measurements);
        const objective = matrixSensing({ measurements: { ...data, values: data.values.map((y) => y / size) }, rank: 2, normalisation: 'mean' });
        const { stop } = await solve(objective, scaledGradientDescent({ step: fixed({ step: 0.3 }), damping: 0, adaptive: 0 }), { backend, init: spectral(), stop: anyOf(valueBelow(1e-8), maxIterations(600)) });
        if (stop.rule === 'value-below') count++;
      }
      return count;
    };
    expect(await found(1.2)).toBeLessThanOrEqual(3);
    expect(await found(4)).toBeGreaterThanOrEqual(10);
  });

  it('of intensities: as long as the data say on demand, real, complex and behind masks', async () => {
    for (const settings of [{}, { complex: true }, { complex: true, ensemble: 'coded-diffraction' as const, masks: 6 }]) {
      const { data, truth } = generateIntensities({ size: 20, measurements: 'masks' in settings ? 0 : 400, ...settings }, 3);
      const objective = phaseRetrieval({ measurements: data, signal: truth.values });
      const point = await start(objective, spectral({ length: 'data' }));
      const own = phaseRetrieval({ measurements: data, start: 'spectral' }).initial(streamKey(0, 'init'));
      expect(Math.hypot(...point.data.map((x, k) => x - own.data[k]!))).toBeLessThan(1e-7);
      const byValue = await start(objective, spectral());
      const ratio = Math.hypot(...byValue.data) / Math.hypot(...point.data);
      // the same direction; the leading eigenvalue is |x|^2 = 1 on average
      expect(Math.hypot(...byValue.data.map((x, k) => x - ratio * point.data[k]!))).toBeLessThan(1e-7);
      expect(ratio).toBeGreaterThan(0.7);
      expect(ratio).toBeLessThan(1.5);
    }
  });

  it('are refused where there is no estimate, and where the data do not tell a length', async () => {
    expect(plan(octopus(), gradientDescent(), backend, { init: spectral() }).refusals[0]?.code).toBe('LOWLAND_E_CAPABILITY');
    await expect(start(rectangular, spectral({ length: 'data' }))).rejects.toThrow(code('LOWLAND_E_OPTIONS'));
    await expect(start(symmetric, spectral({ length: 'data' }))).rejects.toThrow(code('LOWLAND_E_OPTIONS'));
  });

  it('of data that are all zero are zero', async () => {
    const { data } = await start(matrixFactorization({ target: { rows: 3, cols: 4, values: new Float64Array(12) }, rank: 2 }), spectral());
    expect(data.every((x) => x === 0)).toBe(true);
  });
});

describe('starts for a method', () => {
  it.each([[1, 20], [2, 40], [5, 100], [10, 200]])('of Ward and Kolda: condition number %i in at most %i iterations (F25)', async (kappa, most) => {
    const objective = matrixFactorization({ target: withSpectrum(linearSpectrum(5, kappa), 100, 100, 1), rank: 10, balance: 0 });
    expect(await iterationsTo(0.5e-12, objective, alternatingGradientDescent({ step: 1 }), { iterations: 300, init: wardKolda({ step: 1 }) })).toBeLessThanOrEqual(most);
  });

  it('sketched: the rectangular Nesterov method from it does what it does by itself', async () => {
    const objective = matrixFactorization({ target: withSpectrum(linearSpectrum(5, 10), 60, 50, 1), rank: 20, balance: 0 });
    const [own, given] = [
      await iterationsTo(1e-12, objective, rectangularNesterov({ rank: 5 }), { iterations: 2000 }),
      await iterationsTo(1e-12, objective, rectangularNesterov({ rank: 5, start: 'given' }), { iterations: 2000, init: sketched() }),
    ];
    // 109 and 233 iterations: what the draws do to s_r(U)
    expect(Math.max(own, given)).toBeLessThan(1000);
  });

  it('are for U V^T alone', async () => {
    for (const init of [wardKolda(), sketched()]) await expect(start(symmetric, init)).rejects.toThrow(code('LOWLAND_E_FACTORS'));
  });
});
