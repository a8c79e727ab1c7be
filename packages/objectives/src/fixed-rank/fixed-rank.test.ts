import { createPoint, type Device, errorCode, type Initializer, plan, startingPoint, streamKey, type Objective, type Point, type Vec } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { add, columns, cpu, hostKernels, matrix, multiply, scaleColumns, subtract, symmetricEigen, thinSvd, type Matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { instances as factored } from '../../test/instances.ts';
import { gaussian, inner, largest, probe, symmetricGaussian } from '../../test/support.ts';
import { phaseRetrieval } from '../phase-retrieval/phase-retrieval.ts';
import { matrixCompletion, symmetricCompletion } from '../matrix-completion/completion.ts';
import { generateEntries } from '../matrix-completion/generate.ts';
import { matrixFactorization } from '../matrix-factorization/asymmetric.ts';
import { symmetricFactorization } from '../matrix-factorization/symmetric.ts';
import { fixedRank } from './fixed-rank.ts';
import { fixedRankPoint } from './point.ts';
import { fromFactors } from './start.ts';

const names = [
  'factorization, balanced', 'factorization, c = 0', 'factorization, rank one', 'factorization, full rank', 'completion, weighted', 'completion, a single entry', 'sensing, Gaussian',
  'sensing, Gaussian, linear term alone', 'sensing, sparse', 'sensing, rank one', 'symmetric factorization', 'symmetric factorization, 1 x 1', 'psd sensing, rank one, two vectors', 'psd sensing, sparse', 'ring', 'beta family',
  'factorization, masked, balanced', 'symmetric factorization, weighted',
];
const { data: seen } = generateEntries({ rows: 6, cols: 5, rank: 2, density: 0.8 }, 1);
const { data: upper } = generateEntries({ rows: 5, cols: 5, rank: 2, density: 0.9 }, 1);
const cells = [...upper.values.keys()].filter((e) => upper.row[e]! <= upper.col[e]!);
const half = { ...upper, row: upper.row.filter((_, e) => cells.includes(e)), col: upper.col.filter((_, e) => cells.includes(e)), values: upper.values.filter((_, e) => cells.includes(e)) };
const others: Record<string, Objective<'fixedRank'>> = {
  'completion, one-bit, weighted': matrixCompletion({ entries: { ...seen, values: seen.values.map((value) => Number(value > 0)), weights: seen.values.map((value) => 0.5 + Math.abs(value)) }, rank: 2, loss: 'logistic' }),
  'factorization, Huber': matrixFactorization({ target: { rows: 5, cols: 4, values: gaussian(20, 'huber') }, rank: 2, loss: { id: 'huber', options: { delta: 0.4 } } }),
  'psd completion': symmetricCompletion({ entries: half, rank: 2 }),
};
const instances = Object.fromEntries([...names.map((name) => [name, factored[name] as Objective<'fixedRank'>] as const), ...Object.entries(others)].map(([name, objective]) => [name, fixedRank(objective)] as const));

describe.each(Object.entries(instances))('%s', (_name, objective) => {
  const others = [asyncBackend({ extra: hostKernels, reads: 'microtask' })];
  // near singular ones the range where slopes are seen is short
  const points = [0, 1, 2].map((index) => {
    const point = objective.initial(streamKey(2, 'init', index));
    const rank = objective.layout.blocks[0]!.shape[0]!;
    for (let k = 0; k < rank; k++) point.data[k * (rank + 1)] = 4 + index - 0.2 * k;
    return point;
  });
  it.each(objectiveChecks({ objective, backend: cpu(), others, seed: 2, points }).map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });
});

/** U S V^T, and U M V^T + U_p V^T + U V_p^T of a tangent vector. */
function parts(rows: number, cols: number, rank: number, data: Float64Array): { readonly s: Matrix; readonly u: Matrix; readonly v: Matrix } {
  const at = rank * rank;
  return { s: matrix(rank, rank, data.slice(0, at)), u: matrix(rows, rank, data.slice(at, at + rows * rank)), v: matrix(cols, rank, data.slice(at + rows * rank)) };
}
const product = (...[first, ...rest]: Matrix[]): Matrix => rest.reduce((left, right) => multiply(left, right), first!);
const transposed = (a: Matrix): Matrix => multiply(a, matrix(a.rows, a.rows, Float64Array.from({ length: a.rows ** 2 }, (_, k) => Number(k % (a.rows + 1) === 0))), { transposeA: true });
const difference = (a: Matrix, b: Matrix): number => largest(subtract(a, b).data);

