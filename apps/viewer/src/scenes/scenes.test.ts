import type { Registry } from '@lowland/core';
import type { ExitTimes } from '@lowland/landscape';
import { beforeAll, describe, expect, it } from 'vitest';

import { answer } from '../engine/answer.ts';
import { loadRegistry } from '../engine/plugins.ts';
import type { Kept, RunEvent, SliceAnswer, SliceRequest, Standpoint } from '../engine/protocol.ts';
import { run, Valve } from '../engine/run.ts';
import { fromAddress, toAddress } from '../model/address.ts';
import type { Composition } from '../model/composition.ts';
import type { Scene } from '../model/scene.ts';
import type { SpectrumView, StationaryView, VerdictView } from '../model/types.ts';
import { defaultView } from '../model/view.ts';
import { column } from './column.ts';
import { condition } from './condition.ts';
import { edge } from './edge.ts';
import { langevin } from './langevin.ts';
import { octopus } from './octopus.ts';
import { phase } from './phase.ts';
import { rankDeficientSaddle } from './rank-deficient-saddle.ts';
import { ring } from './ring.ts';
import { scenes } from './scenes.ts';
import { weighted } from './weighted.ts';

let registry: Registry;
beforeAll(async () => {
  registry = await loadRegistry([]);
});

interface Ran {
  /** Those that were kept. */
  readonly points: readonly Float64Array[];
  readonly values: readonly number[];
  readonly iterations: number;
  readonly last: Kept;
  readonly verdict: VerdictView;
}

/** As a worker of the page runs it. */
async function ran(composition: Composition, method: number): Promise<Ran> {
  const events: RunEvent[] = [];
  await run(registry, composition, method, new Valve(Infinity), (event) => events.push(event));
  const values = events.flatMap((event) => (event.kind === 'progress' ? Array.from({ length: event.rows.length / 4 }, (_, k) => event.rows[4 * k + 2]!) : []));
  const ended = events.find((event) => event.kind === 'ended')!;
  const points = events.flatMap((event) => (event.kind === 'progress' ? event.kept.map(({ point }) => point) : []));
  return { points, values, iterations: ended.work.iterations, last: ended.last, verdict: events.find((event) => event.kind === 'judged')!.verdict };
}

const at = (composition: Composition, { point, iteration }: Kept, method = 0): Standpoint => ({ composition, method, point, iteration, run: 'run' });
const stationary = async ({ composition, stationary: ask }: Pick<Scene, 'composition' | 'stationary'>, kept: Kept): Promise<StationaryView> => (await answer(registry, 'stationary', at(composition, kept), ask!)) as StationaryView;
const dragged = (scene: Scene, value: number, k = 0): Composition => scene.drags[k]!.write(scene.composition, value);

