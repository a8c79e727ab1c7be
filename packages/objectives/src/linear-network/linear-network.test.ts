import { createPoint, errorCode, streamKey, type DataMap, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels, matrix, multiply } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, orthogonal, probe } from '../../test/support.ts';
import { keptSets } from '../matrix-factorization/stationary.ts';
import { linearNetwork } from './linear-network.ts';
import { root } from './root.ts';

const dense = (rows: number, cols: number, purpose = 'network'): DataMap['matrix'] => ({ rows, cols, values: gaussian(rows * cols, purpose) });
const diagonal = (...values: number[]): DataMap['matrix'] => {
  const n = values.length;
  return { rows: n, cols: n, values: Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? values[k / (n + 1)]! : 0)) };
};

/** The table of the catalogue: singular values 3, 2, 1 of a 12 x 10 matrix. */
function withSpectrum(rows: number, cols: number, sigma: readonly number[]): DataMap['matrix'] {
  const [u, v] = [orthogonal(rows, 'left'), orthogonal(cols, 'right')];
  const values = new Float64Array(rows * cols);
  sigma.forEach((s, k) => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) values[i * cols + j]! += s * u.data[i * rows + k]! * v.data[j * cols + k]!;
  });
  return { rows, cols, values };
}

const instances: Record<string, Objective<never>> = {
  'two layers': linearNetwork({ data: dense(5, 6), depth: 2, width: 3 }),
  'two layers of samples, balanced': linearNetwork({ data: dense(20, 9), inputs: 5, depth: 2, width: 3, balance: 0.7 }),
  'three layers of few samples, decaying': linearNetwork({ data: dense(4, 9), inputs: 5, width: [3, 2], lambda: 0.3 }),
  'three layers of samples, balanced, decaying': linearNetwork({ data: dense(12, 6), inputs: 3, width: [4, 2], lambda: 0.3, balance: 1 }),
  'four layers': linearNetwork({ data: dense(3, 4), depth: 4, width: [2, 5, 3] }),
  'scalars, five layers': linearNetwork({ data: diagonal(2), depth: 5, width: 1 }),
};

describe.each(Object.entries(instances))('%s', (_name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  const checks = objectiveChecks({ objective, backend: cpu(), others, seed: 2 });
  it.each(checks.map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });

  it('is half the square of its residual, and predicts the entries of its map', () => {
    const { problem, size, value, vector, zeros, read } = probe(objective);
    const x = gaussian(size, 'x');
    const out = zeros(problem.residual!.length);
    problem.residual!.evaluate(vector(x), out);
    expect(inner(read(out), read(out)) / 2).toBeCloseTo(value(x), 10);
  });
});

it('is the loss summed over samples', () => {
  const data = dense(8, 5);
  const objective = linearNetwork({ data, inputs: 3, depth: 3, width: 2 });
  const { value, size } = probe(objective);
  const x = gaussian(size, 'x');
  const [w1, w2, w3] = [matrix(2, 3, x.slice(0, 6)), matrix(2, 2, x.slice(6, 10)), matrix(2, 2, x.slice(10))];
  const map = multiply(w3, multiply(w2, w1));
  let sum = 0;
  for (let i = 0; i < 8; i++) {
    for (let o = 0; o < 2; o++) {
      let prediction = 0;
      for (let j = 0; j < 3; j++) prediction += map.data[o * 3 + j]! * data.values[i * 5 + j]!;
      sum += (prediction - data.values[i * 5 + 3 + o]!) ** 2 / 2;
    }
  }
  expect(value(x)).toBeCloseTo(sum, 11);
});

