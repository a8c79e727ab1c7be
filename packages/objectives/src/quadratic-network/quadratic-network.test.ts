import { errorCode, streamKey, type DataMap, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, probe } from '../../test/support.ts';
import { generateTeacher } from './generate.ts';
import { quadraticNetwork } from './quadratic-network.ts';

const data: DataMap['matrix'] = { rows: 12, cols: 6, values: gaussian(72, 'samples') };

describe.each<[string, Objective<never>]>([
  ['plain', quadraticNetwork({ data, rank: 3 })],
  ['decaying', quadraticNetwork({ data, rank: 2, lambda: 0.3 })],
])('quadratic network, %s', (_name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  it.each(objectiveChecks({ objective, backend: cpu(), others, seed: 2 }).map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});

it('has the value and gradient of its formula', () => {
  const { value, gradient } = probe(quadraticNetwork({ data, rank: 2, lambda: 0.4 }));
  const u = gaussian(10, 'u');
  let sum = 0.2 * inner(u, u);
  const slope = u.map((entry) => 0.4 * entry);
  for (let i = 0; i < 12; i++) {
    const x = data.values.subarray(i * 6, i * 6 + 5);
    const hidden = [0, 1].map((k) => x.reduce((total, entry, j) => total + entry * u[2 * j + k]!, 0));
    const residual = hidden[0]! ** 2 + hidden[1]! ** 2 - data.values[i * 6 + 5]!;
    sum += residual ** 2 / 48;
    for (let j = 0; j < 5; j++) for (const k of [0, 1]) slope[2 * j + k]! += (residual * x[j]! * hidden[k]!) / 12;
  }
  expect(value(u)).toBeCloseTo(sum, 12);
  expect(largest(gradient(u).map((g, k) => g - slope[k]!))).toBeLessThan(1e-12);
});

it('is fitted by its teacher', () => {
  const { data: samples, truth } = generateTeacher({ inputs: 8, rank: 2 }, 3);
  expect(samples).toMatchObject({ rows: 64, cols: 9 });
  const { problem, value } = probe(quadraticNetwork({ data: samples, rank: 8, truth }));
  // U = (U U^T)^(1/2): M has two eigenvalues; its square root is M times a polynomial of M
  const x = new Float64Array(64);
  const trace = Array.from({ length: 8 }, (_, i) => truth.values[9 * i]!).reduce((a, b) => a + b);
  const squared = inner(truth.values, truth.values);
  const root = Math.sqrt(Math.max(0, 2 * squared - trace ** 2));
  const [high, low] = [(trace + root) / 2, (trace - root) / 2];
  // sqrt(M) = (M + sqrt(high low) P) / (sqrt high + sqrt low) with P the projection, P = ((high + low) M - M^2) / (high low)
  const scale = Math.sqrt(high) + Math.sqrt(low);
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 8; j++) {
      let square = 0;
      for (let k = 0; k < 8; k++) square += truth.values[8 * i + k]! * truth.values[8 * k + j]!;
      x[8 * i + j] = (truth.values[8 * i + j]! + (trace * truth.values[8 * i + j]! - square) / Math.sqrt(high * low)) / scale;
    }
  }
  expect(value(x)).toBeLessThan(1e-20 * value(new Float64Array(64)));
  expect(problem.truth!.distance!({ layout: { blocks: [{ name: 'X', shape: [8, 8] }] }, data: x })).toBeLessThan(1e-10);
});

it('has a sublinear tail under gradient descent with more hidden units than the teacher, and a linear one preconditioned', () => {
  const { data: samples, truth } = generateTeacher({ inputs: 8, rank: 2, samples: 300 }, 1);
  const objective = quadraticNetwork({ data: samples, rank: 4, truth });
  const { problem, zeros, vector, read } = probe(objective);
  const { device } = problem;
  const { axpy, copy, gemm, posvRight } = device.kernels;
  /** Values after 100, 200, … iterations. */
  const descend = (step: number, preconditioned: boolean, blocks: number): number[] => {
    const x = vector(objective.initial(streamKey(2, 'init')).data);
    const [g, direction, value, gram] = [zeros(32), zeros(32), zeros(1), device.matrix(zeros(16), 0, 4, 4)];
    const as = (v: typeof x) => device.blocks(v, objective.layout)['X']!;
    return Array.from({ length: blocks }, () => {
      for (let iteration = 0; iteration < 100; iteration++) {
        problem.valueAndGradient!(x, value, g);
        gemm('T', 'N', 1, as(x), as(x), 0, gram);
        if (preconditioned) posvRight(gram, Math.sqrt(read(value)[0]!), as(g), as(direction));
        else copy(g, direction);
        axpy(-step, direction, x);
      }
      return read(value)[0]!;
    });
  };
  const plain = descend(0.003, false, 20);
  const preconditioned = descend(0.05, true, 4);
  for (let k = 1; k < 4; k++) expect(preconditioned[k]! / preconditioned[k - 1]!).toBeLessThan(1e-3);
  // like 1/t^2: doubling the iterations divides the value by about four
  expect(plain[19]! / plain[9]!).toBeGreaterThan(0.1);
  expect(plain[19]! / plain[9]!).toBeLessThan(0.5);
});

it.each<[object, string]>([
  [{ rank: 0 }, 'LOWLAND_E_RANK'],
  [{ rank: 6 }, 'LOWLAND_E_RANK'],
  [{ lambda: -1 }, 'LOWLAND_E_OPTIONS'],
  [{ data: { rows: 2, cols: 1, values: new Float64Array(2) } }, 'LOWLAND_E_SHAPE'],
  [{ data: { rows: 1, cols: 2, values: Float64Array.of(NaN, 1) } }, 'LOWLAND_E_NOT_FINITE'],
  [{ truth: { rows: 2, cols: 2, values: new Float64Array(4) } }, 'LOWLAND_E_SHAPE'],
])('refuses %j', (options, code) => {
  let caught: unknown;
  try {
    quadraticNetwork({ data, rank: 2, ...options });
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});
