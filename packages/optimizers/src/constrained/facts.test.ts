import { createPoint, maxIterations, plan, solve, streamKey, type DataMap, type Objective, type Optimizer, type Solution } from '@lowland/core';
import { cpu, matrix, multiply, symmetricEigen, symmetricEigenvalues, thinQr, type Matrix } from '@lowland/linalg';
import { constrainedFactorization, generateConstraints, generateGraph, generateOrthogonalCut, maxCut, maxCutOptimum, orthogonalCut } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { gaussianPoint, stateOf } from '../../test/constrained.ts';
import { augmentedLagrangian, firstOrderConditions, fixed, gradientDescent, lbfgs, nearFeasible, primalDual } from '../index.ts';

type Constrained = Objective<'constraints' | 'valueAndGradient'>;
const backend = cpu();
const run = (objective: Constrained, optimizer: Optimizer<'constraints'>, data: Float64Array, steps: number): Promise<Solution> =>
  solve(objective, optimizer, { backend, point: createPoint(objective.layout, data), stop: maxIterations(steps) });
const product = (u: Float64Array, rows: number): Matrix => {
  const factor = matrix(rows, u.length / rows, u);
  return multiply(factor, factor, { transposeB: true });
};
const largest = (a: Iterable<number>): number => Math.max(...Array.from(a, Math.abs));
const difference = (a: Float64Array, b: Float64Array): number => largest(a.map((value, k) => value - b[k]!));

/** The cycle with weight -1 in both directions: C = -adjacency. */
function ring(n: number): DataMap['entries'] {
  const { data } = generateGraph({ kind: 'cycle', size: n, weight: -2 }, 0);
  return data;
}
function twisted(n: number, rank: number, radius: number): Float64Array {
  const u = new Float64Array(n * rank);
  for (let i = 0; i < n; i++) {
    u[i * rank] = radius * Math.cos((2 * Math.PI * i) / n);
    u[i * rank + 1] = radius * Math.sin((2 * Math.PI * i) / n);
  }
  return u;
}

describe('trace minimisation under Gaussian constraints (founding-papers 11)', () => {
  const n = 8;
  const { data, truth } = generateConstraints({ rows: n, rank: 1, constraints: 24, trace: 2 }, 3);
  /** The least eigenvalue of I + a*(l), and -<l, b>. */
  const certificate = (l: Float64Array) => {
    const { matrices } = data.ensemble as { matrices: Float64Array };
    const s = matrix(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = i === j ? 1 : 0;
        for (let k = 0; k < 24; k++) sum += (l[k]! * (matrices[k * n * n + i * n + j]! + matrices[k * n * n + j * n + i]!)) / 2;
        s.data[i * n + j] = sum;
      }
    }
    return { least: symmetricEigenvalues(s).at(-1)!, bound: -l.reduce((sum, value, k) => sum + value * data.values[k]!, 0) };
  };

  it.each([[1], [2], [4]])('primal-dual steps recover the planted matrix with %i columns', async (rank) => {
    const objective = constrainedFactorization({ constraints: data, rank, truth });
    const solution = await run(objective, primalDual(), gaussianPoint(n * rank, 0.5, rank), 15_000);
    expect(largest(product(solution.point.data, n).data.map((value, k) => value - truth.values[k]!))).toBeLessThan(1e-6);
    expect(solution.stop.rule).toBe('first-order-conditions');
    if (rank === 1) return;
    const { least, bound } = certificate(stateOf(solution, 'multipliers'));
    expect(least).toBeGreaterThan(-1e-6);
    expect(bound).toBeCloseTo(2, 6);
  });

  it('so does the method of multipliers, in hundreds of inner steps, and its dual bound is the optimum', async () => {
    const objective = constrainedFactorization({ constraints: data, rank: 4, truth });
    const solution = await run(objective, augmentedLagrangian(), gaussianPoint(n * 4, 0.5, 7), 2000);
    expect(solution.stop).toMatchObject({ reason: 'converged', rule: 'first-order-conditions' });
    expect(solution.iterations).toBeLessThan(500);
    const { least, bound } = certificate(stateOf(solution, 'multipliers'));
    expect(least).toBeGreaterThan(-1e-6);
    expect(bound).toBeCloseTo(2, 6);
    expect(product(solution.point.data, n).data.reduce((sum, value, k) => (k % (n + 1) === 0 ? sum + value : sum), 0)).toBeCloseTo(2, 6);
  });
});