describe('in dense matrices', () => {
  const [rows, cols, rank] = [6, 5, 2];
  const target = matrix(rows, cols, gaussian(rows * cols, 'dense'));
  const origin = matrixFactorization({ target: { rows, cols, values: target.data }, rank, balance: 0 });
  const objective = fixedRank(origin);
  const f = probe(objective);
  const { geometry } = f.problem as never as { geometry: NonNullable<typeof f.problem.geometry> };
  const x = objective.initial(streamKey(1, 'init')).data;
  const dense = (data: Float64Array): Matrix => {
    const { s, u, v } = parts(rows, cols, rank, data);
    return product(u, s, transposed(v));
  };
  const denseTangent = (base: Float64Array, data: Float64Array): Matrix => {
    const [{ u, v }, along] = [parts(rows, cols, rank, base), parts(rows, cols, rank, data)];
    return add(add(product(u, along.s, transposed(v)), product(along.u, transposed(v))), product(u, transposed(along.v)));
  };
  /** P15: U U^T Z + Z V V^T - U U^T Z V V^T */
  const projected = (base: Float64Array, z: Matrix): Matrix => {
    const { u, v } = parts(rows, cols, rank, base);
    const [left, right] = [product(u, transposed(u)), product(v, transposed(v))];
    return subtract(add(product(left, z), product(z, right)), product(left, z, right));
  };
  const made = (length: number, run: (out: ReturnType<typeof f.zeros>) => void): Float64Array => {
    const out = f.zeros(length);
    run(out);
    return f.read(out);
  };
  const direction = (purpose: string) => made(f.size, (out) => { geometry.transport(f.vector(x), f.vector(x), f.vector(gaussian(f.size, purpose)), out); });
  const xi = direction('xi');

  it('the gradient is the tangent part of the gradient in X, and the inner product that of matrices', () => {
    expect(difference(denseTangent(x, f.gradient(x)), projected(x, subtract(dense(x), target)))).toBeLessThan(1e-13);
    const eta = direction('eta');
    expect(inner(xi, eta)).toBeCloseTo(inner(denseTangent(x, xi).data, denseTangent(x, eta).data), 12);
  });

  it.each([0.3, -2, 1e-6])('a step of %d ends at the best approximation of its rank', (alpha) => {
    const y = made(f.size, (out) => { geometry.retract(f.vector(x), alpha, f.vector(xi), out); });
    const { u, s, v } = thinSvd(add(dense(x), denseTangent(x, xi), 1, alpha));
    const best = product(scaleColumns(columns(u, 0, rank), s.subarray(0, rank)), transposed(columns(v, 0, rank)));
    expect(difference(dense(y), best)).toBeLessThan(1e-13);
    const { s: core } = parts(rows, cols, rank, y);
    expect(Math.max(Math.abs(core.data[1]!), Math.abs(core.data[2]!))).toBeLessThan(1e-14);
    // and what is carried there is the tangent part there
    const carried = made(f.size, (out) => { geometry.transport(f.vector(x), f.vector(y), f.vector(xi), out); });
    expect(difference(denseTangent(y, carried), projected(y, denseTangent(x, xi)))).toBeLessThan(1e-13);
  });

  it('the Hessian is the derivative of the gradient, projected', () => {
    const t = 1e-5;
    const gradientAfter = (alpha: number): Matrix => {
      const y = made(f.size, (out) => { geometry.retract(f.vector(x), alpha, f.vector(xi), out); });
      return denseTangent(y, f.gradient(y));
    };
    const derivative = matrix(rows, cols, subtract(gradientAfter(t), gradientAfter(-t)).data.map((entry) => entry / (2 * t)));
    expect(difference(denseTangent(x, f.curve(x, xi)), projected(x, derivative))).toBeLessThan(1e-8);
  });

  it('its stationary points of rank r are those of the factored problem: choices of r singular triples', () => {
    const { u, s, v } = thinSvd(target);
    const upstairs = probe(origin);
    for (const [i, j] of [[0, 1], [0, 2], [3, 4]] as const) {
      const pick = (of: Matrix) => matrix(of.rows, 2, Float64Array.from({ length: 2 * of.rows }, (_, k) => of.data[Math.floor(k / 2) * of.cols + (k % 2 === 0 ? i : j)]! * Math.sqrt(s[k % 2 === 0 ? i : j]!)));
      const factors = createPoint(origin.layout, Float64Array.from([...pick(u).data, ...pick(v).data]));
      expect(largest(upstairs.gradient(factors.data))).toBeLessThan(1e-13);
      const point = fixedRankPoint(factors);
      expect(largest(f.gradient(point.data))).toBeLessThan(1e-13);
      expect(f.value(point.data)).toBeCloseTo(upstairs.value(factors.data), 12);
      // the way back: balanced factors of the same matrix, and as many directions of descent
      const back = f.problem.factored!.at(point);
      expect(back.objective.id).toBe(origin.id);
      expect(upstairs.value(back.point.data)).toBeCloseTo(f.value(point.data), 12);
      expect(f.spectrum(point.data).filter((value) => value < -1e-9)).toHaveLength(upstairs.spectrum(factors.data).filter((value) => value < -1e-9).length);
    }
    // nowhere else: the gradient of a start is zero in neither
    expect(largest(f.gradient(x))).toBeGreaterThan(0.1);
    expect(largest(upstairs.gradient(f.problem.factored!.at(createPoint(objective.layout, x)).point.data))).toBeGreaterThan(0.1);
  });

  it('keeps its rows orthonormal over a thousand steps', () => {
    const [y, v] = [f.vector(x), f.vector(xi)];
    for (let step = 0; step < 1000; step++) {
      geometry.retract(y, 0.1, v, y);
      geometry.transport(y, y, f.vector(xi), v);
    }
    const { u, v: right } = parts(rows, cols, rank, f.read(y));
    for (const q of [u, right]) expect(largest(multiply(q, q, { transposeA: true }).data.map((entry, k) => entry - Number(k % 3 === 0)))).toBeLessThan(1e-13);
  });
});

