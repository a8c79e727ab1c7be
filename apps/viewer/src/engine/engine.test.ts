import { createRegistry, type Registry } from '@lowland/core';
import { matrix, symmetricEigenvalues } from '@lowland/linalg';
import { beforeAll, expect, test } from 'vitest';

import { type Composition, firstComposition } from '../model/composition.ts';
import { answer, prospect } from './answer.ts';
import { catalogueOf } from './catalogue.ts';
import { loadRegistry } from './plugins.ts';
import type { Questions, RunEvent, Stage } from './protocol.ts';
import { run, Valve } from './run.ts';

let registry: Registry;
beforeAll(async () => { registry = await loadRegistry([]); });

async function runToEnd(composition: Composition, position = 0, valve = new Valve(Infinity)) {
  const events: RunEvent[] = [];
  const solution = await run(registry, composition, position, valve, (event) => events.push(structuredClone(event)));
  const progress = events.filter((event) => event.kind === 'progress');
  const ended = events.find((event) => event.kind === 'ended')!;
  const judged = events.find((event) => event.kind === 'judged')!;
  return { solution, events, progress, ended, judged, rows: Float64Array.from(progress.flatMap(({ rows }) => [...rows])) };
}

test('the catalogue is plain data, and has forms for everything that is built in', () => {
  const catalogue = structuredClone(catalogueOf(registry));
  expect(catalogue.objectives.length).toBe(registry.all('objectives').length);
  expect(catalogue.optimizers.find(({ id }) => id === 'gradient-descent')!.options.map(({ name }) => name)).toContain('step');
  expect(catalogue.optimizers.every(({ plugin }) => plugin === '@lowland/optimizers')).toBe(true);
});

test('prospects: both first methods run, and refusals have a reason', async () => {
  const { plans, optimizers, trackers, layout } = structuredClone(await prospect(registry, firstComposition));
  expect(plans.map((plan) => 'ok' in plan && plan.ok)).toEqual([true, true]);
  expect(Object.keys(optimizers).length).toBe(registry.all('optimizers').length);
  expect(optimizers['lbfgs']).toBe(null);
  expect(optimizers['augmented-lagrangian']).toMatch(/needs/);
  expect(trackers['distance']).toBe(null);
  expect(trackers['first-order-conditions']).toMatch(/./);
  expect(layout).toEqual([{ name: 'U', shape: [40, 3] }, { name: 'V', shape: [30, 3] }]);
});

test('a run tells every observation, keeps points evenly, ends with a verdict', async () => {
  const { solution, rows, progress, ended, judged } = await runToEnd({ ...firstComposition, limits: { ...firstComposition.limits, iterations: 700, gradientTolerance: 1e-15 } });
  expect(rows.length / 4).toBe(701);
  expect(Array.from({ length: 701 }, (_, k) => rows[4 * k])).toEqual(Array.from({ length: 701 }, (_, k) => k));
  const { stride } = progress.at(-1)!;
  expect(stride).toBe(4);
  const kept = progress.flatMap((event) => event.kept).filter(({ iteration }) => iteration % stride === 0);
  expect(kept.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 176 }, (_, k) => 4 * k));
  expect(kept[0]!.tracked['singular-values']).toHaveLength(3);
  expect(ended.last.point).toEqual(solution.point.data);
  expect(Object.keys(ended.last.tracked).sort()).toEqual(['distance', 'effective-rank', 'singular-values']);
  expect(judged.verdict.sentence).toMatch(/\.$/);
  expect(ended.work.method['valueAndGradient'] ?? ended.work.method['gradient']).toBeGreaterThan(600);
});

test('a held run stands still, takes single steps, and its pauses cost no seconds', async () => {
  const valve = new Valve(0);
  const events: RunEvent[] = [];
  const running = run(registry, { ...firstComposition, limits: { ...firstComposition.limits, iterations: 5 } }, 0, valve, (event) => events.push(structuredClone(event)));
  const iterations = () => events.flatMap((event) => (event.kind === 'progress' ? event.kept.map(({ iteration }) => iteration) : []));
  const settled = () => new Promise((resolve) => setTimeout(resolve, 60));
  await settled();
  expect(iterations()).toEqual([0]);
  valve.step(2);
  await settled();
  expect(iterations()).toEqual([0, 1, 2]);
  await settled();
  valve.pace = Infinity;
  const { iterations: total } = await running;
  expect(total).toBe(5);
  const ended = events.find((event) => event.kind === 'ended')!;
  expect(ended.work.seconds).toBeLessThan(0.15);
});

test('a paced run keeps its pace', async () => {
  const since = performance.now();
  await runToEnd({ ...firstComposition, limits: { ...firstComposition.limits, iterations: 12 } }, 0, new Valve(100));
  expect(performance.now() - since).toBeGreaterThan(90);
});

