import { errorCode, streamKey, type Constraints, type DataMap, type Objective } from '@lowland/core';
import { matrix, multiply, symmetricEigenvalues, type Matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, listDistance, probe, symmetricGaussian, type Probe } from '../../test/support.ts';
import { denseCost, sparseCost } from './cost.ts';
import { constrainedFactorization, generateConstraints, generateGraph, generateOrthogonalCut, maxCut, maxCutOptimum, orthogonalCut } from './index.ts';

/** The capability as functions of plain arrays, at factors of any number of columns. */
function constraintsOf({ problem, vector, zeros, read }: Probe) {
  const constraints = (problem as { constraints?: Constraints }).constraints!;
  const { length } = constraints;
  const call = (size: number, run: (out: ReturnType<typeof vector>) => void): Float64Array => {
    const out = zeros(size);
    run(out);
    return read(out);
  };
  return {
    length,
    evaluate: (x: Float64Array) => call(length, (out) => { constraints.evaluate(vector(x), out); }),
    jvp: (x: Float64Array, v: Float64Array) => call(length, (out) => { constraints.jvp(vector(x), vector(v), out); }),
    vjp: (x: Float64Array, w: Float64Array) => call(x.length, (out) => { constraints.vjp(vector(x), vector(w), out); }),
    multipliers: (x: Float64Array) => call(length, (out) => { constraints.multipliers(vector(x), out); }),
    value: (x: Float64Array, l: Float64Array, weight: number) => call(1, (out) => { constraints.lagrangian(vector(x), vector(l), weight, out, zeros(x.length)); })[0]!,
    gradient: (x: Float64Array, l: Float64Array, weight: number) => call(x.length, (out) => { constraints.lagrangian(vector(x), vector(l), weight, zeros(1), out); }),
  };
}

const ringGraph = (n: number, weight = -1): DataMap['entries'] => {
  // each edge in both directions: C = weight times the adjacency matrix
  const { data } = generateGraph({ kind: 'cycle', size: n, weight }, 0);
  return { ...data, row: Int32Array.of(...data.row, ...data.col), col: Int32Array.of(...data.col, ...data.row), values: Float64Array.of(...data.values, ...data.values) };
};
/** The twisted state in the first two of `rank` columns. */
function twisted(n: number, rank = 2, radius = 1): Float64Array {
  const u = new Float64Array(n * rank);
  for (let i = 0; i < n; i++) {
    u[i * rank] = radius * Math.cos((2 * Math.PI * i) / n);
    u[i * rank + 1] = radius * Math.sin((2 * Math.PI * i) / n);
  }
  return u;
}
/** S = C + diag(l) */
function shifted(graph: DataMap['entries'], l: Float64Array): Matrix {
  const n = graph.rows;
  return matrix(n, n, sparseCost(graph).dense().map((value, k) => value + (k % (n + 1) === 0 ? l[k % n]! : 0)));
}
const least = (s: Matrix): number => symmetricEigenvalues(s).at(-1)!;
/** -<l, b> + tau min(0, lambda_min(C + a*(l))) with b = 1, tau = n: founding-papers 16. */
const dualBound = (graph: DataMap['entries'], l: Float64Array): number => -l.reduce((sum, x) => sum + x, 0) + graph.rows * Math.min(0, least(shifted(graph, l)));

