import { analyse, type Capability, createPoint, type Objective, type Point } from '@lowland/core';
import { cpu, norm } from '@lowland/linalg';
import { linearNetwork, matrixFactorization, populationPhaseRetrieval, symmetricFactorization } from '@lowland/objectives';
import { full } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import type { SecondOrder } from '../classify/hessian.ts';
import { actionOf, orbitDistance } from '../groups/action.ts';
import { census } from './census.ts';

const backend = cpu();
/** diag(values), rows x cols */
const diagonal = (rows: number, cols: number, values: readonly number[]) => ({ rows, cols, values: Float64Array.from({ length: rows * cols }, (_, k) => (k % (cols + 1) === 0 ? values[k / (cols + 1)] ?? 0 : 0)) });

/** What the objective knows, with the gradient at each. */
const known = (objective: Objective<Capability>): Promise<readonly { readonly point: Point; readonly gradient: number }[]> =>
  analyse(objective as Objective<'truth' | 'gradient'>, { id: 'closed forms', requires: ['truth', 'gradient'], dtype: 'f64', run: ({ problem, device, scratch }) => {
    const [x, gradient] = [scratch(), scratch()];
    return Promise.resolve([...problem.truth.stationaryPoints!()].map((point) => {
      device.write(x, point.data);
      problem.gradient(x, gradient);
      return { point, gradient: norm(device.host!(gradient)) };
    }));
  } }, createPoint(objective.layout), backend);

// rigour.md C4: where closed forms are known, each is found by the census, and nothing else
describe('the closed forms are what a census finds', () => {
  it.each<[string, unknown, number, number]>([
    ['symmetric factorization, negative and zero levels among them', symmetricFactorization({ target: diagonal(4, 4, [3, 1.5, 0.5, -1]), rank: 2 }), 7, 1],
    ['symmetric factorization with a penalty', symmetricFactorization({ target: diagonal(4, 4, [3, 1.5, 0.5, -1]), rank: 2, lambda: 0.25 }), 7, 1],
    ['factorization with balancing', matrixFactorization({ target: diagonal(4, 3, [4, 2.5, 1.5]), rank: 2, balance: 0.25 }), 7, 1],
    ['factorization without, by the balanced points', matrixFactorization({ target: diagonal(3, 3, [4, 2.5, 1.5]), rank: 2, balance: 0 }), 7, 1],
    // golden 15: sigma = (4, 2.5, 1.5, .7), lambda = 1
    ['nuclear norm', matrixFactorization({ target: diagonal(4, 4, [4, 2.5, 1.5, 0.7]), rank: 3, lambda: 1 }), 8, 1],
    ['real phase retrieval of the population', populationPhaseRetrieval({ signal: Float64Array.of(1, 2) }), 3, 1],
    ['complex phase retrieval of the population', populationPhaseRetrieval({ signal: Float64Array.of(1, -1, 0.5, 2), complex: true }), 3, 1],
  ])('%s', async (_name, objective, count, unit) => {
    const smooth = objective as Objective<SecondOrder>;
    const forms = await known(smooth as unknown as Objective<Capability>);
    for (const { gradient } of forms) expect(gradient).toBeLessThan(1e-12);
    const { orbits } = await analyse(smooth, census({ starts: full ? 2000 : 100, fixedStarts: 12, follow: 2, unit }), createPoint(smooth.layout), backend);
    expect(orbits).toHaveLength(count);
    await analyse(smooth, { id: 'match', requires: ['gradient'], uses: ['symmetry', 'factors'], dtype: 'f64', run: ({ problem }) => {
      const action = actionOf(smooth.layout, problem.symmetry, problem.factors);
      const places = forms.map(({ point }) => orbits.map(({ point: found }, k) => (orbitDistance(action, point.data, found.data) < 1e-6 ? k : -1)).filter((k) => k >= 0));
      for (const place of places) expect(place).toHaveLength(1);
      expect(new Set(places.flat()).size).toBe(count);
      return Promise.resolve(null);
    } }, createPoint(smooth.layout), backend);
  });

  // Two layers: one for each set of at most h singular values; three: global minima, the origin, and what padding reaches
  it.each([[2, 2, 7], [2, 3, 8], [3, 2, 7], [4, 1, 4]])('linear networks of %d layers and width %d: %d points, all stationary', async (depth, width, count) => {
    const network = linearNetwork({ data: diagonal(4, 3, [3, 2, 1]), depth, width });
    const forms = await known(network as unknown as Objective<Capability>);
    expect(forms).toHaveLength(count);
    for (const { gradient } of forms) expect(gradient).toBeLessThan(1e-12);
    expect(forms.some(({ point }) => norm(point.data) === 0)).toBe(true);
  });
});