describe('two layers: the table of stationary points (F03)', () => {
  /** Morse index and least eigenvalue of the point that keeps S, and the dimension of its null space. */
  const table: readonly (readonly [rank: number, kept: readonly number[], index: number, nullity: number | undefined, least: number])[] = [
    [3, [0, 1, 2], 0, 9, 0], [3, [0, 1], 1, 24, -1], [3, [0], 4, 37, -2], [3, [1], 5, 37, -3], [3, [], 9, 48, -3],
    [1, [1], 1, undefined, -1], [1, [2], 2, undefined, -2], [2, [1, 2], 2, undefined, -2], [2, [0, 2], 1, undefined, -1],
    [2, [2], 4, undefined, -3], [2, [], 6, undefined, -3],
  ];
  const data = withSpectrum(12, 10, [3, 2, 1]);
  it.each(table)('width %d, kept %j', (rank, kept, index, nullity, least) => {
    const { problem, spectrum, value, gradient } = probe(linearNetwork({ data, depth: 2, width: rank }));
    const sets = [...keptSets(Float64Array.of(3, 2, 1), rank)].map(String);
    const x = [...problem.truth!.stationaryPoints!()][sets.indexOf(String(kept))]!.data;
    const missing = [3, 2, 1].filter((_, k) => !kept.includes(k));
    expect(value(x)).toBeCloseTo(missing.reduce((sum, sigma) => sum + sigma ** 2 / 2, 0), 10);
    expect(largest(gradient(x))).toBeLessThan(1e-12);
    const eigenvalues = spectrum(x);
    expect(eigenvalues.filter((value) => value < -1e-8)).toHaveLength(index);
    if (nullity !== undefined) expect(eigenvalues.filter((value) => Math.abs(value) <= 1e-8)).toHaveLength(nullity);
    if (least < 0) expect(eigenvalues[0]).toBeCloseTo(least, 9);
  });

  it('has the same inertia where the inputs are not white', () => {
    const samples = { rows: 12, cols: 9, values: gaussian(108, 'samples') };
    const objective = linearNetwork({ data: samples, inputs: 5, depth: 2, width: 2, balance: 0 });
    const { problem, spectrum, gradient } = probe(objective);
    const sets = [...keptSets(Float64Array.of(4, 3, 2, 1), 2)];
    const points = [...problem.truth!.stationaryPoints!()];
    expect(points).toHaveLength(sets.length);
    points.forEach(({ data: x }, at) => {
      const kept = sets[at]!;
      // index = sum over missing i of (width - |S|) + the number of kept values below
      let index = 0;
      for (let i = 0; i < 4; i++) if (!kept.includes(i)) index += 2 - kept.length + kept.filter((j) => j > i).length;
      expect(largest(gradient(x))).toBeLessThan(1e-11);
      expect(spectrum(x).filter((value) => value < -1e-8)).toHaveLength(index);
    });
  });
});

it('has a known target where the map itself is given and nothing decays', () => {
  const provides = (options: object) => 'target' in linearNetwork({ data: dense(4, 5), ...options }).routes;
  expect([provides({}), provides({ balance: 1 }), provides({ lambda: 1 }), provides({ inputs: 2 })]).toEqual([true, true, false, false]);
});

it('bounds the rounding of its value where layers cancel', () => {
  const objective = linearNetwork({ data: diagonal(1), depth: 2, width: 2 });
  const { problem } = probe(objective);
  // numbers of at least 2^-8 are whole multiples of 2^-60
  const scaled = (x: number) => BigInt(x * 2 ** 60);
  for (let trial = 0; trial < 200; trial++) {
    const [x, y, z, rest] = gaussian(4, 'cancel', trial).map((value) => 1 + Math.abs(value)) as unknown as [number, number, number, number];
    const [a, b, c] = [x, y, 2 ** (trial % 30) * z];
    // a c + b d is 1 + a little
    const d = (1 + rest * 10 ** -(trial % 12) - a * c) / b;
    const residual = Number(scaled(a) * scaled(c) + scaled(b) * scaled(d) - (1n << 120n)) * 2 ** -120;
    const { value, absoluteSum, terms } = problem.target!.at(createPoint(objective.layout, Float64Array.of(a, b, c, d)));
    expect(Math.abs(value - residual ** 2 / 2)).toBeLessThanOrEqual(4 * (terms + 10) * 2 ** -53 * absoluteSum);
  }
});

describe('the optimum is that of reduced-rank regression', () => {
  it.each([
    ['whitened', linearNetwork({ data: dense(5, 6), depth: 3, width: 2 })],
    ['samples', linearNetwork({ data: dense(20, 9), inputs: 5, depth: 2, width: 2 })],
    ['fewer samples than inputs', linearNetwork({ data: dense(4, 9), inputs: 6, depth: 4, width: 2 })],
    ['narrow in the middle, balanced', linearNetwork({ data: dense(15, 8), inputs: 4, depth: 3, width: [3, 1], balance: 2 })],
  ] as const)('%s', (_name, objective) => {
    const { problem, value, spectrum, gradient } = probe(objective);
    const points = [...problem.truth!.stationaryPoints!()];
    const values = points.map(({ data }) => value(data));
    const least = Math.min(...values);
    expect(least).toBeCloseTo(problem.truth!.optimum!, 9);
    const best = points[values.indexOf(least)]!.data;
    expect(largest(gradient(best))).toBeLessThan(1e-9);
    expect(spectrum(best)[0]).toBeGreaterThan(-1e-8);
  });

  it('is not known where weights decay', () => {
    expect(probe(linearNetwork({ data: dense(3, 3), lambda: 0.1 })).problem.truth!.optimum).toBeUndefined();
  });
});