describe('closed optima', () => {
  it.each<[string, DataMap['entries']]>([
    ['a bipartite graph', generateGraph({ kind: 'bipartite', size: 9 }, 0).data],
    ['a complete graph', generateGraph({ kind: 'complete', size: 8 }, 0).data],
    ['a ring', ring(8)],
  ])('%s: multipliers and the merit function of Fletcher find the least value, feasibly', async (_name, graph) => {
    const n = graph.rows;
    // p (p + 1) / 2 > n: spurious points are then absent for generic costs
    const rank = 4;
    const optimum = maxCutOptimum(graph, rank)!;
    const objective = maxCut({ graph, rank, merit: 'fletcher', weight: 20 });
    const start = objective.initial(streamKey(4, 'init')).data;
    const constrained = await run(objective, augmentedLagrangian({ tolerance: 1e-10 }), start, 3000);
    expect(constrained.stop.rule).toBe('first-order-conditions');
    const merit = await solve(objective, lbfgs(), { backend, point: createPoint(objective.layout, start), trackers: [firstOrderConditions()] });
    for (const { point, value } of [constrained, merit]) {
      const x = product(point.data, n);
      expect(largest(Array.from({ length: n }, (_, i) => x.data[i * n + i]! - 1))).toBeLessThan(1e-8);
      expect(value).toBeCloseTo(optimum, 7);
    }
  });

  it('orthogonal-cut: the planted blocks, feasible to 1e-10', async () => {
    const { data: cost, truth } = generateOrthogonalCut({ blocks: 6, size: 3 }, 2);
    const objective = orthogonalCut({ cost, size: 3, rank: 5 });
    const start = objective.initial(streamKey(4, 'init')).data;
    const solution = await run(objective, augmentedLagrangian({ tolerance: 1e-12 }), start, 3000);
    const x = product(solution.point.data, 18);
    expect(difference(x.data, truth.values)).toBeLessThan(1e-8);
    let worst = 0;
    for (let i = 0; i < 18; i++) for (let j = i - (i % 3); j < i - (i % 3) + 3; j++) worst = Math.max(worst, Math.abs(x.data[i * 18 + j]! - (i === j ? 1 : 0)));
    expect(worst).toBeLessThan(1e-10);
    expect(solution.value).toBeCloseTo(-36 * 3, 8);
  });
});

describe('a small factor and a frame (founding-papers 11.1)', () => {
  const n = 7;
  const graph = generateGraph({ size: n, density: 0.8 }, 5).data;
  const small = gaussianPoint(2 * n, 0.7, 1);
  const frame = thinQr(matrix(5, 2, gaussianPoint(10, 1, 2))).q;
  const wide = multiply(matrix(n, 2, small), frame, { transposeB: true }).data;

  it.each<[string, (rank: number) => Optimizer<'constraints'>]>([
    ['primal-dual', (rank) => primalDual({ step: 0.01, rank })],
    ['augmented lagrangian', (rank) => augmentedLagrangian({ rank, inner: gradientDescent({ step: fixed({ step: 0.01 }) }), most: 20, growth: 1 })],
  ])('%s: a start of rank 2 in five columns takes the steps of the method with two', async (name, method) => {
    const [five, two] = [maxCut({ graph, rank: 5 }), maxCut({ graph, rank: 2 })];
    for (const steps of [1, 10, 100]) {
      const [held, narrow, plain] = [await run(five, method(2), wide, steps), await run(two, method(0), small, steps), await run(five, method(0), wide, steps)];
      const expected = product(narrow.point.data, n).data;
      expect(difference(product(held.point.data, n).data, expected)).toBeLessThan(1e-12);
      // so do five columns, until round-off has grown
      if (steps <= 10) expect(difference(product(plain.point.data, n).data, expected)).toBeLessThan(1e-12);
      const factor = stateOf(held, name === 'primal-dual' ? 'factor' : 'inner.point');
      expect(factor).toHaveLength(2 * n);
      // the frame stays orthonormal, the row space the one of the start
      const q = matrix(5, 2, stateOf(held, 'frame'));
      expect(difference(multiply(q, q, { transposeA: true }).data, Float64Array.of(1, 0, 0, 1))).toBeLessThan(1e-14);
      expect(difference(multiply(q, q, { transposeB: true }).data, multiply(frame, frame, { transposeB: true }).data)).toBeLessThan(1e-13);
    }
  });

  it('the rank of the point never rises above that of the frame', async () => {
    const objective = maxCut({ graph, rank: 5 });
    const { point } = await run(objective, augmentedLagrangian({ rank: 2 }), gaussianPoint(5 * n, 0.7, 3), 200);
    const { values } = symmetricEigen(product(point.data, n));
    expect(values[1]!).toBeGreaterThan(1e-3);
    expect(largest(values.subarray(2))).toBeLessThan(1e-14 * n);
  });

  it.each([primalDual({ rank: 6 }), augmentedLagrangian({ rank: 6 })])('$id is refused where the start has fewer columns', async (method) => {
    const objective = maxCut({ graph, rank: 5 });
    const refusal = { code: 'LOWLAND_E_RANK', reachable: 5 };
    expect(plan(objective, method, cpu()).refusals).toMatchObject([refusal]);
    expect(plan(objective, lbfgs(), cpu(), { init: nearFeasible({ rank: 6 }) }).refusals).toMatchObject([refusal]);
    await expect(run(objective, method, gaussianPoint(5 * n, 1, 1), 1)).rejects.toMatchObject({ code: 'LOWLAND_E_RANK' });
  });
});