describe('the capability constraints', () => {
  const n = 5;
  const constraints = { rows: n, cols: n, values: gaussian(4, 'b'), ensemble: { kind: 'dense', matrices: gaussian(4 * n * n, 'a') }, linear: symmetricGaussian(n, 'c') } as const;
  const fit = { rows: n, cols: n, values: gaussian(6, 'y'), ensemble: { kind: 'rank-one', left: gaussian(6 * n, 'fl'), right: gaussian(6 * n, 'fr') } } as const;
  const instances: [string, Objective<never>][] = [
    ['dense constraints with a fit', constrainedFactorization({ constraints, fit, rank: 2 })],
    ['max-cut', maxCut({ graph: generateGraph({ size: 7 }, 1).data, rank: 2 })],
    ['orthogonal-cut', orthogonalCut({ cost: generateOrthogonalCut({ blocks: 3, noise: 0.4 }, 2).data, rank: 2 })],
  ];
  it.each(instances)('%s: derivative, adjoint, Lagrangian and estimates fit each other, at any number of columns', (_name, objective) => {
    const at = constraintsOf(probe(objective));
    const rows = objective.layout.blocks[0]!.shape[0]!;
    for (const columns of [2, 3]) {
      const [x, v, l] = [gaussian(rows * columns, 'x', columns), gaussian(rows * columns, 'v', columns), gaussian(at.length, 'l', columns)];
      const t = 1e-5;
      const moved = (s: number) => x.map((value, k) => value + s * v[k]!);
      // c is quadratic: central differences are exact
      const [ahead, behind] = [at.evaluate(moved(t)), at.evaluate(moved(-t))];
      const jv = at.jvp(x, v);
      expect(largest(jv.map((value, k) => value - (ahead[k]! - behind[k]!) / (2 * t)))).toBeLessThan(1e-9);
      expect(inner(at.vjp(x, l), v)).toBeCloseTo(inner(l, jv), 10);

      const slope = (at.value(moved(t), l, 1.5) - at.value(moved(-t), l, 1.5)) / (2 * t);
      expect(inner(at.gradient(x, l, 1.5), v)).toBeCloseTo(slope, 6);
      // L(x, l, 0) is affine in l, its gradient too
      const phi = at.gradient(x, new Float64Array(at.length), 0);
      const jl = at.vjp(x, l);
      expect(largest(at.gradient(x, l, 0).map((value, k) => value - phi[k]! - jl[k]!))).toBeLessThan(1e-11);
      // c'(x) (grad phi + c'(x)^T l) = 0 at the estimate
      expect(largest(at.jvp(x, at.gradient(x, at.multipliers(x), 0)))).toBeLessThan(1e-10);
    }
  });

  it('has no factor of a broken number of numbers', () => {
    const { problem, zeros } = probe(maxCut({ graph: ringGraph(5), rank: 2 }));
    let caught: unknown;
    try {
      (problem as { constraints?: Constraints }).constraints!.evaluate(zeros(11), zeros(5));
    } catch (error) {
      caught = error;
    }
    expect(errorCode(caught)).toBe('LOWLAND_E_SHAPE');
  });
});