describe('in dense symmetric matrices', () => {
  const [n, rank] = [6, 2];
  const target = matrix(n, n, symmetricGaussian(n, 'psd'));
  const origin = symmetricFactorization({ target: { rows: n, cols: n, values: target.data }, rank });
  const objective = fixedRank(origin);
  const f = probe(objective);
  const { geometry } = f.problem as never as { geometry: NonNullable<typeof f.problem.geometry> };
  const x = objective.initial(streamKey(1, 'init')).data;
  [2, 1].forEach((value, k) => (x[3 * k] = value));
  const partsAt = (data: Float64Array) => ({ s: matrix(rank, rank, data.slice(0, 4)), u: matrix(n, rank, data.slice(4)) });
  const dense = (data: Float64Array): Matrix => {
    const { s, u } = partsAt(data);
    return product(u, s, transposed(u));
  };
  const denseTangent = (base: Float64Array, data: Float64Array): Matrix => {
    const [{ u }, { s: m, u: w }] = [partsAt(base), partsAt(data)];
    const side = product(w, transposed(u));
    return add(product(u, m, transposed(u)), add(side, transposed(side)), 1, Math.SQRT1_2);
  };
  const projected = (base: Float64Array, z: Matrix): Matrix => {
    const { u } = partsAt(base);
    const onto = product(u, transposed(u));
    return subtract(add(product(onto, z), product(z, onto)), product(onto, z, onto));
  };
  const made = (run: (out: ReturnType<typeof f.zeros>) => void): Float64Array => {
    const out = f.zeros(f.size);
    run(out);
    return f.read(out);
  };
  const xi = made((out) => { geometry.transport(f.vector(x), f.vector(x), f.vector(gaussian(f.size, 'xi')), out); });

  it('the gradient is the tangent part, and the inner product that of matrices', () => {
    expect(difference(denseTangent(x, f.gradient(x)), projected(x, matrix(n, n, subtract(dense(x), target).data.map((entry) => entry / 2))))).toBeLessThan(1e-13);
    expect(inner(xi, f.gradient(x))).toBeCloseTo(inner(denseTangent(x, xi).data, denseTangent(x, f.gradient(x)).data), 12);
  });

  it.each([0.1, -0.2, 1e-6])('a step of %d ends at the best psd approximation of its rank, and carries vectors there', (alpha) => {
    const y = made((out) => { geometry.retract(f.vector(x), alpha, f.vector(xi), out); });
    const { values, vectors } = symmetricEigen(add(dense(x), denseTangent(x, xi), 1, alpha));
    const leading = columns(vectors, 0, rank);
    expect(difference(dense(y), product(scaleColumns(leading, values.subarray(0, rank)), transposed(leading)))).toBeLessThan(1e-13);
    const carried = made((out) => { geometry.transport(f.vector(x), f.vector(y), f.vector(xi), out); });
    expect(difference(denseTangent(y, carried), projected(y, denseTangent(x, xi)))).toBeLessThan(1e-13);
  });

  it('where an eigenvalue would not stay positive there is no point', () => {
    const down = new Float64Array(f.size);
    down[3] = -1;
    expect(made((out) => { geometry.retract(f.vector(x), 1.5, f.vector(down), out); }).every(Number.isNaN)).toBe(false);
    expect(f.value(made((out) => { geometry.retract(f.vector(x), 1.5, f.vector(down), out); }))).toBeNaN();
  });

  it('its stationary points are those of the factored problem', () => {
    const { values, vectors } = symmetricEigen(target);
    const upstairs = probe(origin);
    for (const [i, j] of [[0, 1], [0, 2], [1, 2]] as const) {
      if (!(values[j]! > 0)) continue;
      const factor = matrix(n, 2, Float64Array.from({ length: 2 * n }, (_, k) => vectors.data[Math.floor(k / 2) * n + (k % 2 === 0 ? i : j)]! * Math.sqrt(values[k % 2 === 0 ? i : j]!)));
      const point = fixedRankPoint(createPoint(origin.layout, factor.data));
      expect(largest(upstairs.gradient(factor.data))).toBeLessThan(1e-12);
      expect(largest(f.gradient(point.data))).toBeLessThan(1e-12);
      expect(f.value(point.data)).toBeCloseTo(upstairs.value(factor.data), 12);
      expect(upstairs.value(f.problem.factored!.at(point).point.data)).toBeCloseTo(f.value(point.data), 12);
      expect(f.spectrum(point.data).filter((value) => value < -1e-9)).toHaveLength(upstairs.spectrum(factor.data).filter((value) => value < -1e-9).length);
    }
  });
});

