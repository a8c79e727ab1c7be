/** The map of basins against what is known of gradient descent on ¼|xxᵀ − M|², and against single runs. */
import { anyOf, createPoint, gradientNorm, maxIterations, type Registry, solve } from '@lowland/core';
import { beforeAll, expect, it } from 'vitest';

import type { Composition } from '../../model/composition.ts';
import type { BasinMapView } from '../../model/types.ts';
import { basins as scene } from '../../scenes/basins.ts';
import { loadRegistry } from '../plugins.ts';
import { prepare } from '../prepare.ts';
import { basinMap } from './basin-map.ts';

let registry: Registry;
beforeAll(async () => { registry = await loadRegistry([]); });

const [step, ratio] = scene.drags;
const at = (eta: number, kappa = 2): Composition => step!.write(ratio!.write(scene.composition, kappa), eta);
const [radius, grid] = [2.6, 41];

/** The eigenvalues of M, and its first eigenvector: the solution at (a, b) is the root of the first times that. */
function known({ basins: [best] }: BasinMapView, kappa: number): { largest: number; least: number; along: (s: number, t: number) => number } {
  const [a, b] = best!.point as unknown as [number, number];
  const largest = a * a + b * b;
  return { largest, least: largest / kappa, along: (s, t) => a * s + b * t };
}

const starts = ({ s }: BasinMapView) => Array.from({ length: s.length ** 2 }, (_, k) => [s[k % s.length]!, s[Math.floor(k / s.length)]!] as const);

it('with small steps a start ends on its side of the line across the first eigenvector; zero is a maximum', async () => {
  const told: BasinMapView[] = [];
  const map = await basinMap(registry, at(0.05), { radius, grid }, (part) => told.push(part));
  const { along, largest, least } = known(map, 2);
  expect(map.basins.map(({ down, component }) => [down, component])).toEqual([[0, map.basins[0]!.component], [0, 1 - map.basins[0]!.component], [2, 0]]);
  expect(map.basins[0]!.value).toBeCloseTo(least ** 2 / 4, 6);
  expect(map.basins[2]!.value).toBeCloseTo((largest ** 2 + least ** 2) / 4, 6);
  starts(map).forEach(([s, t], k) => { expect(map.labels[k]).toBe(s === 0 && t === 0 ? 2 : along(s, t) > 0 ? 0 : 1); });
  // pictures as it goes: what has ended stays so
  expect(told.length).toBeGreaterThan(5);
  expect(told.map(({ taken }) => taken)).toEqual([...told.map(({ taken }) => taken)].sort((a, b) => a - b));
  for (const { labels } of told) labels.forEach((label, k) => { expect(label === -1 || label <= 2).toBe(true); if (label === -1) expect(map.steps[k]).toBeGreaterThan(0); });
});

it('with large ones sides swap outside of one circle, and runs diverge outside of another', async () => {
  const eta = 0.5;
  const map = await basinMap(registry, at(eta), { radius, grid }, () => undefined);
  const { along, largest } = known(map, 2);
  const seen = { inside: 0, outside: 0, swapped: 0 };
  starts(map).forEach(([s, t], k) => {
    const square = s * s + t * t;
    if (square === 0) return;
    if (square < largest + 1 / eta) {
      seen.inside++;
      expect(map.labels[k]).toBe(along(s, t) > 0 ? 0 : 1);
    } else if (square > largest + 2 / eta) {
      seen.outside++;
      expect(map.labels[k]).toBe(-2);
    } else if (map.labels[k] === (along(s, t) > 0 ? 1 : 0)) seen.swapped++;
  });
  expect(Object.values(seen).every((count) => count > 50)).toBe(true);
});

it('a start takes the steps that a run from there takes, and comes to the same value', async () => {
  const composition = at(0.3);
  const map = await basinMap(registry, composition, { radius, grid: 9 }, () => undefined);
  const { objective, optimizer, backend } = await prepare(registry, composition, 0);
  for (const k of [3, 10, 31]) {
    const [s, t] = starts(map)[k]!;
    const run = await solve(objective, optimizer, { backend, point: createPoint(objective.layout, Float64Array.of(s, t)), stop: anyOf(gradientNorm(map.tolerance), maxIterations(600)) });
    expect([k, map.steps[k]]).toEqual([k, run.iterations]);
    expect(Math.abs(map.basins[map.labels[k]!]!.value - run.value)).toBeLessThan(1e-8);
  }
});

it('where the method has no ensemble the runs go one after another, and that is said', async () => {
  const map = await basinMap(registry, { ...at(0.3), methods: [{ id: 'lbfgs', options: {} }] }, { radius, grid: 5 }, () => undefined);
  expect(map.note).toMatch(/lbfgs.*the runs go one after another/);
  expect(map.labels.every((label) => label >= 0)).toBe(true);
});