describe('the ring (founding-papers 11.2)', () => {
  it.each([[5], [6], [8]])('n = %i: the twisted state is feasible, stationary with multipliers 2 cos w, not global, and its dual bound is the optimum', (n) => {
    const graph = ringGraph(n);
    const w = (2 * Math.PI) / n;
    const at = constraintsOf(probe(maxCut({ graph, rank: 2 })));
    const u = twisted(n);
    expect(largest(at.evaluate(u))).toBeLessThan(1e-14);
    const l = at.multipliers(u);
    expect(largest(l.map((value) => value - 2 * Math.cos(w)))).toBeLessThan(1e-13);
    expect(largest(at.gradient(u, l, 0))).toBeLessThan(1e-13);
    expect(at.value(u, l, 0)).toBeCloseTo(-2 * n * Math.cos(w), 12);
    const spectrum = Array.from({ length: n }, (_, k) => 2 * Math.cos(w) - 2 * Math.cos(w * k));
    expect(listDistance(symmetricEigenvalues(shifted(graph, l)), spectrum)).toBeLessThan(1e-12);
    expect(dualBound(graph, l)).toBeCloseTo(-2 * n, 11);
    expect(maxCutOptimum(graph, 2)).toBe(-2 * n);
  });

  it.each([
    [5, -3.328899, [0, 0.17074, 0.17074], -2.763932],
    [6, -6.75, [0, 0.5597], -2],
    [8, -13.313708, [0, 0.6453], -1.171573],
  ])('n = %i, penalty of weight 4: a spurious second-order point, a strict saddle with a column more', (n, value, lowest, padded) => {
    const graph = ringGraph(n);
    const radius = Math.sqrt(1 + (2 * Math.cos((2 * Math.PI) / n)) / 4);
    const narrow = probe(maxCut({ graph, rank: 2, weight: 4 }));
    const u = twisted(n, 2, radius);
    expect(narrow.value(u)).toBeCloseTo(value, 6);
    expect(largest(narrow.gradient(u))).toBeLessThan(1e-13);
    const spectrum = narrow.spectrum(u);
    lowest.forEach((eigenvalue, k) => expect(spectrum[k]!).toBeCloseTo(eigenvalue, 4));
    const wide = probe(maxCut({ graph, rank: 3, weight: 4 }));
    expect(largest(wide.gradient(twisted(n, 3, radius)))).toBeLessThan(1e-13);
    expect(wide.spectrum(twisted(n, 3, radius))[0]!).toBeCloseTo(padded, 6);
    // the least value, at the aligned state of radius^2 = 1 + 2 / gamma
    const aligned = Float64Array.from({ length: 2 * n }, (_, k) => (k % 2 === 0 ? Math.sqrt(1.5) : 0));
    expect(narrow.problem.truth!.optimum).toBeCloseTo(-2 * n - (2 * n) / 4, 12);
    expect(narrow.value(aligned)).toBeCloseTo(narrow.problem.truth!.optimum!, 12);
  });

  it('every merit function is stationary at the twisted state, with Fletcher for every weight, and along the circles has the Hessian of the constrained problem', () => {
    const n = 5;
    const graph = ringGraph(n);
    const u = twisted(n);
    const l = new Float64Array(n).fill(2 * Math.cos((2 * Math.PI) / n));
    const form = Array.from({ length: n }, (_, k) => 2 * 2 * Math.cos((2 * Math.PI) / n) * (1 - Math.cos((2 * Math.PI * k) / n)));
    for (const weight of [0.1, 4, 100]) {
      for (const objective of [maxCut({ graph, rank: 2, merit: 'fletcher', weight }), maxCut({ graph, rank: 2, merit: 'augmented', weight, multipliers: l })] as Objective<never>[]) {
        const { gradient, value, hessian } = probe(objective);
        expect(largest(gradient(u))).toBeLessThan(1e-12);
        expect(value(u)).toBeCloseTo(-2 * n * Math.cos((2 * Math.PI) / n), 12);
        // unit tangents of the n circles
        const tangents = matrix(2 * n, n);
        for (let i = 0; i < n; i++) {
          tangents.data[2 * i * n + i] = -u[2 * i + 1]!;
          tangents.data[(2 * i + 1) * n + i] = u[2 * i]!;
        }
        const reduced = multiply(tangents, multiply(hessian(u), tangents), { transposeA: true });
        expect(listDistance(symmetricEigenvalues(reduced), form)).toBeLessThan(1e-11);
      }
    }
  });
});

describe('where a column is spare', () => {
  it.each(['penalty', 'augmented'] as const)('%s: the curvature along z q^T, U q = 0, is 2 z^T S z, so that a second-order point without full column rank is global', (merit) => {
    const n = 6;
    const graph = generateGraph({ size: n, density: 0.7 }, 3).data;
    const objective = maxCut({ graph, rank: 3, merit, weight: 2, ...(merit === 'augmented' && { multipliers: gaussian(n, 'l') }) });
    const { curve, gradient } = probe(objective);
    const at = constraintsOf(probe(objective));
    const u = gaussian(3 * n, 'u').map((value, k) => (k % 3 === 2 ? 0 : value));
    const c = at.evaluate(u);
    const s = shifted(graph, c.map((value, i) => 2 * value + (merit === 'augmented' ? gaussian(n, 'l')[i]! : 0)));
    const z = gaussian(n, 'z');
    const direction = new Float64Array(3 * n);
    z.forEach((value, i) => (direction[3 * i + 2] = value));
    const quadratic = 2 * inner(z, multiply(s, matrix(n, 1, z)).data);
    expect(inner(direction, curve(u, direction))).toBeCloseTo(quadratic, 10);
    // grad = 2 S U: the row space stays, a zero column too
    const slope = multiply(s, matrix(n, 3, u)).data;
    expect(largest(gradient(u).map((value, k) => value - 2 * slope[k]!))).toBeLessThan(1e-12);
    expect(gradient(u).filter((_, k) => k % 3 === 2).every((value) => value === 0)).toBe(true);
  });
});

