import { bind, createPoint, errorCode, streamKey, type DataMap, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels, matrix, multiply, symmetricEigen } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { countingProducts } from '../../test/products.ts';
import { gaussian, inner, largest, probe, symmetricGaussian } from '../../test/support.ts';
import { generalizedEigenvalue, principalComponents } from './generalized-eigenvalue.ts';
import { generatePencil, generateVariables } from './generate.ts';

const symmetric: DataMap['matrix'] = { rows: 6, cols: 6, values: symmetricGaussian(6, 'a') };
const { data: pencil } = generatePencil({ size: 6, generalized: 1 }, 2);
const { data: samples } = generateVariables({ samples: 15, size: 5 }, 2);

const instances: Record<string, Objective<never>> = {
  'one eigenvector': generalizedEigenvalue({ data: symmetric }),
  'three eigenvectors': generalizedEigenvalue({ data: symmetric, rank: 3 }),
  'two generalised ones': generalizedEigenvalue({ data: pencil, rank: 2 }),
  'two principal components': principalComponents({ data: samples, rank: 2 }),
};

describe.each(Object.entries(instances))('%s', (_name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  // zero spans nothing: the quotient is NaN there
  // near orthonormal columns: at random ones the inverse of X^T B X can lose digits that the slopes count on
  const points = [1, 2, 3].map((scale) => {
    const { layout, data } = objective.initial(streamKey(scale, 'init'));
    return createPoint(layout, data.map((entry, k) => scale * (entry + 0.1 * gaussian(data.length, 'near', scale)[k]!)));
  });
  const checks = objectiveChecks({ objective, backend: cpu(), others, seed: 2, points }).filter(({ name }) => name !== 'is finite at zero');
  it.each(checks.map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });

  it('is NaN where X spans too little, and the same for every basis of a span', () => {
    const { size, value, gradient } = probe(objective);
    expect(value(new Float64Array(size))).toBeNaN();
    const x = gaussian(size, 'x');
    expect(value(x.map((entry) => -3 * entry))).toBeCloseTo(value(x), 12);
    expect(gradient(x.map((entry) => 2 * entry))).toEqual(gradient(x).map((entry) => entry / 2));
  });
});

describe('the Morse index of a choice of eigenvectors (O18)', () => {
  it.each<[string, Objective<never>, number, number]>([
    ['one of six', generalizedEigenvalue({ data: symmetric }), 6, 1],
    ['two of six, generalised', generalizedEigenvalue({ data: pencil, rank: 2 }), 6, 2],
    ['three of five components', principalComponents({ data: samples, rank: 3 }), 5, 3],
  ])('%s: pairs of a left-out eigenvalue above a kept one', (_name, objective, n, rank) => {
    const { problem, value, spectrum, gradient } = probe(objective);
    const points = [...problem.truth!.stationaryPoints!()].map(({ data }) => data);
    const sets: number[][] = [];
    const choose = (from: number, kept: number[]): void => {
      if (kept.length === rank) sets.push(kept);
      else for (let k = from; k < n; k++) choose(k + 1, [...kept, k]);
    };
    choose(0, []);
    expect(points).toHaveLength(sets.length);
    expect(value(points[0]!)).toBeCloseTo(problem.truth!.optimum!, 12);
    points.forEach((x, at) => {
      const kept = sets[at]!;
      let index = 0;
      for (const k of kept) for (let i = 0; i < k; i++) if (!kept.includes(i)) index++;
      expect(largest(gradient(x))).toBeLessThan(1e-10);
      const eigenvalues = spectrum(x);
      expect(eigenvalues.filter((curvature) => curvature < -1e-8)).toHaveLength(index);
      // GL(rank) alone is flat
      expect(eigenvalues.filter((curvature) => Math.abs(curvature) <= 1e-8)).toHaveLength(rank * rank);
    });
  });

  it('the k-th eigenvector of B = I has the curvatures lambda_k - lambda_j', () => {
    const { values, vectors } = symmetricEigen(matrix(6, 6, symmetric.values));
    const { spectrum } = probe(generalizedEigenvalue({ data: symmetric }));
    for (let k = 0; k < 6; k++) {
      const x = Float64Array.from({ length: 6 }, (_, i) => vectors.data[i * 6 + k]!);
      const expected = [...values].map((value) => values[k]! - value).sort((a, b) => a - b);
      expect(spectrum(x)).toEqual(expected.map((curvature) => expect.closeTo(curvature, 10) as number));
    }
  });
});

