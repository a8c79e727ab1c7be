import { type Capability, createPoint, gradientTolerance, type Objective, solve } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { brockett, defineObjective, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, withSpectrum } from '../../test/fixtures.ts';
import { ownGeometry } from '../gradient-descent/geometry.ts';
import { lbfgs } from '../quasi-newton/lbfgs.ts';
import { trustRegion } from '../trust-region/trust-region.ts';
import { polish } from './polish.ts';

const backend = cpu();
const single = cpu({ dtype: 'f32' });
const any = (objective: unknown) => objective as Objective<Capability>;

describe('polish', () => {
  it('brings the end of a run in f32 to a gradient of f64, and says by how far', async () => {
    const objective = matrixFactorization({ target: withSpectrum([3, 1, 0.4, 0.2], 20, 15, 1), rank: 2 });
    const { point } = await solve(objective, lbfgs(), { backend: single, seed: 1, stop: gradientTolerance(1e-6) });
    const found = await polish(any(objective), point, { backend });
    expect(found!.polish.method).toBe('trust-region');
    const { value, gradientNorm, distance, relative, steps } = found!.polish;
    expect(gradientNorm.before).toBeGreaterThan(1e-8);
    expect(gradientNorm.after).toBeLessThan(1e-6 * gradientNorm.before + 1e-14);
    // 1/2 (.4^2 + .2^2), and no lower
    expect(Math.abs(value.after - 0.1)).toBeLessThan(1e-14);
    expect(value.before - value.after).toBeLessThan(1e-10);
    expect(steps).toBeLessThanOrEqual(3);
    expect(relative).toBeLessThan(1e-5);
    expect(distance).toBeGreaterThan(0);
    expect(Math.hypot(...found!.point.data.map((x, i) => x - point.data[i]!))).toBeCloseTo(distance, 15);
  });

  it('walks along the manifold where there is one', async () => {
    const objective = brockett({ data: diagonal([5, 3, 2, 1, 0.5]), rank: 2 });
    const { point } = await solve(objective, trustRegion({ geometry: ownGeometry() }), { backend: single, seed: 1, stop: gradientTolerance(1e-5) });
    const found = await polish(any(objective), point, { backend });
    expect(found!.polish.gradientNorm.after).toBeLessThan(1e-10);
  });

  it('takes gradients alone where there are no products', async () => {
    const bowl = defineObjective({ id: 'bowl', blocks: { x: [2] }, value: ({ x }) => (x[0]! - 1) ** 2 + 10 * x[1]! ** 2, gradient: ({ x }, out) => { out.x.set([2 * (x[0]! - 1), 20 * x[1]!]); } });
    const found = await polish(any(bowl), createPoint(bowl.layout, Float64Array.of(1 + 1e-7, -1e-7)), { backend });
    expect(found!.polish).toMatchObject({ method: 'lbfgs' });
    expect(Math.abs(found!.point.data[1]!)).toBeLessThan(1e-12);
  });

  it('leaves saddles, zero and what is stationary where they are', async () => {
    const objective = any(symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 }));
    const near = pointOf(objective.layout, [2, 0, 0, 1e-6, 0, 0]);
    expect(await polish(objective, near, { backend, steps: 100 })).toBeUndefined();
    expect(await polish(objective, createPoint(objective.layout), { backend })).toBeUndefined();
    expect(await polish(objective, pointOf(objective.layout, [2, 0, 0, 1, 0, 0]), { backend })).toBeUndefined();
  });

  it('is done in f64', async () => {
    const objective = any(symmetricFactorization({ target: diagonal([4, 1], 3), rank: 1 }));
    await expect(polish(objective, pointOf(objective.layout, [2, 0, 0]), { backend: single })).rejects.toMatchObject({ code: 'LOWLAND_E_PRECISION' });
  });
});
