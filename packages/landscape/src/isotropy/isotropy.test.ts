import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, matrix, multiply, norm } from '@lowland/linalg';
import { doubleWell, linearNetwork, matrixFactorization, phaseRetrieval, populationPhaseRetrieval, ring, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { orthonormal } from '../../test/orthogonal.ts';
import { hostModel } from '../census/host-model.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { fixedSpace } from './fixed-space.ts';
import { readSubgroups } from './generators.ts';
import { isotropy, type Isotropy, type IsotropyOptions } from './isotropy.ts';
import { along, blockBetween, lift } from './reduced.ts';

const backend = cpu();
const take = (objective: unknown, options: IsotropyOptions = {}): Promise<Isotropy> => {
  const smooth = objective as Objective<SecondOrder>;
  return analyse(smooth, isotropy({ unit: 1, ...options }), createPoint(smooth.layout), backend);
};
const draw = (length: number, seed: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out;
};
const rounded = (values: Iterable<number>): number[] => [...values].map((x) => Math.round(1e9 * x) / 1e9 + 0);

const eigenvalues = [5, 3, 2, 1, -0.5, -1.5];
const q = orthonormal(6, 6, 5);
const golden = { rows: 6, cols: 6, values: multiply(matrix(6, 6, q.data.map((value, k) => value * eigenvalues[k % 6]!)), q, { transposeB: true }).data };
const sigma = [4, 2.5, 1.5];
const rectangular = (balance: number) => matrixFactorization({ target: { rows: 5, cols: 3, values: Float64Array.from({ length: 15 }, (_, k) => (k % 4 === 0 && k < 9 ? sigma[k / 4]! : 0)) }, rank: 2, balance });

// founding-papers 3.2, 3.3, golden 1
describe('one eigenvector of the target in each column', () => {
  it('gives all 15 orbits of the spectrum (5, 3, 2, 1, -.5, -1.5), proved to be all that there are in these fixed spaces', async () => {
    const { group, orbits, subgroups } = await take(symmetricFactorization({ target: golden, rank: 3 }), { starts: 40 });
    expect(group).toBe('O(3)');
    const diagonal = subgroups.filter(({ dimension }) => dimension === 3);
    // each choice of three of the four positive levels: s_j in {0, sqrt(lambda_j), -sqrt(lambda_j)} each
    expect(diagonal).toHaveLength(4);
    for (const { method, complete, points } of diagonal) {
      expect([method, complete]).toEqual(['homotopy', true]);
      expect(points.map(({ reached }) => reached).sort()).toEqual([1, 2, 2, 2, 4, 4, 4, 8]);
    }
    expect(orbits).toHaveLength(15);
    const kept = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].filter((k) => (bits >> k) & 1)).filter((set) => set.length <= 3);
    const expected = kept.map((set) => {
      const missing = eigenvalues.filter((_, i) => !set.includes(i));
      const index = set.reduce((sum, j) => sum + missing.filter((value) => value > eigenvalues[j]!).length, 0) + (3 - set.length) * missing.filter((value) => value > 0).length;
      return [missing.reduce((sum, value) => sum + (value * value) / 4, 0), index];
    }).sort((a, b) => a[0]! - b[0]!);
    expect(orbits.map(({ value, index }) => [...rounded([value]), index])).toEqual(expected);
  });

  it('the Hessian on the fixed space is 2 lambda where the eigenvector is kept, -lambda where not; the orbit lies across', async () => {
    const { subgroups } = await take(symmetricFactorization({ target: golden, rank: 3 }), { subgroups: 'target 1 * column 1, target 2 * column 2, target 4 * column 3' });
    const kinds = subgroups[0]!.points.map(({ inside }) => rounded(inside.eigenvalues).join());
    const expected = [5, 3, 1].reduce<number[][]>((sets, lambda) => sets.flatMap((set) => [[...set, 2 * lambda], [...set, -lambda]]), [[]]).map((set) => set.sort((a, b) => a - b).join());
    expect(kinds.sort()).toEqual(expected.sort());
    for (const { inside, across, coupling, gradientNorm } of subgroups[0]!.points) {
      const s = inside.eigenvalues.filter((value) => value > 0).length;
      expect([inside.dimension, across.dimension, inside.orbit, across.orbit]).toEqual([3, 15, 0, (s * (s - 1)) / 2 + s * (3 - s)]);
      expect([inside.nullity, across.nullity]).toEqual([0, 0]);
      expect(coupling).toBeLessThan(1e-14);
      expect(gradientNorm).toBeLessThan(1e-13);
    }
  });

  // 4.3: sum over s <= 2 of C(3, s) orbits
  it.each([0.125, 0])('seven orbits of the rectangular problem with balance %d', async (balance) => {
    const { orbits, subgroups } = await take(rectangular(balance), { starts: 60 });
    expect(rounded(orbits.map(({ value }) => value))).toEqual([1.125, 3.125, 4.25, 8, 9.125, 11.125, 12.25]);
    // balanced, the pair in a column is alone; else it moves along its scaling
    const first = subgroups[0]!.points[0]!;
    expect(first.inside.orbit).toBe(balance === 0 ? 2 : 0);
    expect(subgroups[0]!.complete).toBe(false);
  });
});