describe('a start that is rank-deficient and feasible may lead to a spurious point (founding-papers 11.2)', () => {
  const n = 5;
  const weight = 4;
  const graph = ring(n);
  const start = twisted(n, 3, 1).map((value, k) => value + (k % 3 === 2 ? 0 : 0.02 * gaussianPoint(15, 1, 1)[k]!));
  const objective = maxCut({ graph, rank: 3, weight });
  // descent on the penalty, multipliers at zero
  const descent = (rank: number) => primalDual({ step: 0.02, dualStep: 0, weight, rank, tolerance: 0 });
  const turn = thinQr(matrix(3, 3, gaussianPoint(9, 1, 4))).q;
  const turned = multiply(matrix(n, 3, start), turn).data;

  it('an exact zero column stays zero, and the run ends at the twisted state', async () => {
    const { point, value } = await run(objective, descent(0), start, 4000);
    expect(value).toBeCloseTo(-3.328899, 6);
    expect(point.data.filter((_, k) => k % 3 === 2).every((entry) => entry === 0)).toBe(true);
  });
  it('turned, round-off breaks the rank and it leaves; held as a factor of two columns it stays', async () => {
    expect((await run(objective, descent(0), turned, 4000)).value).toBeCloseTo(-12.5, 6);
    expect((await run(objective, descent(2), turned, 4000)).value).toBeCloseTo(-3.328899, 6);
  });
  it('methods with multipliers end at the twisted state of the constrained problem, too', async () => {
    for (const method of [primalDual({ step: 0.02, rank: 2 }), augmentedLagrangian({ rank: 2 })]) {
      const solution = await run(objective, method, turned, 6000);
      expect(solution.stop.rule).toBe('first-order-conditions');
      expect(solution.value).toBeCloseTo(-2 * n * Math.cos((2 * Math.PI) / n), 6);
    }
  });
});

describe('turned columns (rigour.md E3)', () => {
  const graph = generateGraph({ size: 9, density: 0.6 }, 1).data;
  const objective = maxCut({ graph, rank: 3 });
  const start = gaussianPoint(27, 0.8, 5);
  it.each<[string, Optimizer<'constraints'>]>([
    ['primal-dual', primalDual({ step: 0.01 })],
    ['augmented lagrangian', augmentedLagrangian({ most: 5 })],
  ])('%s: with other signs the same bits, turned the same products', async (_name, method) => {
    const plain = await run(objective, method, start, 20);
    const signs = (data: Float64Array) => data.map((value, k) => (k % 3 === 1 ? -value : value));
    const flipped = await run(objective, method, signs(start), 20);
    expect(signs(flipped.point.data)).toEqual(plain.point.data);
    const { q } = thinQr(matrix(3, 3, gaussianPoint(9, 1, 6)));
    const turned = await run(objective, method, multiply(matrix(9, 3, start), q).data, 20);
    expect(difference(product(turned.point.data, 9).data, product(plain.point.data, 9).data)).toBeLessThan(1e-11);
  });
});

describe('ends', () => {
  it.each<[string, Optimizer<'constraints'>]>([
    ['primal-dual', primalDual({ multipliers: 'estimate', tolerance: 0, every: 7 })],
    ['augmented lagrangian', augmentedLagrangian({ multipliers: 'estimate', tolerance: 0 })],
  ])('%s rests, to the bit, at a feasible stationary point whose multipliers are exact', async (_name, method) => {
    // all nodes at e_1: C U = -2 U, l = 2
    const data = Float64Array.from({ length: 12 }, (_, k) => (k % 2 === 0 ? 1 : 0));
    const solution = await run(maxCut({ graph: ring(6), rank: 2 }), method, data, 50);
    expect(solution.point.data).toEqual(data);
    expect(solution.stop.rule).toBe('first-order-conditions');
    expect([...stateOf(solution, 'multipliers')]).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('stalls where the constraints cannot be met', async () => {
    const constraints = { rows: 2, cols: 2, values: Float64Array.of(-1), ensemble: { kind: 'dense', matrices: Float64Array.of(1, 0, 0, 1) } } as const;
    const solution = await run(constrainedFactorization({ constraints, rank: 1 }), augmentedLagrangian(), Float64Array.of(1, 0.5), 5000);
    expect(solution.stop).toMatchObject({ reason: 'stalled', rule: 'no-progress' });
  });

  it('the tracker tells feasibility and the gradient of the Lagrangian, of the multipliers that a method keeps, else of the estimate', async () => {
    const objective = maxCut({ graph: ring(6), rank: 2, merit: 'fletcher', weight: 10 });
    const point = objective.initial(streamKey(1, 'init'));
    for (const method of [augmentedLagrangian(), lbfgs()] as Optimizer<'constraints' | 'valueAndGradient'>[]) {
      const seen: { infeasibility: number; lagrangianGradient: number }[] = [];
      await solve(objective, method, {
        backend,
        point,
        trackers: [firstOrderConditions()],
        record: ({ tracked }) => seen.push(tracked!['first-order-conditions'] as (typeof seen)[number]),
      });
      expect(seen[0]!.infeasibility).toBeLessThan(1e-14);
      expect(seen[0]!.lagrangianGradient).toBeGreaterThan(0.1);
      expect(seen.at(-1)!.infeasibility).toBeLessThan(1e-6);
      expect(seen.at(-1)!.lagrangianGradient).toBeLessThan(1e-6);
    }
  });
});

