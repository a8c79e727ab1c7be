import { createPoint, type Factors, type Layout, normals, streamKey, type Symmetry } from '@lowland/core';
import { matrix, multiply, norm, subtract } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, orthonormal } from '../../test/orthogonal.ts';
import { type Action, actionOf, orbitDistance } from './action.ts';
import { procrustes, stacked, stiefelEuler, unstacked } from './columns.ts';
import { determinantSign, turnedBy, turnsOf } from './rotation.ts';

const normal = (length: number, index: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(3, 'groups', index), out);
  return out;
};
const symmetry = (group: string, dimension = 0): Symmetry => ({ group, dimension, generator: () => undefined });
const one: Layout = { blocks: [{ name: 'X', shape: [5, 3] }] };
const two: Layout = { blocks: [{ name: 'U', shape: [4, 2] }, { name: 'V', shape: [3, 2] }] };
const vector: Layout = { blocks: [{ name: 'x', shape: [6] }] };
const pairX: Factors = { pairs: [['X', 'X']] };
const pairUV: Factors = { pairs: [['U', 'V']] };
const far = (a: Float64Array, b: Float64Array): number => norm(a.map((value, i) => value - b[i]!));

const turn = (layout: Layout, factors: Factors, x: Float64Array, psi: ReturnType<typeof matrix>): Float64Array => unstacked(layout, factors, multiply(stacked(layout, factors, x), psi));
const mix = matrix(2, 2, Float64Array.of(2, 1, -0.5, 1.5));
const inverseTransposed = matrix(2, 2, Float64Array.of(1.5 / 3.5, 0.5 / 3.5, -1 / 3.5, 2 / 3.5));

/** Each group with one of its elements. */
const cases: readonly (readonly [string, Action, number, (x: Float64Array) => Float64Array])[] = [
  ['O(3) on X', actionOf(one, symmetry('O(3)', 3), pairX), 15, (x) => turn(one, pairX, x, orthonormal(3, 3, 7))],
  ['O(2) on U and V', actionOf(two, symmetry('O(2)', 1), pairUV), 14, (x) => turn(two, pairUV, x, orthonormal(2, 2, 8))],
  ['GL(2)', actionOf(two, symmetry('GL(2)', 4), pairUV), 14, (x) => Float64Array.of(...multiply(matrix(4, 2, x.slice(0, 8)), mix).data, ...multiply(matrix(3, 2, x.slice(8)), inverseTransposed).data)],
  ['signs', actionOf(vector, symmetry('{1, -1}'), undefined), 6, (x) => x.map((value) => -value)],
  ['phases', actionOf(vector, symmetry('U(1)', 1), undefined), 6, (x) => x.map((value, i) => (i % 2 === 0 ? 0.6 * value - 0.8 * x[i + 1]! : 0.6 * value + 0.8 * x[i - 1]!))],
  ['a sign for each variable', actionOf(vector, symmetry('O(1)^6'), undefined), 6, (x) => x.map((value, i) => (i % 2 === 0 ? value : -value))],
  ['permutations', actionOf(vector, symmetry('permutations of 6'), undefined), 6, (x) => Float64Array.of(x[3]!, x[0]!, x[5]!, x[1]!, x[2]!, x[4]!)],
  ['signed permutations', actionOf(vector, symmetry('signed permutations of 6'), undefined), 6, (x) => Float64Array.of(-x[3]!, x[0]!, x[5]!, -x[1]!, x[2]!, x[4]!)],
];

describe.each(cases)('%s', (_name, action, length, element) => {
  const [x, y] = [normal(length, 1), normal(length, 2)];
  const moved = element(x);

  it('the invariant is that of the orbit, and of no other', () => {
    expect(far(x, moved)).toBeGreaterThan(0.1);
    expect(far(action.invariant(moved), action.invariant(x))).toBeLessThan(1e-13 * norm(action.invariant(x)));
    expect(far(action.invariant(y), action.invariant(x))).toBeGreaterThan(0.1);
    const twice = action.invariant(x.map((value) => 2 * value));
    expect(far(twice, action.invariant(x).map((value) => 2 ** action.degree * value))).toBeLessThan(1e-13 * norm(twice));
  });

  it('the canonical point is one for the orbit and in it', () => {
    const canonical = action.canonical(x, 0);
    expect(far(action.canonical(moved, 0), canonical)).toBeLessThan(1e-12);
    expect(far(action.invariant(canonical), action.invariant(x))).toBeLessThan(1e-12);
    expect(orbitDistance(action, canonical, x)).toBeLessThan(1e-12);
  });

  it('alignment finds the way back, and the nearest point', () => {
    expect(orbitDistance(action, moved, x)).toBeLessThan(1e-12);
    expect(orbitDistance(action, x, y)).toBeGreaterThan(0.1);
    expect(orbitDistance(action, x, y)).toBeCloseTo(orbitDistance(action, y, x), 10);
    if (!action.group.startsWith('GL')) {
      expect(orbitDistance(action, moved, y)).toBeCloseTo(orbitDistance(action, x, y), 10);
      expect(orbitDistance(action, x, y)).toBeLessThanOrEqual(far(x, y));
    }
  });

  it('0 is one point', () => {
    expect(action.orbit(new Float64Array(length), 1e-9)).toMatchObject({ components: 1, euler: action.group.startsWith('GL') ? null : 1 });
    expect(action.canonical(x.map((value) => 1e-9 * value), 1e-6).every((value) => value === 0)).toBe(true);
  });

  it('fixed spaces hold their own points', () => {
    for (let k = 0; k < action.fixedSpaces; k++) {
      const inside = action.intoFixedSpace(x, k);
      expect(inside).toHaveLength(length);
      expect(action.intoFixedSpace(inside, k)).toEqual(inside);
    }
  });
});