describe('a start by an initializer of the factored problem', () => {
  const origin = matrixFactorization({ target: { rows: 5, cols: 4, values: gaussian(20, 'start') }, rank: 2 });
  const objective = fixedRank(origin);
  const at = (requires: Initializer<'estimate' | 'blockSolve'>['requires'], change: (data: Float64Array) => void): Initializer<'estimate'> => ({
    id: 'own',
    requires: requires as readonly 'estimate'[],
    options: {},
    point({ problem }) {
      const { data } = origin.initial(streamKey(2, 'init'));
      change(data);
      return createPoint(problem.layout, data);
    },
  });

  it('is the product of its factors', async () => {
    const point = await startingPoint(objective, fromFactors(origin, at(['estimate'], () => undefined)), { backend: cpu() });
    expect(probe(objective).value(point.data)).toBeCloseTo(probe(origin).value(probe(objective).problem.factored!.at(point).point.data), 12);
    expect(point.data).toEqual(fixedRankPoint(createPoint(origin.layout, origin.initial(streamKey(2, 'init')).data)).data);
  });

  it('is refused where the product has a lower rank, and planned only where the factored problem has what it needs', async () => {
    await expect(startingPoint(objective, fromFactors(origin, at(['estimate'], (data) => data.fill(1))), { backend: cpu() })).rejects.toMatchObject({ code: 'LOWLAND_E_POINT' });
    expect(fromFactors(origin, at(['estimate'], () => undefined)).refuses!(objective)).toBeUndefined();
    expect(fromFactors(origin, at(['blockSolve'], () => undefined) as never).refuses!(objective)).toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
  });
});

