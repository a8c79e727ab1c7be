import { analyse, anyOf, type Capability, createPoint, gradientNorm, maxIterations, type Objective, type Point, solve } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { betaFamily, ring, twistedState } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { catalogue } from '../test/catalogue.ts';
import { certifyPoint } from './certify.ts';
import { type Escapes, escapes, type EscapesOptions } from './escapes.ts';

const backend = cpu();
const at = (objective: unknown, point: Point, options: EscapesOptions = {}): Promise<Escapes> => analyse(objective as Objective<'lift' | 'factors' | 'grow'>, escapes(options), point, backend);

describe('a spurious state is left by a column', () => {
  it.each([[5, -3.328899], [6, -6.75], [8, -13.313708]])('the ring of %i, from %d', async (n, value) => {
    const objective = ring(n, 4, 2);
    const found = await at(objective, createPoint(objective.layout, twistedState(n, 4)), { most: 1 });
    expect(found.value).toBeCloseTo(value, 6);
    expect(found.rank).toBe(3);
    // z^T S z = 2 cos w - 2 - ..., at the radius of the penalty: half of the padded curvature over 2
    expect(found.slopes[0]).toBeCloseTo(2 - 2 * Math.cos((2 * Math.PI) / n), 8);
    const padded = ring(n, 4, 3);
    const after = await certifyPoint(padded, found.point!, { backend });
    expect(after.value).toBeCloseTo(found.value - found.decrease, 10);
    expect(found.decrease).toBeGreaterThan(0);
    // and from there it is downhill to the optimum
    const { point } = await solve(padded as Objective<'valueAndGradient'>, lbfgs(), { backend, point: found.point! });
    expect((await certifyPoint(padded, point, { backend })).kind).toBe('global-minimum');
  });

  it('the beta family: G = diag(-3/2, 0) at the spurious minimum', async () => {
    const objective = betaFamily(1.2);
    const found = await at(objective, createPoint(objective.layout, Float64Array.of(0, Math.SQRT1_2)));
    expect(found.slopes).toEqual([expect.closeTo(1.5, 10)]);
    expect(found.decrease).toBeGreaterThan(0);
  });
});

it('of every objective with a lift: the value falls by what is said, and at certified points no way is left', async () => {
  const left = new Set<string>();
  for (let seed = 0; seed < runs(40); seed++) {
    for (const { name, objective } of catalogue(seed)) {
      if (!('lift' in objective.routes) || !('grow' in objective.routes)) continue;
      const made = objective as unknown as Objective<'valueAndGradient'>;
      const { point } = await solve(made, lbfgs(), { backend, seed, stop: anyOf(gradientNorm(1e-9), maxIterations(200)) });
      for (const place of [point, createPoint(made.layout)]) {
        const found = await at(made, place);
        const certificate = await certifyPoint(made, place, { backend });
        if (found.point === null) {
          expect([name, found.reason]).toEqual([name, expect.stringMatching(/full rank|no direction|rounding/)]);
          continue;
        }
        expect([name, found.decrease > 0, found.slopes.every((slope) => slope > 0)]).toEqual([name, true, true]);
        // the gap covers what is gained
        if (certificate.gap !== null) expect([name, certificate.gap >= found.decrease - 1e-12 * (1 + Math.abs(found.value))]).toEqual([name, true]);
        const grow = (objective.routes as unknown as { grow: readonly { bind: (u: unknown, d: never, m: never) => { objective: (rank: number) => Objective<Capability> } }[] }).grow[0]!.bind(undefined, undefined as never, undefined as never);
        const grown = grow.objective(found.rank) as Objective<'value'>;
        const after = (await certifyPoint(grown, found.point, { backend })).value;
        const before = certificate.value;
        expect([name, after < before]).toEqual([name, true]);
        left.add(name);
      }
    }
  }
  expect(left.size).toBeGreaterThan(8);
});