test('two methods have the same start', async () => {
  const [a, b] = [await runToEnd(firstComposition, 0), await runToEnd(firstComposition, 1)];
  expect(a.progress[0]!.kept[0]!.point).toEqual(b.progress[0]!.kept[0]!.point);
  expect(b.solution.stop.reason).toBe('converged');
  expect(b.solution.iterations).toBeLessThan(a.solution.iterations / 4);
});

/** The factorization that regions are proved for. */
const balanced: Composition = { ...firstComposition, objective: { id: 'matrix-factorization', options: { rank: 3 } }, methods: [{ id: 'gradient-descent', options: {} }, { id: 'lbfgs', options: {} }] };

test('answers: an exact slice, with ways whose true value stands beside that of their projection', async () => {
  const { progress, ended } = await runToEnd(balanced, 1);
  const kept = progress.flatMap((event) => event.kept);
  const at = { composition: balanced, method: 1, point: ended.last.point, run: 'b', iteration: ended.last.iteration };
  const way = { run: 'b', iteration: Float64Array.from(kept, ({ iteration }) => iteration), value: Float64Array.from(kept, ({ value }) => value), points: kept.map(({ point }) => point) };
  const ask: Questions['slice']['ask'] = { first: 'trajectory', second: 'trajectory', radius: 1, grid: 33, seed: 0, ways: [way], other: null, regions: true };
  const { slice, regions } = structuredClone((await answer(registry, 'slice', at, ask)) as Questions['slice']['answer']);
  expect(slice.method).toBe('polynomial');
  expect(slice.explained![0]! + slice.explained![1]!).toBeLessThanOrEqual(1 + 1e-12);
  const [path] = slice.paths;
  expect(path!.value[0]).toBe(kept[0]!.value);
  expect(path!.distance.at(-1)).toBeLessThan(1e-6);
  // on the plane the projection is the point
  expect(path!.sliceValue.at(-1)).toBeCloseTo(path!.value.at(-1)!, 10);
  expect(regions).toMatchObject({ names: ['R1', 'R2', "R3'", "R3''"] });
  expect((regions as { at: { region: string } }).at.region).toBe('R2');
});

test('answers: shares and distances of a way are those of its points, computed otherwise', async () => {
  const { progress, ended } = await runToEnd(balanced, 1);
  const points = [...progress.flatMap((event) => event.kept.map(({ point }) => point)).slice(0, -1), ended.last.point];
  const centre = ended.last.point;
  const at = { composition: balanced, method: 1, point: centre, run: 'b', iteration: ended.last.iteration };
  const way = { run: 'b', iteration: Float64Array.from(points, (_, k) => (k === points.length - 1 ? ended.last.iteration : k)), value: new Float64Array(points.length), points };
  const sliced = async (direction: 'trajectory' | 'coordinate') => {
    const ask: Questions['slice']['ask'] = { first: direction, second: direction, radius: 1, grid: 5, seed: 0, ways: [way], other: null, regions: false };
    return ((await answer(registry, 'slice', at, ask)) as Questions['slice']['answer']).slice;
  };
  const off = points.map((point) => point.map((x, i) => x - centre[i]!));
  const total = off.reduce((sum, each) => sum + each.reduce((square, x) => square + x * x, 0), 0);
  // the shares are the largest eigenvalues of the inner products of the points, over their sum
  const gram = matrix(off.length, off.length, Float64Array.from({ length: off.length ** 2 }, (_, k) => off[k % off.length]!.reduce((sum, x, i) => sum + x * off[Math.floor(k / off.length)]![i]!, 0)));
  const shares = [...symmetricEigenvalues(gram)].sort((a, b) => b - a).slice(0, 2).map((value) => value / total);
  const { explained, paths: [along] } = await sliced('trajectory');
  shares.forEach((share, k) => { expect(explained![k]).toBeCloseTo(share, 9); });
  expect(along!.inPlane).toBeCloseTo(shares[0]! + shares[1]!, 9);
  // off the plane of two variables are all the others
  const [path] = (await sliced('coordinate')).paths;
  off.forEach((each, k) => {
    expect(path!.s[k]).toBeCloseTo(each[0]!, 12);
    expect(path!.distance[k]).toBeCloseTo(Math.hypot(...each.slice(2)), 9);
  });
});