// Balanced layers of the products that keep some of the singular values 3, 2: 1/2 sum of the squares of the others
describe('one singular pair of the target through a neuron of each layer', () => {
  it.each([[2, 0.25], [3, 0]])('%d layers, balance %d', async (depth, balance) => {
    const { group, orbits, subgroups } = await take(linearNetwork({ data: { rows: 3, cols: 2, values: Float64Array.of(3, 0, 0, 2, 0, 0) }, depth, width: 2, balance }), { starts: 60 });
    expect(group).toContain(balance === 0 ? 'GL(2) x GL(2)' : 'O(2)');
    expect(subgroups.map(({ dimension }) => dimension)).toEqual([2 * depth, 0, depth === 2 ? 5 : 6]);
    expect(rounded(orbits.map(({ value }) => value))).toEqual([0, 2, 4.5, 6.5]);
    for (const { points } of subgroups) for (const { coupling, gradientNorm } of points) expect([coupling < 1e-12, gradientNorm < 1e-7]).toEqual([true, true]);
  });
});

describe('other subgroups', () => {
  // founding-papers 11.2: i + 3 -> -1, i -> -i reflects; the twisted state of n = 6, gamma = 4 is fixed
  it('finds the twisted state of the ring, a minimum that is not global, in three variables of twelve', async () => {
    const { subgroups: [half] } = await take(ring(6, 4), { subgroups: 'row 1 4 * row 2 5 * row 3 6 * sign, row 2 6 * row 3 5 * column 2' });
    expect(half!.dimension).toBe(3);
    const [twisted] = half!.points;
    expect(twisted!.value).toBeCloseTo(-6.75, 10);
    expect([twisted!.index, twisted!.inside.orbit, twisted!.across.orbit]).toEqual([0, 0, 1]);
    // radius^2 = 1 + 2 cos(w)/gamma
    expect(norm(twisted!.point.data)).toBeCloseTo(Math.sqrt(6 * (1 + (2 * 0.5) / 4)), 9);
  });

  it('a fixed space that is one point is stationary without any computation', async () => {
    const { subgroups: [only] } = await take(phaseRetrieval({ measurements: { rows: 3, cols: 3, values: draw(8, 1).map((x) => x * x), ensemble: { kind: 'rank-one', left: draw(24, 2) } } }));
    expect(only).toMatchObject({ name: 'sign', dimension: 0, method: 'origin', complete: true });
    expect(only!.points[0]).toMatchObject({ gradientNorm: 0, inside: { dimension: 0, index: 0 }, across: { dimension: 3, index: 3 } });
  });

  it('complex conjugation leaves a real problem: golden 13', async () => {
    const signal = Float64Array.of(1, 0, 0, 0, 0, 0);
    const { subgroups: [real] } = await take(populationPhaseRetrieval({ signal, complex: true }), { subgroups: 'conjugate' });
    expect(real!.dimension).toBe(3);
    const signals = real!.points.filter(({ value }) => value < 1e-12);
    expect(signals).toHaveLength(1);
    expect(rounded(signals[0]!.inside.eigenvalues)).toEqual([2, 2, 8]);
    expect(rounded(signals[0]!.across.eigenvalues)).toEqual([0, 2, 2]);
  });

  it('generators as values, and standard ones of signs', async () => {
    const flip = { name: 'flip', apply: (x: Float64Array) => x.map((value, i) => (i === 0 ? -value : value)) };
    const { subgroups: [only] } = await take(doubleWell(), { subgroups: [{ name: 'mirror', generators: [flip] }], starts: 20 });
    expect(only!.points.map(({ value, inside, across }) => [value, inside.index, across.index])).toEqual([[0.25, 0, 1]]);
    const { orbits } = await take(doubleWell(), { starts: 20 });
    expect(orbits.map(({ value, index, subgroups }) => [value, index, subgroups])).toEqual([[0, 0, [1]], [0.25, 1, [0, 1, 2]]]);
  });

  it.each<[string, unknown, IsotropyOptions, string, RegExp]>([
    ['what is no symmetry', ring(6, 4), { subgroups: 'row 1 2' }, 'LOWLAND_E_OPTIONS', /"row 1 2" is no symmetry/],
    ['maps that change lengths', doubleWell(), { subgroups: [{ name: 'a', generators: [{ name: 'double', apply: (x) => x.map((value) => 2 * value) }] }] }, 'LOWLAND_E_OPTIONS', /changes lengths/],
    ['maps that are not linear', doubleWell(), { subgroups: [{ name: 'a', generators: [{ name: 'sizes', apply: (x) => x.map(Math.abs) }] }] }, 'LOWLAND_E_OPTIONS', /not linear/],
    ['unknown words', doubleWell(), { subgroups: 'turn 1' }, 'LOWLAND_E_OPTIONS', /"turn 1" is no map/],
    ['numbers out of range', ring(6, 4), { subgroups: 'column 3' }, 'LOWLAND_E_OPTIONS', /from 1 to 2/],
    ['factors where there are none', doubleWell(), { subgroups: 'column 1' }, 'LOWLAND_E_OPTIONS', /needs factors/],
    ['neurons where there are none', ring(6, 4), { subgroups: 'neuron 1 1' }, 'LOWLAND_E_OPTIONS', /layers of a network/],
    ['targets where there are none', ring(6, 4), { subgroups: 'target 1' }, 'LOWLAND_E_OPTIONS', /needs a target/],
    ['no subgroups', rosenbrock(), {}, 'LOWLAND_E_OPTIONS', /names no symmetry/],
    ['too many variables', ring(12, 2), { variables: 10 }, 'LOWLAND_E_OPTIONS', /24 variables/],
  ])('refuses %s', async (_what, objective, options, code, message) => {
    await expect(take(objective, options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

// founding-papers 2.2
describe('symmetric criticality', () => {
  /** The part of the gradient, and of the Hessian, that leaves the fixed space at random points of it, relative to the whole. */
  const leaving = (objective: unknown, words: string, count: number): Promise<number[]> => {
    const smooth = objective as Objective<SecondOrder>;
    return analyse(smooth, { id: 'leaving', requires: ['value', 'gradient', 'hessianVectorProduct'], uses: ['factors', 'target', 'symmetry'], dtype: 'f64', run: (context, _point, { layout, data: { length: n } }) => {
      const model = hostModel(context, n);
      const { factors, target, symmetry } = context.problem;
      const out: number[] = [];
      for (const { generators } of readSubgroups(words, { layout, factors, target, symmetry })) {
        const space = fixedSpace(generators, n);
        expect(space.basis.cols + space.complement.cols).toBe(n);
        for (let seed = 0; seed < count; seed++) {
          const x = lift(space.basis, draw(space.basis.cols, seed));
          for (const { apply } of generators) expect(norm(apply(x).map((value, i) => value - x[i]!))).toBeLessThan(1e-13 * norm(x) + 1e-300);
          const [gradient, hessian] = [new Float64Array(n), matrix(n, n)];
          model.gradient(x, gradient);
          model.hessian(x, hessian);
          out.push(norm(along(space.complement, gradient)) / Math.max(1, norm(gradient)), norm(blockBetween(space.complement, hessian, space.basis).data) / norm(hessian.data));
        }
      }
      return Promise.resolve(out);
    } }, createPoint(smooth.layout), backend);
  };

  it.each<[string, unknown, string]>([
    ['symmetric factorization', symmetricFactorization({ target: golden, rank: 3 }), 'target 2 * column 1; column 2, column 3; column 1 2; target 1, target 5 * column 3; column 1 2 * column 2 3'],
    ['factorization', rectangular(0.125), 'column 1 * target 2; column 1 2; target 1, target 3'],
    ['factorization without balance', rectangular(0), 'column 1; column 1 2'],
    ['linear network', linearNetwork({ data: { rows: 4, cols: 3, values: draw(12, 5) }, depth: 3, width: [3, 2] }), 'target 2 * neuron 1 1 * neuron 2 1; neuron 1 2 3; neuron 2 1, neuron 1 3; target 1, target 3'],
    ['ring', ring(6, 4), 'row 1 2 * row 2 3 * row 3 4 * row 4 5 * row 5 6; row 2 6 * row 3 5'],
    ['phase retrieval', phaseRetrieval({ measurements: { rows: 3, cols: 3, values: draw(8, 1).map((x) => x * x), ensemble: { kind: 'rank-one', left: draw(24, 2) } } }), 'sign'],
  ])('%s: gradients at fixed points are fixed, and Hessians do not couple', async (_name, objective, words) => {
    expect(Math.max(...await leaving(objective, words, runs(50)))).toBeLessThan(1e-13);
  });

  it('not where a map is no symmetry', async () => {
    const network = linearNetwork({ data: { rows: 12, cols: 7, values: draw(84, 5) }, inputs: 4, depth: 3, width: 3 });
    expect(Math.min(...await leaving(network, 'variable 1', 3))).toBeGreaterThan(1e-4);
  });
});

describe('fixedSpace', () => {
  it('is spanned by axes where signs alone are turned, and by means where numbers change places', () => {
    const size = { layout: { blocks: [{ name: 'x', shape: [4] }] }, factors: undefined, target: undefined, symmetry: undefined };
    const [axes, means] = readSubgroups('variable 2; variable 1 2, variable 2 3', size).map(({ generators }) => fixedSpace(generators, 4));
    expect([...axes!.basis.data]).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect([...axes!.complement.data].map(Math.abs)).toEqual([0, 1, 0, 0]);
    const spanned = multiply(means!.basis, means!.basis, { transposeB: true });
    expect(rounded(spanned.data)).toEqual(rounded([1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 3].map((x) => x / 3)));
  });
});