describe('orbits', () => {
  it('of finite groups count their points', () => {
    const permutations = actionOf(vector, symmetry('permutations of 6'), undefined);
    expect(permutations.orbit(Float64Array.of(1, 1, 2, 3, 3, 3), 1e-9).components).toBe(60);
    const signed = actionOf(vector, symmetry('signed permutations of 6'), undefined);
    expect(signed.orbit(Float64Array.of(1, -1, 0, 0, 0, 0), 1e-9).components).toBe(15 * 4);
    expect(actionOf(vector, symmetry('{1, -1}'), undefined).orbit(normal(6, 1), 1e-9)).toMatchObject({ components: 2, euler: 2 });
    expect(actionOf(vector, symmetry('U(1)', 1), undefined).orbit(normal(6, 1), 1e-9).euler).toBe(0);
  });

  it('of the triangle have six points, three on the mirrors', () => {
    const triangle = actionOf({ blocks: [{ name: 'x', shape: [2] }] }, symmetry('D3'), undefined);
    const at = (degrees: number): Float64Array => Float64Array.of(2 * Math.cos((degrees * Math.PI) / 180), 2 * Math.sin((degrees * Math.PI) / 180));
    expect([0, 60, 120, 180, 300, 20, 100].map((degrees) => triangle.orbit(at(degrees), 1e-9).components)).toEqual([3, 3, 3, 3, 3, 6, 6]);
    expect(triangle.orbit(new Float64Array(2), 1e-9).components).toBe(1);
    for (const degrees of [140, 260, -20, -140, -100]) expect(far(triangle.canonical(at(degrees), 0), at(20))).toBeLessThan(1e-14);
  });

  // rigour.md C2
  it('of O(r) are Stiefel manifolds, by the rank of the point', () => {
    expect([[3, 0], [3, 1], [3, 2], [3, 3], [2, 1], [2, 2], [1, 1], [4, 1], [5, 1]].map(([r, s]) => stiefelEuler(r!, s!))).toEqual([1, 2, 0, 0, 0, 0, 2, 0, 2]);
    const action = actionOf(one, symmetry('O(3)', 3), pairX);
    const flat = multiply(matrix(5, 2, gaussian(5, 2, 4).data), matrix(2, 3, normal(6, 5)));
    expect(action.orbit(flat.data, 1e-6)).toEqual({ components: 1, twofold: false, euler: 0, rank: 2, unused: 1 });
    expect(action.orbit(normal(15, 1), 1e-6)).toEqual({ components: 2, twofold: true, euler: 0, rank: 3, unused: 0 });
  });

  it('of reflected points lie in the other component, unless a column is free', () => {
    const action = actionOf(one, symmetry('O(3)', 3), pairX);
    const [x, reflected] = [normal(15, 1), normal(15, 1).map((value, i) => (i % 3 === 2 ? -value : value))];
    expect(action.align(x, x).component).toBe(0);
    expect(action.align(reflected, x).component).toBe(1);
    const free = createPoint(one, x.map((value, i) => (i % 3 === 2 ? 0 : value))).data;
    expect(action.align(free.map((value, i) => (i % 3 === 1 ? -value : value)), free)).toMatchObject({ component: 0 });
  });

  it('a closure of GL(r) is told by the product', () => {
    const action = actionOf(two, symmetry('GL(2)', 4), pairUV);
    const lopsided = Float64Array.of(...new Float64Array(8), ...normal(6, 3));
    expect(orbitDistance(action, lopsided, new Float64Array(14))).toBe(0);
  });
});

describe('rotations as turns', () => {
  it('make any rotation, and no reflection', () => {
    for (let seed = 0; seed < 20; seed++) {
      const psi = orthonormal(4, 4, seed, 3);
      const w = gaussian(6, 4, seed, 4);
      const turns = turnsOf(psi);
      expect(turns === undefined ? -1 : 1).toBe(determinantSign(psi));
      if (turns === undefined) continue;
      expect(norm(subtract(turnedBy(w, turns, 1), multiply(w, psi)).data)).toBeLessThan(1e-13);
      const halfway = turnedBy(w, turns, 0.37);
      expect(norm(subtract(multiply(halfway, halfway, { transposeB: true }), multiply(w, w, { transposeB: true })).data)).toBeLessThan(1e-12);
    }
    expect([...Array(20).keys()].some((seed) => determinantSign(orthonormal(4, 4, seed, 3)) < 0)).toBe(true);
  });

  it('Procrustes: W^T Y after the turn is symmetric and has no negative eigenvalue', () => {
    const [w, y] = [gaussian(6, 3, 1, 5), gaussian(6, 3, 1, 6)];
    const inner = multiply(multiply(w, procrustes(w, y).rotation), y, { transposeA: true });
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(inner.data[3 * i + j]).toBeCloseTo(inner.data[3 * j + i]!, 12);
  });
});

it('groups of unknown action', () => {
  expect(actionOf(vector, undefined, undefined).group).toBe('{1}');
  expect(actionOf(vector, symmetry('D3'), undefined).by).toContain('D3');
  expect(() => actionOf(vector, symmetry('GL(2) x GL(3)', 13), undefined)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_CAPABILITY' }) as Error);
});