describe('optima in closed form', () => {
  it.each<[string, DataMap['entries'], number, Float64Array]>([
    ['a bipartite graph, cut whole', generateGraph({ kind: 'bipartite', size: 7, weight: 2 }, 0).data, 2, Float64Array.from({ length: 14 }, (_, k) => (k % 2 === 1 ? 0 : (k / 2) % 2 === 0 ? 1 : -1))],
    ['C = -1 1^T', { rows: 4, cols: 4, row: Int32Array.from({ length: 16 }, (_, k) => k >> 2), col: Int32Array.from({ length: 16 }, (_, k) => k & 3), values: new Float64Array(16).fill(-1) }, 1, new Float64Array(4).fill(1)],
    ['a complete graph, vectors that add up to zero', generateGraph({ kind: 'complete', size: 6, weight: 3 }, 0).data, 2, twisted(6)],
  ])('%s', (_name, graph, rank, u) => {
    const optimum = maxCutOptimum(graph, rank)!;
    const at = constraintsOf(probe(maxCut({ graph, rank })));
    const l = at.multipliers(u);
    expect(largest(at.evaluate(u))).toBeLessThan(1e-14);
    expect(largest(at.gradient(u, l, 0))).toBeLessThan(1e-12);
    expect(at.value(u, l, 0)).toBeCloseTo(optimum, 11);
    // proved: the dual bound of these multipliers is as high
    expect(dualBound(graph, l)).toBeCloseTo(optimum, 10);
  });

  it('says nothing where it knows nothing, and of one column what one column can', () => {
    expect(maxCutOptimum(generateGraph({ kind: 'complete', size: 6 }, 0).data, 1)).toBeUndefined();
    expect(maxCutOptimum(generateGraph({ kind: 'cycle', size: 5 }, 0).data, 2)).toBeUndefined();
    expect(maxCutOptimum(ringGraph(6, 1), 1)).toBe(-12);
  });

  it('counts an edge that is listed once as one', () => {
    const { data } = generateGraph({ kind: 'bipartite', size: 6 }, 0);
    // 9 edges, all of them cut
    expect(maxCutOptimum(data, 1)).toBe(-9);
    const doubled = { ...data, row: data.col, col: data.row };
    expect(sparseCost(doubled).dense()).toEqual(sparseCost(data).dense());
  });
});

describe('orthogonal-cut', () => {
  const { data: cost, truth } = generateOrthogonalCut({ blocks: 5, size: 3 }, 7);
  it('starts feasible to rounding, and without noise is solved by the planted blocks with multipliers that prove it', () => {
    const objective = orthogonalCut({ cost, size: 3, rank: 4, merit: 'fletcher' });
    const all = probe(objective);
    const at = constraintsOf(all);
    expect(largest(at.evaluate(objective.initial(streamKey(1, 'init')).data))).toBeLessThan(1e-10);
    // R in the first three of four columns: the first block row of R R^T, turned
    const u = new Float64Array(15 * 4);
    for (let i = 0; i < 15; i++) for (let k = 0; k < 3; k++) u[4 * i + k] = truth.values[i * 15 + k]!;
    expect(largest(at.evaluate(u))).toBeLessThan(1e-13);
    expect(all.value(u)).toBeCloseTo(-25 * 3, 10);
    const l = at.multipliers(u);
    expect(largest(at.gradient(u, l, 0))).toBeLessThan(1e-12);
    expect(largest(all.gradient(u))).toBeLessThan(1e-11);
    // a*(l) = N I: S = C + N I is psd, so -<l, b> is a lower bound, and it is reached
    const s = denseCost(cost).dense().map((value, k) => value + (k % 16 === 0 ? 5 : 0));
    expect(least(matrix(15, 15, s))).toBeGreaterThan(-1e-12);
    const diagonal = l.filter((_, k) => [0, 3, 5].includes(k % 6));
    expect(largest(diagonal.map((value) => value - 5))).toBeLessThan(1e-12);
    expect(-diagonal.reduce((sum, value) => sum + value, 0)).toBeCloseTo(all.value(u), 10);
  });

  it('is max-cut with blocks of one row', () => {
    const graph = generateGraph({ size: 6 }, 2).data;
    const dense = { rows: 6, cols: 6, values: sparseCost(graph).dense() };
    const x = gaussian(12, 'x');
    for (const merit of ['penalty', 'fletcher'] as const) {
      const [one, other] = [probe(maxCut({ graph, rank: 2, merit })), probe(orthogonalCut({ cost: dense, size: 1, rank: 2, merit }))];
      expect(one.value(x)).toBeCloseTo(other.value(x), 10);
      expect(largest(one.gradient(x).map((value, k) => value - other.gradient(x)[k]!))).toBeLessThan(1e-10);
    }
  });
});