it('of a dense target a Hessian-vector product reads it once, stores no residual, and has the numbers of the one that does', () => {
  const objective = fixedRank(matrixFactorization({ target: { rows: 40, cols: 30, values: gaussian(1200, 'passing') }, rank: 3 }));
  const device = cpu().open() as Device;
  const memory = device.memory();
  const x = objective.initial(streamKey(1, 'init')).data;
  const [at, along] = [x, gaussian(x.length, 'along')].map((data) => {
    const made = memory.vector(data.length);
    device.write(made, data);
    return made;
  }) as [Vec, Vec];
  expect(objective.routes.hessianVectorProduct.map(({ label }) => label)).toEqual(['fused', 'composed']);
  expect(objective.routes.hessianVectorProduct[0]!.kernels).not.toContain('dot');
  const [passing, stored] = objective.routes.hessianVectorProduct.map((route) => {
    const out = memory.vector(x.length);
    route.bind(objective.upload(device, memory), device, memory)(at, along, out);
    return matrix(x.length, 1, Float64Array.from(device.host!(out)));
  }) as [Matrix, Matrix];
  expect(difference(passing, stored)).toBeLessThan(1e-13 * largest(stored.data));
});

it('a Hessian-vector product copies no measurements, and substitutes in r rows alone', () => {
  const { data } = generateEntries({ rows: 9, cols: 8, rank: 2, density: 0.5 }, 1);
  const objective = fixedRank(matrixCompletion({ entries: data, rank: 2 }));
  const device = cpu().open() as Device;
  const calls: string[] = [];
  const kernels = Object.fromEntries(
    Object.entries(device.kernels as unknown as Record<string, (...given: unknown[]) => void>).map(([name, kernel]) => [
      name,
      (...given: unknown[]) => {
        calls.push(`${name} ${given.map((each) => (typeof each === 'object' && each !== null && 'length' in each ? String(each.length) : '')).join(' ')}`);
        kernel(...given);
      },
    ]),
  );
  const counted = Object.create(device, { kernels: { value: kernels } }) as Device;
  const memory = device.memory();
  const vector = (numbers: Float64Array): Vec => {
    const made = memory.vector(numbers.length);
    device.write(made, numbers);
    return made;
  };
  const x = objective.initial(streamKey(1, 'init')).data;
  const [at, along, out] = [vector(x), vector(gaussian(x.length, 'counted')), vector(x)];
  const product = objective.routes.hessianVectorProduct[0]!.bind(objective.upload(counted, memory), counted, memory);
  calls.length = 0;
  product(at, along, out);
  const measurements = String(data.values.length);
  expect(calls.filter((call) => call.startsWith('copy') && call.includes(` ${measurements}`))).toEqual([]);
  expect(calls.filter((call) => call.startsWith('trsm'))).toEqual(['trsm   4 4 4']);
  // a(X) and its derivative, and two products of each
  expect(calls.map((call) => call.split(' ')[0]).filter((name) => name!.startsWith('sddmm') || name === 'spmm').toSorted()).toEqual(['sddmm', 'sddmmPair', 'spmm', 'spmm', 'spmm', 'spmm']);
});