it('has no curvature at the origin from three layers on, ±sigma_1 for two (F08)', () => {
  const data = diagonal(3, 2, 1);
  const extremes = (depth: number) => {
    const { spectrum, size } = probe(linearNetwork({ data, depth, width: 3 }));
    const eigenvalues = spectrum(new Float64Array(size));
    return [eigenvalues[0]!, eigenvalues.at(-1)!];
  };
  expect(extremes(2)).toEqual([expect.closeTo(-3, 12), expect.closeTo(3, 12)]);
  expect(extremes(3).map(Math.abs)).toEqual([0, 0]);
  expect(extremes(4).map(Math.abs)).toEqual([0, 0]);
});

/** Gradient descent on the live vectors; `seen` is asked before each step and ends it. */
function descend(objective: Objective<never>, start: Float64Array, step: number, seen: (x: Float64Array, iteration: number) => boolean): void {
  const { problem, vector, zeros } = probe(objective);
  const { device } = problem;
  const [x, g] = [vector(start), zeros(start.length)];
  for (let iteration = 0; !seen(device.host!(x), iteration); iteration++) {
    problem.gradient!(x, g);
    device.kernels.axpy(-step, g, x);
  }
}

it('escapes the origin after eps^-(N - 2) iterations (F09)', () => {
  const escape = (depth: number, eps: number): number => {
    let last = 0;
    descend(linearNetwork({ data: diagonal(1), depth, width: 1 }), new Float64Array(depth).fill(eps), 0.1, (x, iteration) => {
      last = iteration;
      return x.reduce((product, w) => product * w, 1) > 0.5 || iteration > 60_000;
    });
    return last;
  };
  const slope = (depth: number, from: number, to: number) => Math.log(escape(depth, to) / escape(depth, from)) / Math.log(from / to);
  expect(Math.abs(slope(3, 1e-1, 1e-3) - 1)).toBeLessThan(0.05);
  expect(Math.abs(slope(4, 1e-1, 1e-2) - 2)).toBeLessThan(0.05);
  // two layers: logarithmic, as many iterations again for each factor of ten
  const two = [1e-1, 1e-2, 1e-3].map((eps) => escape(2, eps));
  expect(Math.abs(two[2]! - two[1]! - (two[1]! - two[0]!))).toBeLessThan(3);
});

it('learns singular values along sigmoids from small balanced weights (F10)', () => {
  const [sigma, s0, step] = [[3, 2, 1], 1e-4, 1e-3];
  const w = Math.sqrt(s0);
  const start = Float64Array.from({ length: 18 }, (_, k) => (k % 9 % 4 === 0 ? w : 0));
  const half = [0, 0, 0];
  let worst = 0;
  descend(linearNetwork({ data: diagonal(...sigma), depth: 2, width: 3 }), start, step, (x, iteration) => {
    sigma.forEach((s, i) => {
      const growth = Math.exp(2 * s * iteration * step);
      const learnt = x[4 * i]! * x[9 + 4 * i]!;
      worst = Math.max(worst, Math.abs(learnt - (s * growth) / (growth - 1 + s / s0)));
      if (half[i] === 0 && learnt > s / 2) half[i] = iteration * step;
    });
    return iteration === 8000;
  });
  expect(worst).toBeLessThan(2e-2);
  sigma.forEach((s, i) => expect(Math.abs(half[i]! - Math.log(s / s0 - 1) / (2 * s))).toBeLessThan(0.01));
});

it('drifts from balance by the squares of its steps exactly (F01)', () => {
  const objective = linearNetwork({ data: dense(14, 9), inputs: 5, depth: 3, width: [3, 2] });
  const { gradient, size } = probe(objective);
  const layers = (x: Float64Array) => [matrix(3, 5, x.slice(0, 15)), matrix(2, 3, x.slice(15, 21)), matrix(4, 2, x.slice(21))];
  /** W_{k+1}^T W_{k+1} - W_k W_k^T of both hidden layers */
  const imbalance = (x: Float64Array) => {
    const w = layers(x);
    return [0, 1].flatMap((k) => {
      const [above, below] = [multiply(w[k + 1]!, w[k + 1]!, { transposeA: true }), multiply(w[k]!, w[k]!, { transposeB: true })];
      return [...above.data.map((value, i) => value - below.data[i]!)];
    });
  };
  const step = 0.01;
  let x = gaussian(size, 'x', 3).map((value) => value / 2);
  for (let iteration = 0; iteration < 20; iteration++) {
    const g = gradient(x);
    const next = x.map((value, k) => value - step * g[k]!);
    const [before, after, squares] = [imbalance(x), imbalance(next), imbalance(g)];
    expect(largest(after.map((value, k) => value - before[k]! - step ** 2 * squares[k]!))).toBeLessThan(1e-12);
    x = next;
  }
});