it('generated constraints hold at the planted matrix, whose trace is as asked for', () => {
  const { data, truth } = generateConstraints({ rows: 6, rank: 1, constraints: 11, trace: 3 }, 5);
  const top = truth.values.findIndex((value, k) => k % 7 === 0 && value > 0.1);
  const i = Math.floor(top / 6);
  const u = Float64Array.from({ length: 6 }, (_, k) => truth.values[i * 6 + k]! / Math.sqrt(truth.values[top]!));
  const objective = constrainedFactorization({ constraints: data, rank: 1, truth });
  const all = probe(objective);
  expect(largest(constraintsOf(all).evaluate(u))).toBeLessThan(1e-13);
  expect(all.value(u)).toBeCloseTo(3, 12);
  expect(all.problem.truth!.distance!({ layout: objective.layout, data: u })).toBeLessThan(1e-13);
});

it.each<[string, () => unknown, string]>([
  ['no constraints', () => constrainedFactorization({ constraints: { rows: 2, cols: 2, values: new Float64Array(0), ensemble: { kind: 'dense', matrices: new Float64Array(0) } }, rank: 1 }), 'LOWLAND_E_EMPTY'],
  ['a rank above n', () => maxCut({ graph: ringGraph(5), rank: 6 }), 'LOWLAND_E_RANK'],
  ['fewer columns than orthonormal rows', () => orthogonalCut({ cost: generateOrthogonalCut({ blocks: 2, size: 3 }, 1).data, size: 3, rank: 2 }), 'LOWLAND_E_RANK'],
  ['blocks that do not fit', () => orthogonalCut({ cost: { rows: 3, cols: 3, values: new Float64Array(9) }, rank: 2 }), 'LOWLAND_E_SHAPE'],
  ['a weight of zero', () => maxCut({ graph: ringGraph(5), rank: 2, weight: 0 }), 'LOWLAND_E_OPTIONS'],
  ['multipliers of a penalty', () => maxCut({ graph: ringGraph(5), rank: 2, multipliers: new Float64Array(5) } as never), 'LOWLAND_E_OPTIONS'],
  ['too few multipliers', () => maxCut({ graph: ringGraph(5), rank: 2, merit: 'augmented', multipliers: new Float64Array(4) }), 'LOWLAND_E_SHAPE'],
  ['a graph that is not square', () => maxCut({ graph: { ...ringGraph(5), cols: 6 }, rank: 2 }), 'LOWLAND_E_SHAPE'],
])('refuses %s', (_name, make, code) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe(code);
});

describe("Fletcher's merit function", () => {
  const made = (constraints: number, rank = 2): unknown => constrainedFactorization({ constraints: generateConstraints({ rows: 6, rank: 2, constraints }, 1).data, rank, merit: 'fletcher' });

  it('is refused where constraints are dependent at every point, and there alone', () => {
    // 6 x 2 - 1 degrees of freedom
    const objective = made(11) as Objective<'value' | 'gradient'>;
    expect(Number.isFinite(probe(objective).value(objective.initial(streamKey(1, 'init')).data))).toBe(true);
    for (const [constraints, rank] of [[12, 2], [0, 2], [11, 1]] as const) {
      let thrown: unknown;
      try {
        made(constraints, rank);
      } catch (error) {
        thrown = error;
      }
      expect(errorCode(thrown)).toBe('LOWLAND_E_OPTIONS');
      expect((thrown as Error).message).toMatch(/independent .*fewer constraints, a larger rank, or the merit/);
    }
    expect(made(12, 3)).toBeDefined();
  });
});