it('principal components are those of the covariance, means taken off or not', () => {
  for (const center of [true, false]) {
    const c = matrix(15, 5, samples.values.slice());
    for (let j = 0; j < 5; j++) {
      const mean = center ? Array.from({ length: 15 }, (_, i) => samples.values[5 * i + j]!).reduce((a, b) => a + b) / 15 : 0;
      for (let i = 0; i < 15; i++) c.data[5 * i + j]! -= mean;
    }
    const { values } = symmetricEigen(multiply(c, c, { transposeA: true }));
    expect(probe(principalComponents({ data: samples, rank: 2, center })).problem.truth!.optimum).toBeCloseTo(-(values[0]! + values[1]!) / 30, 12);
  }
});

describe('with its own geometry', () => {
  it.each<[string, Objective<'gradient' | 'geometry' | 'value' | 'truth'>]>([
    ['generalised', generalizedEigenvalue({ data: generatePencil({ size: 8, ratio: 0.6, generalized: 1 }, 5).data, rank: 2 })],
    ['components', principalComponents({ data: generateVariables({ samples: 40, size: 8, ratio: 0.6 }, 5).data, rank: 2 })],
  ])('gradient descent keeps X^T B X = I and ends within 1e-8 of the optimum (F52), %s', async (_name, objective) => {
    const device = await cpu().open();
    const { problem } = bind(objective, device, ['gradient', 'geometry', 'value', 'truth']);
    const memory = device.memory();
    const [x, g, steepest, value] = [memory.vector(16), memory.vector(16), memory.vector(16), memory.vector(1)];
    device.write(x, objective.initial(streamKey(4, 'init')).data);
    for (let iteration = 0; iteration < 4000; iteration++) {
      problem.gradient(x, g);
      problem.geometry.gradient(x, g, steepest);
      problem.geometry.retract(x, -0.5, steepest, x);
    }
    problem.value(x, value);
    const [f, { optimum }] = [await device.scalar(value), problem.truth];
    expect(f - optimum!).toBeLessThan(1e-8);
    expect(f - optimum!).toBeGreaterThan(-1e-12);
    problem.geometry.inner(x, g, g, value);
    expect(await device.scalar(value)).toBeLessThan(1e-8);
    // a retraction by nothing changes nothing: X is normalised already
    problem.geometry.retract(x, 0, steepest, g);
    const [now, again] = [await device.read(x), await device.read(g)];
    expect(largest(now.map((entry, i) => entry - again[i]!))).toBeLessThan(1e-12);
    // what is carried has no part along X that B sees
    problem.gradient(x, g);
    problem.geometry.transport(x, x, g, steepest);
    expect(inner(await device.read(steepest), now)).toBeLessThan(1e-4);
  });
});

it.each<[string, Objective<'valueAndGradient' | 'hessianVectorProduct'>]>([
  ['generalised', generalizedEigenvalue({ data: generatePencil({ size: 100, generalized: 1 }, 1).data, rank: 3 })],
  ['components', principalComponents({ data: generateVariables({ samples: 200, size: 80 }, 1).data, rank: 3 })],
])('a Hessian-vector product costs two gradients, %s', async (_name, objective) => {
  const { device, flops } = countingProducts(await cpu().open());
  const { problem } = bind(objective, device, ['valueAndGradient', 'hessianVectorProduct']);
  const memory = device.memory();
  const start = objective.initial(streamKey(1, 'init')).data;
  const [x, v, out, value] = [memory.vector(start.length), memory.vector(start.length), memory.vector(start.length), memory.vector(1)];
  device.write(x, start);
  device.write(v, gaussian(start.length, 'v'));
  problem.valueAndGradient(x, value, out);
  const gradient = flops();
  problem.hessianVectorProduct(x, v, out);
  expect((flops() - gradient) / gradient).toBeLessThan(2.5);
});

it.each<[string, () => unknown, string]>([
  ['three rows for two columns', () => generalizedEigenvalue({ data: { rows: 3, cols: 2, values: new Float64Array(6) } }), 'LOWLAND_E_SHAPE'],
  ['A that is not symmetric', () => generalizedEigenvalue({ data: { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) } }), 'LOWLAND_E_NOT_SYMMETRIC'],
  ['an indefinite B', () => generalizedEigenvalue({ data: { rows: 4, cols: 2, values: Float64Array.of(1, 0, 0, 1, 1, 0, 0, -1) } }), 'LOWLAND_E_NOT_POSITIVE'],
  ['more eigenvectors than there are', () => generalizedEigenvalue({ data: symmetric, rank: 7 }), 'LOWLAND_E_RANK'],
  ['NaN', () => generalizedEigenvalue({ data: { rows: 1, cols: 1, values: Float64Array.of(NaN) } }), 'LOWLAND_E_NOT_FINITE'],
  ['more components than there are', () => principalComponents({ data: samples, rank: 6 }), 'LOWLAND_E_RANK'],
])('refuses %s', (_name, make, code) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});