test('answers: critical points of a section where it is a polynomial; elsewhere words', async () => {
  const { ended } = await runToEnd(balanced, 1);
  const at = { composition: balanced, method: 1, point: ended.last.point, run: 'b', iteration: ended.last.iteration };
  const ask: Questions['slice']['ask'] = { first: 'random', second: 'random', radius: 1, grid: 5, seed: 0, ways: [], other: null, regions: false, critical: true };
  const { slice } = structuredClone((await answer(registry, 'slice', at, ask)) as Questions['slice']['answer']);
  const { critical } = slice;
  if (critical === null || typeof critical === 'string') throw new Error('a list');
  expect(critical).toMatchObject({ complete: true, bezout: 9, solutions: 9 });
  // the centre is a minimum of all
  expect(critical.points[0]!.kind).toBe('minimum');
  expect(Math.hypot(critical.points[0]!.s, critical.points[0]!.t)).toBeLessThan(1e-6);
  const other = { ...firstComposition, objective: { id: 'octopus', options: { dimension: 3 } }, generate: {}, methods: [{ id: 'gradient-descent', options: {} }], track: [] };
  const octopus = (await answer(registry, 'slice', { composition: other, method: 0, point: Float64Array.of(0.1, 0.2, 0.3), run: 'a', iteration: 0 }, ask)) as Questions['slice']['answer'];
  expect(octopus.slice.critical).toMatch(/no polynomial/);
  expect(octopus.slice.evaluation).toMatchObject({ by: 'points' });
  // losses that are no squares are evaluated for the whole plane, and looked at in places
  const huber = { ...balanced, objective: { id: 'matrix-factorization', options: { rank: 3, loss: { id: 'huber', options: {} } } } };
  const { slice: ofHuber } = (await answer(registry, 'slice', { ...at, composition: huber }, ask)) as Questions['slice']['answer'];
  expect(ofHuber.evaluation).toMatchObject({ by: 'plane', dtype: 'f64' });
  expect(ofHuber.evaluation!.deviation).toBeLessThan(1e-9 * Math.max(...ofHuber.values));
  expect(ofHuber.values[12]).toBeCloseTo(ofHuber.value, 9);
});

test('answers: spectrum, verdict, any analysis by name', async () => {
  const { ended } = await runToEnd(balanced, 1);
  const at = { composition: balanced, method: 1, point: ended.last.point, run: 'b', iteration: ended.last.iteration };
  const spectrum = (await answer(registry, 'spectrum', at, { seed: 0 })) as Questions['spectrum']['answer'];
  expect(spectrum.signs).toMatchObject({ negative: 0 });
  const verdict = (await answer(registry, 'verdict', at, { tolerance: 1e-6 })) as Questions['verdict']['answer'];
  expect(verdict.kind).toBe('global-minimum');
  const nullity = (await answer(registry, 'analysis', at, { id: 'nullity', options: {} })) as object;
  expect(JSON.parse(JSON.stringify(nullity))).toEqual(nullity);
});

test('answers: all stationary points of the double well, and how saddles join minima', async () => {
  const composition: Composition = { ...firstComposition, objective: { id: 'double-well', options: {} }, generate: {}, methods: [{ id: 'lbfgs', options: {} }], track: [] };
  const { ended } = await runToEnd(composition);
  const at = { composition, method: 0, point: ended.last.point, run: 'a', iteration: ended.last.iteration };
  const told: Stage[] = [];
  const connected = (await answer(registry, 'stationary', at, { by: 'connect', options: { starts: 100 } }, (stage) => { told.push(stage); })) as Questions['stationary']['answer'];
  expect(connected.points.map(({ index }) => index).sort()).toContain(1);
  expect(connected.falls.length).toBeGreaterThan(0);
  expect([...new Set(told.map(({ name }) => name))]).toEqual(['starts', 'up from minima', 'orbits', 'saddles']);
  expect(told.every(({ done, of }) => done < of)).toBe(true);
  // what was not followed is said
  const lowest = (await answer(registry, 'stationary', at, { by: 'connect', options: { starts: 100, iterations: 2 } })) as Questions['stationary']['answer'];
  expect(lowest.missing.join()).toMatch(/Of \d+ starts [1-9]\d* ended where the gradient is not zero/);
});

test('answers: where stationary points fill a continuum, their number is said to mean nothing', async () => {
  const composition: Composition = { ...firstComposition, objective: { id: 'matrix-completion', options: { rank: 1, center: 'none' } }, generate: { rows: 3, cols: 3, rank: 1, density: 0.4 }, methods: [{ id: 'lbfgs', options: {} }], track: [], seed: 1 };
  const { ended } = await runToEnd(composition);
  const at = { composition, method: 0, point: ended.last.point, run: 'a', iteration: ended.last.iteration };
  const { missing } = (await answer(registry, 'stationary', at, { by: 'connect', options: { starts: 12, fixedStarts: 0, follow: 0, unit: 1, saddles: 1 } })) as Questions['stationary']['answer'];
  expect(missing[0]).toMatch(/^Not isolated: .*continuum of stationary points.*their number means nothing/);
  expect(missing.join(' ')).toMatch(/No ways down were followed from \d+ saddles or flat points, the highest/);
});

test('a registry refuses what is no plugin', async () => {
  expect(() => createRegistry([{} as never])).toThrow(/A plugin is an object/);
});