it('has GL of every hidden layer where nothing is penalised, O elsewhere', () => {
  const symmetry = (options: object) => probe(linearNetwork({ data: dense(4, 5), width: [3, 2], ...options })).problem.symmetry!;
  expect(symmetry({})).toMatchObject({ group: 'GL(3) x GL(2)', dimension: 13 });
  expect(symmetry({ balance: 1 })).toMatchObject({ group: 'O(3) x O(2)', dimension: 4 });
  expect(symmetry({ lambda: 1 })).toMatchObject({ group: 'O(3) x O(2)', dimension: 4 });
});

it('measures the distance of its map to the planted one', () => {
  const truth = dense(3, 4);
  const objective = linearNetwork({ data: truth, width: 3, truth });
  const { problem } = probe(objective);
  const points = [...problem.truth!.stationaryPoints!()];
  expect(problem.truth!.distance!(points.at(-1)!)).toBeLessThan(1e-12);
  expect(problem.truth!.distance!(createPoint(objective.layout))).toBeCloseTo(Math.sqrt(inner(truth.values, truth.values)), 12);
});

it('starts with predictions as large as the outputs, in the mean, and at zero where these are', () => {
  const data = dense(30, 40);
  const objective = linearNetwork({ data, depth: 4, width: 30 });
  const { problem, zeros, vector, read } = probe(objective);
  const ratios = Array.from({ length: 40 }, (_, seed) => {
    const out = zeros(1200);
    problem.residual!.evaluate(vector(objective.initial(streamKey(seed, 'init')).data), out);
    const predictions = read(out).map((value, k) => value + data.values[k]!);
    return inner(predictions, predictions) / inner(data.values, data.values);
  });
  // 40 starts; the standard error of their mean is 0.023, seen over 2,000 others
  expect(Math.abs(ratios.reduce((sum, ratio) => sum + ratio / 40, 0) - 1)).toBeLessThan(0.12);
  const zero = linearNetwork({ data: { rows: 2, cols: 3, values: new Float64Array(6) }, width: 2 });
  expect(zero.initial(streamKey(0, 'init')).data).toEqual(new Float64Array(zero.initial(streamKey(0, 'init')).data.length));
});

it('takes roots to the last bit or two', () => {
  for (const n of [2, 3, 4, 7]) {
    for (const x of [1e-300, 1e-9, 0.3, 1, 2, 5, 1e12, 1e250]) expect(Math.abs(root(x, n) ** n / x - 1)).toBeLessThan(4 * n * 2 ** -52);
  }
  expect([root(0, 3), root(8, 3), root(1, 5), root(7, 1)]).toEqual([0, 2, 1, 7]);
});

it.each<[object, string]>([
  [{ depth: 1 }, 'LOWLAND_E_OPTIONS'],
  [{ depth: 2.5 }, 'LOWLAND_E_OPTIONS'],
  [{ width: 0 }, 'LOWLAND_E_OPTIONS'],
  [{ width: [2] }, 'LOWLAND_E_OPTIONS'],
  [{ inputs: 4 }, 'LOWLAND_E_OPTIONS'],
  [{ inputs: -1 }, 'LOWLAND_E_OPTIONS'],
  [{ balance: -1 }, 'LOWLAND_E_OPTIONS'],
  [{ lambda: Infinity }, 'LOWLAND_E_OPTIONS'],
  [{ truth: dense(2, 2) }, 'LOWLAND_E_SHAPE'],
  [{ data: { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3) } }, 'LOWLAND_E_SHAPE'],
  [{ data: { rows: 1, cols: 2, values: Float64Array.of(1, NaN) } }, 'LOWLAND_E_NOT_FINITE'],
])('refuses %j', (options, code) => {
  let caught: unknown;
  try {
    linearNetwork({ data: dense(3, 4), ...options });
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});

it('knows no layer of another name', () => {
  const { problem, vector, zeros } = probe(linearNetwork({ data: dense(3, 4), width: 2 }));
  expect(() => problem.blockGradient!(vector(new Float64Array(18)), 'W4', zeros(18))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_BLOCK' }));
});
