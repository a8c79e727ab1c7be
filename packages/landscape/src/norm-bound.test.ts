import { bind, createPoint, streamKey, type Lift, type Objective, type Point } from '@lowland/core';
import { cpu, multiply, scaleColumns, subtract, thinSvd } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { gaussian, pick, values, withEigenvalues, withSingularValues } from '../test/orthogonal.ts';
import { isProved } from './certificate.ts';
import { convexBound } from './dual-bound.ts';
import { factorsAt, pointOf } from './factored.ts';
import { proveExtreme } from './norm-bound.ts';

const key = streamKey(2, 'certify');
const asymmetric = { pairs: [['U', 'V']] } as const;
const symmetric = { pairs: [['X', 'X']] } as const;

async function liftOf(objective: unknown): Promise<Lift> {
  const { problem } = await bind(objective as Objective<'lift'>, cpu(), ['lift']);
  return problem.lift;
}

/** The proof at a point, with the dense matrix of the lift or without it. */
function proofs(lift: Lift, point: Point, factors: typeof asymmetric | typeof symmetric) {
  const lifted = lift.at(point);
  const { gram, ...bare } = lifted;
  expect(gram).toBeDefined();
  const factored = factorsAt(point, factors);
  return { lifted, inertia: proveExtreme(lift, lifted, factored, key), block: proveExtreme(lift, bare, factored, key) };
}

describe('at a nuclear-norm minimum: |G| is the penalty, five times over', () => {
  const s = [6, 4, 4, 4, 2.5, 0.8];
  const { m, u, v } = withSingularValues(60, 50, s, 31);
  const roots = [5, 3, 3, 3, 1.5].map(Math.sqrt);
  const objective = matrixFactorization({ target: values(m), rank: 5, lambda: 1, balance: 0 });
  const factors = (change: number): Point => {
    const noise = (rows: number, index: number) => gaussian(rows, 5, 32, index).data;
    const left = scaleColumns(pick(u, [0, 1, 2, 3, 4]), roots);
    const right = scaleColumns(pick(v, [0, 1, 2, 3, 4]), roots);
    left.data.forEach((x, i) => (left.data[i] = x + change * noise(60, 0)[i]!));
    right.data.forEach((x, i) => (right.data[i] = x + change * noise(50, 1)[i]!));
    return pointOf(objective.layout, asymmetric, { symmetric: false, left, right });
  };

  it.each([0, 1e-9, 1e-6, 1e-3])('inertia and the deflated block bound prove what is true there, off by %d', async (change) => {
    const lift = await liftOf(objective);
    const point = factors(change);
    const { lifted, inertia, block } = proofs(lift, point, asymmetric);
    const { left, right } = factorsAt(point, asymmetric);
    const x = multiply(left, right, { transposeB: true });
    const norm = thinSvd(subtract(x, m)).s[0]!;
    for (const proof of [inertia, block]) {
      expect(proof).toMatchObject({ failureProbability: expect.any(Number) as number });
      if (typeof proof === 'string') throw new Error(proof);
      expect(proof.value).toBeGreaterThanOrEqual(norm * (1 - 1e-14));
      expect(proof.value).toBeLessThanOrEqual(norm * (1 + 1e-6) + 30 * change);
      const bound = convexBound(lift, lifted, proof.value);
      expect(isProved(bound) && bound.lowerBound <= 0.5 * (5 + 0.64) + 15.5 + 1e-12).toBe(true);
    }
    expect(inertia).toMatchObject({ rule: 'inertia', failureProbability: 0 });
    expect(block).toMatchObject({ rule: 'deflated-block' });
  });
});

describe('at a psd minimum: λ_min(G) is minus the penalty', () => {
  const { m, q } = withEigenvalues([6, 4, 4, 2.5, ...Array.from({ length: 36 }, (_, k) => 0.9 - k / 20)], 33);
  const objective = symmetricFactorization({ target: values(m), rank: 4, lambda: 1 });

  it('inertia and the deflated block bound prove what is true there', async () => {
    const lift = await liftOf(objective);
    const left = scaleColumns(pick(q, [0, 1, 2, 3]), [5, 3, 3, 1.5].map(Math.sqrt));
    const { inertia, block } = proofs(lift, pointOf(objective.layout, symmetric, { symmetric: true, left, right: left }), symmetric);
    for (const proof of [inertia, block]) {
      if (typeof proof === 'string') throw new Error(proof);
      // G = (X − M)/2 has the least eigenvalue −½.
      expect(proof.value).toBeLessThanOrEqual(-0.5 + 1e-14);
      expect(proof.value).toBeGreaterThanOrEqual(-0.5 - 1e-6);
    }
    expect(inertia).toMatchObject({ rule: 'inertia' });
    expect(block).toMatchObject({ rule: 'deflated-block' });
  });
});

it('G = 0 is bounded by 0', async () => {
  const { m } = withEigenvalues([2, 1], 34);
  const objective = symmetricFactorization({ target: values(m), rank: 2, lambda: 1 });
  const lift = await liftOf(objective);
  const zero = { ...lift.at(createPoint(objective.layout)), gram: (out: Float64Array) => out.fill(0) };
  const point = createPoint(objective.layout);
  expect(proveExtreme(lift, zero, factorsAt(point, symmetric), key)).toMatchObject({ value: 0 });
});