describe('refuses', () => {
  const target = { rows: 4, cols: 4, values: symmetricGaussian(4, 'refused') };
  const objective = fixedRank(matrixFactorization({ target, rank: 2 }));
  const codeOf = (run: () => unknown): string | undefined => {
    try {
      run();
    } catch (error) {
      return errorCode(error);
    }
    return undefined;
  };
  const changed = (change: (data: Float64Array) => void): Point => {
    const point = objective.initial(streamKey(1, 'init'));
    change(point.data);
    return point;
  };

  it.each<[string, () => unknown, string]>([
    ['a penalty', () => fixedRank(matrixFactorization({ target, rank: 2, lambda: 0.1 })), 'LOWLAND_E_CAPABILITY'],
    ['what is no factored problem', () => fixedRank(phaseRetrieval({ measurements: { rows: 2, cols: 2, values: Float64Array.of(1), ensemble: { kind: 'rank-one', left: Float64Array.of(1, 2) } } })), 'LOWLAND_E_CAPABILITY'],
    ['a start of lower rank', () => objective.manifold!.admit(changed((data) => (data[3] = 0))), 'LOWLAND_E_POINT'],
    ['a start whose columns are not orthonormal', () => objective.manifold!.admit(changed((data) => (data[5]! += 0.1))), 'LOWLAND_E_POINT'],
    ['factors whose product has a lower rank', () => fixedRankPoint(createPoint({ blocks: [{ name: 'U', shape: [3, 2] }, { name: 'V', shape: [3, 2] }] }, new Float64Array(12).fill(1))), 'LOWLAND_E_POINT'],
    ['a point of three factors', () => fixedRankPoint(createPoint({ blocks: ['A', 'B', 'C'].map((name) => ({ name, shape: [3, 2] })) })), 'LOWLAND_E_SHAPE'],
    ['a start that is indefinite, on psd matrices', () => fixedRank(symmetricFactorization({ target, rank: 2 })).manifold!.admit(createPoint({ blocks: [{ name: 'S', shape: [2, 2] }, { name: 'U', shape: [4, 2] }] }, Float64Array.of(1, 0, 0, -1, 1, 0, 0, 1, 0, 0, 0, 0))), 'LOWLAND_E_POINT'],
  ])('%s', (_name, make, code) => {
    expect(codeOf(make)).toBe(code);
  });

  it('a penalty, in plans too: the form is not offered, and it is said why', () => {
    const penalised = matrixFactorization({ target, rank: 2, lambda: 0.1 });
    expect(penalised.routes).not.toHaveProperty('fixedRank');
    const walker = { id: 'walker', requires: ['geometry'] as const, options: {}, readsPerStep: 0, start: () => expect.fail('it is only planned') };
    const [refusal] = plan(penalised as never, walker, cpu()).refusals;
    expect(refusal).toMatchObject({ code: 'LOWLAND_E_CAPABILITY', message: expect.stringMatching(/needs geometry,.* fixedRank\(objective\) .*lambda > 0/) as string });
    expect(plan(matrixFactorization({ target, rank: 2 }) as never, walker, cpu()).refusals[0]!.message).toContain('in another form: fixedRank(objective)');
  });

  it('a walk along straight lines, before it starts', () => {
    const walker = { id: 'walker', requires: ['gradient'] as const, options: {}, readsPerStep: 0, start: () => expect.fail('it is only planned') };
    expect(plan(objective, walker, cpu()).refusals.map(({ code }) => code)).toEqual(['LOWLAND_E_MANIFOLD']);
  });

  it('but not a start as f32 rounds it, nor one with another S', () => {
    const rounded = objective.manifold!.admit(changed((data) => { data.set(Float32Array.from(data)); }));
    expect(objective.manifold!.admit(rounded)).toBe(rounded);
    const f = probe(objective);
    const point = objective.initial(streamKey(1, 'init'));
    // rotate U and S against each other: the same matrix, S neither diagonal nor triangular
    const { s, u, v } = parts(4, 4, 2, point.data);
    const turn = matrix(2, 2, Float64Array.of(0.6, -0.8, 0.8, 0.6));
    const turned = createPoint(objective.layout, Float64Array.from([...product(transposed(turn), s).data, ...product(u, turn).data, ...v.data]));
    const admitted = objective.manifold!.admit(turned);
    expect(f.value(admitted.data)).toBeCloseTo(f.value(point.data), 12);
    expect(Math.abs(admitted.data[1]!)).toBeLessThan(1e-14);
  });
});