describe.each(scenes.map((scene) => [scene.id, scene] as const))('%s', (_id, scene) => {
  it('says two paragraphs, and its address is enough to come back to it', () => {
    for (const text of scene.paragraphs) {
      expect(text.length).toBeGreaterThan(200);
      expect(text.length).toBeLessThan(720);
    }
    expect(scene.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    const state = { composition: scene.composition, view: { ...defaultView, ...scene.view, scene: scene.id }, plugins: [] };
    expect(fromAddress(toAddress(state))).toEqual(state);
  });

  it('drags what it names, within its bounds', () => {
    for (const drag of scene.drags) {
      const now = drag.read(scene.composition);
      expect(now).toBeGreaterThanOrEqual(drag.min);
      expect(now).toBeLessThanOrEqual(drag.max);
      expect(drag.write(scene.composition, now)).toEqual(scene.composition);
      for (const end of [drag.min, drag.max]) expect(drag.read(drag.write(scene.composition, end))).toBe(end);
    }
  });

  it('runs with all its methods, at both ends of its sliders, and is cut as it says', async () => {
    for (const drag of scene.drags) {
      for (const end of [drag.min, drag.max]) {
        const composition = drag.write({ ...scene.composition, limits: { ...scene.composition.limits, iterations: 40 } }, end);
        for (const method of composition.methods.keys()) expect((await ran(composition, method)).iterations).toBeGreaterThan(0);
      }
    }
    const composition = { ...scene.composition, limits: { ...scene.composition.limits, iterations: 40 } };
    const { last } = await ran(composition, 0);
    const view = { ...defaultView, ...scene.view };
    const ask: SliceRequest = { ...view, first: view.first === 'trajectory' ? 'random' : view.first, second: view.second === 'trajectory' ? 'random' : view.second, grid: 17, seed: 1, ways: [], other: null, regions: false };
    const { slice } = (await answer(registry, 'slice', at(composition, view.centre === 'zero' ? { ...last, point: new Float64Array(last.point.length) } : last), ask)) as SliceAnswer;
    // The octopus ends where its arms do: outside there is nothing.
    expect(slice.values.some(Number.isFinite)).toBe(true);
    expect(slice.values.some(Number.isNaN)).toBe(false);
  });
});

describe('what scenes say is so', () => {
  it('ring: one zero eigenvalue along the orbit, all others at least the least positive eigenvalue; a minimum all around; stable below 1 / lambda_1', async () => {
    const { composition } = ring;
    const { last, verdict } = await ran(composition, 0);
    expect(verdict.kind).toBe('global-minimum');
    const { deflated, eigenvalues } = (await answer(registry, 'spectrum', at(composition, last), { seed: 1 })) as SpectrumView;
    const [first, second] = last.tracked['singular-values'] as number[];
    expect(deflated).toBe(1);
    expect(eigenvalues![0]).toBeCloseTo(second!, 5);
    const { slice } = (await answer(registry, 'slice', at(composition, last), { first: 'zero', second: 'symmetry', radius: 1, grid: 5, seed: 1, ways: [], other: null, regions: false })) as SliceAnswer;
    // Zero is one way off, and both ends of the orbit's quarter turn are over and under it.
    expect(slice.values[2 * 5 + 4]).toBeCloseTo((first! ** 2 + second! ** 2) / 4, 6);
    for (const row of [0, 4]) expect(slice.values[row * 5 + 4]).toBeLessThan(1e-12);
    expect((await ran(dragged(ring, 0.98 / first!), 0)).values.at(-1)).toBeLessThan(1e-6);
    expect((await ran(dragged(ring, 1.02 / first!), 0)).values.at(-1)).toBeGreaterThan(1e-2);
  });

  it('rank-deficient saddle: descent stays there, the least eigenvalue is minus the missing one; noise leaves, later the smaller it is', async () => {
    const { composition } = rankDeficientSaddle;
    const stuck = await ran(composition, 1);
    expect(stuck.verdict.kind).toBe('strict-saddle');
    const { eigenvalues } = (await answer(registry, 'spectrum', at(composition, stuck.last, 1), { seed: 1 })) as SpectrumView;
    const free = await ran(composition, 0);
    expect(free.verdict.kind).toBe('global-minimum');
    expect(-eigenvalues![0]!).toBeCloseTo((free.last.tracked['singular-values'] as number[])[1]!, 5);
    const left = async (radius: number): Promise<number> => (await ran(dragged(rankDeficientSaddle, radius), 0)).values.findIndex((value) => value < stuck.values.at(-1)! / 2);
    const [small, middle, large] = [await left(1e-8), await left(1e-5), await left(1e-2)];
    expect(middle).toBeGreaterThan(large);
    // Three decades each: the same time.
    expect(Math.abs(small - middle - (middle - large))).toBeLessThanOrEqual(0.2 * (middle - large));
  });

  it('weights: spurious minima of value 4a/(1 + a) below 1/3, none above', async () => {
    for (const [a, count] of [[0.1, 2], [0.33, 2], [0.34, 0], [0.5, 0]] as const) {
      const composition = dragged(weighted, a);
      const found = await stationary({ ...weighted, composition }, (await ran(composition, 0)).last);
      const spurious = found.points.filter((point) => point.spurious);
      expect(found.complete).toBe(true);
      expect(spurious).toHaveLength(count);
      for (const { value } of spurious) expect(value).toBeCloseTo((4 * a) / (1 + a), 8);
    }
    expect((await ran(weighted.composition, 0)).last.value).toBeCloseTo(0.4 / 1.1, 10);
  });

  it('octopus: waits grow by 1 + ln 2 / ln 1.5 for gradient descent, hardly for perturbed descent; six saddles are too many', async () => {
    const { composition } = octopus;
    // After each saddle the value is lower by nu = 50 e^2 / 6.
    const fall = (50 * Math.E ** 2) / 6;
    const falls = ({ values }: Ran): number[] => Array.from({ length: 5 }, (_, k) => values.findIndex((value) => value < -(k + 0.9) * fall));
    const plain = falls(await ran(composition, 0));
    expect(plain[4]! / plain[3]! / (1 + Math.log(2) / Math.log(1.5))).toBeCloseTo(1, 1);
    const perturbed = falls(await ran(composition, 1));
    expect(perturbed[4]!).toBeLessThan(0.5 * plain[4]!);
    const six = await ran(dragged(octopus, 6), 0);
    expect(six.verdict.kind).toBe('strict-saddle');
    expect((await ran(dragged(octopus, 6), 1)).verdict.kind).toBe('second-order-point');
  });

  it('condition: about as long at 1, three times at 5, far from done at 20', async () => {
    const both = async (kappa: number): Promise<Ran[]> => [await ran(dragged(condition, kappa), 0), await ran(dragged(condition, kappa), 1)];
    const [one, five, twenty] = [await both(1), await both(5), await both(20)];
    expect(one[0]!.iterations / one[1]!.iterations).toBeLessThan(1.5);
    expect(five[0]!.iterations / five[1]!.iterations).toBeGreaterThan(2.5);
    expect(twenty[1]!.verdict.kind).toBe('global-minimum');
    expect(twenty[0]!.last.value).toBeGreaterThan(0.1);
  });

  it('edge: ends are of sharpness at most 2 / eta, near 6 for small steps, and balanced better the larger the step', async () => {
    const ends: { readonly step: number; readonly sharpness: number; readonly risen: boolean }[] = [];
    for (const step of [0.05, 0.3, 0.36, 0.4, 0.5]) {
      const { last, values, points } = await ran(dragged(edge, step), 0);
      // the window around the end holds the whole way
      const radius = edge.view!.radius!;
      expect(points.every((point) => point.every((x, i) => Math.abs(x - last.point[i]!) < radius))).toBe(true);
      ends.push({ step, sharpness: last.tracked['sharpness'] as number, risen: Math.max(...values) > values[0]! });
      expect(last.value).toBeLessThan(1e-12);
    }
    for (const { step, sharpness } of ends) expect(sharpness).toBeLessThanOrEqual((2 / step) * 1.001);
    expect(ends.map(({ risen }) => risen)).toEqual([false, false, true, true, true]);
    expect(ends[0]!.sharpness).toBeCloseTo(6, 1);
    expect(ends.at(-1)!.sharpness).toBeLessThan(2.1);
    expect(ends.every(({ sharpness }, k) => k === 0 || sharpness < ends[k - 1]!.sharpness)).toBe(true);
  });

  it('phase retrieval: spurious minima with 8 measurements, none with 20', async () => {
    for (const [measurements, spurious] of [[8, true], [20, false]] as const) {
      const composition = dragged(phase, measurements);
      const { points } = await stationary({ ...phase, composition }, (await ran(composition, 0)).last);
      expect(points.some((point) => point.spurious)).toBe(spurious);
    }
  });

  it('two wells: the mean time falls by sqrt(1 + a^2) by the law, by nearly as much exactly; each more the lower the temperature', async () => {
    const from = Float64Array.from(langevin.crossings!.from);
    const times = async (temperature: number, strength: number): Promise<ExitTimes> => (await answer(registry, 'analysis', { composition: langevin.composition, method: 0, point: from, run: 'run', iteration: 0 }, { id: 'exit-times', options: { temperature, strength, paths: 0 } })) as ExitTimes;
    const factors: number[] = [];
    for (const temperature of [0.1, 0.04]) {
      const [still, turning] = [await times(temperature, 0), await times(temperature, 2)];
      expect(still.height).toBeCloseTo(0.25, 12);
      expect(still.eyringKramers.time / turning.eyringKramers.time).toBeCloseTo(Math.sqrt(5), 9);
      factors.push(still.exact!.time / turning.exact!.time / Math.sqrt(5));
    }
    for (const factor of factors) expect(Math.abs(factor - 1)).toBeLessThan(0.1);
    expect(Math.abs(factors[1]! - 1)).toBeLessThan(Math.abs(factors[0]! - 1));
  });

  it('one more column: stuck at 3/4, then certified; the old point is a saddle of curvature -3; descent goes like 1/k^2', async () => {
    for (const method of [0, 1]) {
      const { last, verdict } = await ran(column.composition, method);
      expect(last.value).toBeCloseTo(0.75, 10);
      expect(verdict.kind).toBe('second-order-point');
    }
    const two = { ...dragged(column, 2), limits: { ...column.composition.limits, iterations: 1600 } };
    expect((await ran(two, 0)).verdict.kind).toBe('global-minimum');
    const { values, last } = await ran(two, 1);
    expect(values[800]! / values[1600]!).toBeGreaterThan(3.7);
    expect(values[800]! / values[1600]!).toBeLessThan(4.3);
    const old = { ...last, point: Float64Array.of(0, 0, Math.SQRT1_2, 0) };
    const { eigenvalues } = (await answer(registry, 'spectrum', at(two, old), { seed: 1 })) as SpectrumView;
    expect(eigenvalues![0]).toBeCloseTo(-3, 8);
  });
});
