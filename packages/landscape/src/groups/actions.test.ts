/**
 * Actions against the objectives whose symmetry they are: every one of the catalogue that names a group.
 */
import { layoutLength, normals, type Objective, streamKey } from '@lowland/core';
import { norm } from '@lowland/linalg';
import { linearNetwork } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { catalogue } from '../../test/catalogue.ts';
import { dense } from '../../test/dense.ts';
import { actionOf, findAction, orbitDimension, orbitDistance } from './action.ts';

const far = (a: Float64Array, b: Float64Array): number => norm(a.map((value, i) => value - b[i]!));
const draw = (length: number, index: number): Float64Array => {
  const x = new Float64Array(length);
  normals(streamKey(9, 'actions', index), x);
  return x.map((value) => 0.7 * value);
};

/** Each group once on blocks of each name, with an objective. */
const kinds = new Map<string, Objective<never>>();
for (const seed of [0, 1, 2, 3, 5]) {
  for (const { objective } of catalogue(seed)) {
    using d = dense(objective);
    const group = d.problem.symmetry?.group;
    const kind = `${group ?? ''} on ${objective.layout.blocks.map((block) => block.name).join(', ')}`;
    if (group !== undefined && !kinds.has(kind)) kinds.set(kind, objective);
  }
}

describe.each([...kinds])('%s', (_kind, objective) => {
  const x = draw(layoutLength(objective.layout), 1);

  it('leaves the value as it is along all of the orbit, and finds the way back', () => {
    using d = dense(objective);
    const action = findAction(objective.layout, d.problem.symmetry, d.problem.factors)!;
    expect(action.group).toBe(d.problem.symmetry!.group);
    const value = d.value(x);
    for (let k = 0; k < 3; k++) {
      const moved = action.act(x, action.random(streamKey(4, 'element', k)));
      if (Number.isFinite(value)) expect(Math.abs(d.value(moved) - value)).toBeLessThan(1e-10 * (1 + Math.abs(value)));
      expect(far(action.invariant(moved), action.invariant(x))).toBeLessThan(1e-10 * norm(action.invariant(x)));
      expect(orbitDistance(action, moved, x)).toBeLessThan(1e-9 * norm(x));
      expect(far(action.canonical(moved, 0), action.canonical(x, 0))).toBeLessThan(1e-8 * norm(x));
      expect(far(action.invariant(action.canonical(x, 0)), action.invariant(x))).toBeLessThan(1e-9 * norm(action.invariant(x)));
    }
    const y = draw(x.length, 2);
    expect(far(action.invariant(y), action.invariant(x))).toBeGreaterThan(1e-3);
    expect(orbitDistance(action, x, y)).toBeGreaterThan(1e-3);
  });

  it('has the directions of the objective, and the dimension of their span', () => {
    using d = dense(objective);
    const action = actionOf(objective.layout, d.problem.symmetry, d.problem.factors);
    const [own, given] = [action.generators(x), d.directions(x)];
    expect([own.rows, own.cols]).toEqual([given.rows, given.cols]);
    own.data.forEach((value, k) => { expect(Math.abs(value - given.data[k]!)).toBeLessThan(1e-14 * (1 + Math.abs(value))); });
    // None of these groups leaves a random point where it is, where there is room for all its directions.
    const { orbit, stabiliser } = orbitDimension(action, x);
    expect(orbit + stabiliser).toBe(d.problem.symmetry!.dimension);
    if (/^(O|GL|U)\(\d\)$/.test(action.group) || action.group.startsWith('GL')) expect(stabiliser).toBe(0);
    expect(orbitDimension(action, new Float64Array(x.length))).toEqual({ orbit: 0, stabiliser: own.cols });
  });
});

describe('layers of a network', () => {
  const data = { rows: 3, cols: 3, values: Float64Array.of(3, 0, 0, 0, 2, 0, 0, 0, 1) };

  it('the balanced layers of a product have the least sum of squares, and equal Grams between them', () => {
    const objective = linearNetwork({ data, depth: 4, width: [3, 4, 2] });
    using d = dense(objective);
    const action = actionOf(objective.layout, d.problem.symmetry, undefined);
    const x = draw(d.size, 3);
    const standing = action.canonical(x, 0);
    expect(norm(standing)).toBeLessThan(norm(x));
    for (let k = 0; k < 10; k++) expect(norm(action.act(standing, action.random(streamKey(2, 'element', k))))).toBeGreaterThanOrEqual(norm(standing) * (1 - 1e-12));
    expect(d.value(standing)).toBeCloseTo(d.value(x), 10);
    // of rank 2, the narrowest layer: 2 of 3, 2 of 4 and all neurons are reached
    expect(action.orbit(standing, 1e-9)).toMatchObject({ components: 2, rank: 2, euler: null });
    expect(action.orbit(new Float64Array(d.size), 1e-9)).toMatchObject({ components: 1, rank: 0 });
  });

  it('orbits of rotations are products of Stiefel manifolds, by what the ends reach', () => {
    const objective = linearNetwork({ data, depth: 3, width: [3, 1], lambda: 0.1 });
    using d = dense(objective);
    const action = actionOf(objective.layout, d.problem.symmetry, undefined);
    // One path through both hidden layers: O(3)/O(2), a sphere, times two points.
    const path = action.intoFixedSpace(draw(d.size, 4), 1);
    expect(action.orbit(path, 1e-9)).toMatchObject({ components: 2, euler: 4, rank: 1, twofold: false });
    expect(orbitDimension(action, path)).toEqual({ orbit: 2, stabiliser: 1 });
    // Not so without the second layer, when only inputs reach the first and only outputs the second.
    const cut = path.map((value, i) => (i >= 9 && i < 12 ? 0 : value));
    expect(action.orbit(cut, 1e-9)).toMatchObject({ components: 2, euler: 4 });
    expect(action.align(path, path).point).toEqual(path);
  });
});
