/** Every objective that offers a convex problem behind it is bounded from any point, and its escapes lower it (issue 5, item 3). */
import { analyse, createPoint, gradientNorm, anyOf, maxIterations, normals, type Capability, type Objective, type Point, solve, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { plugin as objectives } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import { expect, it } from 'vitest';

import { catalogue } from '../test/catalogue.ts';
import { certifyPoint } from './certify.ts';
import { classify } from './classify/classify.ts';

const backend = cpu();
const seeds = Array.from({ length: runs(40) }, (_, seed) => seed);
const offers = (objective: Objective<Capability>): boolean => 'lift' in objective.routes;
const lifted = (seed: number): readonly { name: string; objective: Objective<Capability> }[] =>
  catalogue(seed)
    .map(({ name, objective }) => ({ name, objective: objective as unknown as Objective<Capability> }))
    .filter(({ objective }) => offers(objective));
const random = ({ layout }: Objective<Capability>, seed: number, size: number): Point => {
  const point = createPoint(layout);
  normals(streamKey(seed, 'anywhere'), point.data);
  point.data.forEach((value, k) => (point.data[k] = size * value));
  return point;
};

it('all definitions that may offer one are among those that are tried', () => {
  const claimed = objectives.objectives!.filter(({ provides }) => provides?.includes('lift') === true).map(({ id }) => id);
  const tried = new Set(seeds.slice(0, 4).flatMap((seed) => lifted(seed).map(({ objective }) => objective.id)));
  expect([...tried].filter((id) => !claimed.includes(id) && id !== 'matrix-factorization')).toEqual([]);
  expect(claimed.filter((id) => !tried.has(id))).toEqual([]);
});

/** What nothing can be proved about, and why. */
const open = /nothing bounds the norm of a minimiser|need not attain/;

it('from any point the gap is proved, and never below what is known to be between the values', async () => {
  const unproved = new Set<string>();
  for (const seed of seeds) {
    for (const { name, objective } of lifted(seed)) {
      const made = objective as Objective<'valueAndGradient'>;
      const { point, value } = await solve(made, lbfgs(), { backend, seed, stop: anyOf(gradientNorm(1e-9), maxIterations(150)) });
      const places = [point, createPoint(objective.layout), random(objective, seed, 1), random(objective, seed, 0.01), random(objective, seed, 5)];
      for (const [k, place] of places.entries()) {
        const certificate = await certifyPoint(made, place, { backend, seed });
        const zero = Math.abs((await certifyPoint(made, places[1]!, { backend, seed })).value);
        if (certificate.gap === null) {
          expect([name, certificate.reason]).toEqual([name, expect.stringMatching(open)]);
          unproved.add(name);
          continue;
        }
        expect(Number.isFinite(certificate.gap)).toBe(true);
        expect([name, k, certificate.gap >= certificate.value - value - 1e-14 * Math.max(zero, Math.abs(value))]).toEqual([name, k, true]);
        if (certificate.kind === 'global-minimum') expect(certificate.value - value).toBeLessThanOrEqual(1e-6 * Math.max(Math.abs(certificate.value), 1e-6 * zero) + 1e-14 * zero);
      }
    }
  }
  // a linear term of U V^T above the penalty: nothing need bound the problem from below
  expect([...unproved]).toEqual(['sensing, linear term']);
});

it('escapes at strict saddles are directions along which the value falls', async () => {
  const escaped = new Set<string>();
  for (const seed of seeds) {
    for (const { name, objective } of lifted(seed)) {
      // the origin is stationary for all of them
      const made = objective as Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
      const origin = createPoint(objective.layout);
      const { kind, escape } = await analyse(made, classify(), origin, backend, { seed });
      if (kind !== 'strict-saddle') continue;
      expect([name, escape === null]).toEqual([name, false]);
      const before = (await certifyPoint(made, origin, { backend })).value;
      const { direction, step, decrease } = escape!;
      const after = (await certifyPoint(made, createPoint(objective.layout, origin.data.map((value, k) => value + step * direction.data[k]!)), { backend })).value;
      expect([name, decrease > 0 && after < before]).toEqual([name, true]);
      expect(before - after).toBeCloseTo(decrease, 8);
      escaped.add(objective.id);
    }
  }
  expect(escaped.size).toBeGreaterThan(5);
});
