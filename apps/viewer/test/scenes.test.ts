/** Guided terrains as a person meets them: opened one after another, dragged, shared. */
import type { ExitTimes } from '@lowland/landscape';
import { full } from '@lowland/vitest-config/full';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { answer } from '../src/engine/answer.ts';
import { loadRegistry } from '../src/engine/plugins.ts';
import type { Standpoint } from '../src/engine/protocol.ts';
import { basinMap } from '../src/engine/analyses/basin-map.ts';
import { fromAddress, toAddress } from '../src/model/address.ts';
import { defaultView } from '../src/model/view.ts';
import { basins } from '../src/scenes/basins.ts';
import { scenes } from '../src/scenes/scenes.ts';
import { addressOf, allEnded, colours, openSite, savedTable, type Site } from './site.ts';

let site: Site;
beforeAll(async () => { site = await openSite(); });
afterAll(() => site[Symbol.asyncDispose]());

const canvas = '[data-panel=slice] canvas';
const points = (page: Page): Promise<string[]> => savedTable(page, 'Stationary points').then((table) => table.get('kind')!);

/** Facts of all are tested without a browser; here a few tell whether the page shows them, in full runs each. */
const visited = full ? scenes : scenes.filter(({ id }) => ['rank-deficient-saddle', 'octopus', 'one-more-column'].includes(id));

test('each scene runs, says its words, and its picture is not blank', async () => {
  const { page, end } = await site.visit();
  await page.getByRole('navigation', { name: 'Guided terrains' }).getByRole('button').first().click();
  for (const scene of visited) {
    await page.getByLabel('Guided terrain').selectOption(scene.id);
    await page.getByRole('heading', { name: scene.title }).waitFor();
    expect(await page.locator('.scene-words p').allInnerTexts()).toEqual(scene.paragraphs);
    await allEnded(page);
    expect(await page.locator('.run-list [data-status=failed]').count()).toBe(0);
    await page.locator(canvas).waitFor();
    await expect.poll(() => colours(page, canvas), { timeout: 15_000, interval: 250 }).toBeGreaterThan(30);
    for (const { label } of scene.drags) expect(await page.locator('.scene-drag', { hasText: label }).getByRole('slider').isEnabled()).toBe(true);
  }
  await end();
});

test('two wells: crossing times as in Node, with their interval, and a picture that is not blank', async () => {
  const { page, end } = await site.visit();
  await page.getByRole('button', { name: 'Noise between two wells' }).click();
  const panel = page.locator('[data-panel=crossings]');
  await panel.getByText(/^The second crosses sooner by a factor: simulated [\d.]+ \(95 %/).waitFor();
  const table = await savedTable(page, 'Crossing times');
  const registry = await loadRegistry([]);
  const scene = scenes.find(({ id }) => id === 'two-wells')!;
  const at: Standpoint = { composition: scene.composition, method: 0, point: Float64Array.from(scene.crossings!.from), run: 'run-1', iteration: 0 };
  const { eyringKramers, exact } = (await answer(registry, 'analysis', at, { id: 'exit-times', options: { temperature: 0.1, strength: 0, paths: 0 } })) as ExitTimes;
  const shown = (column: string): number => Number(table.get(column)![0]);
  // exponentials differ in their last bits between programs
  expect(Math.abs(shown('law') / eyringKramers.time - 1)).toBeLessThan(1e-12);
  expect(Math.abs(shown('exact') / exact!.time - 1)).toBeLessThan(1e-12);
  // the simulation has the exact mean within five standard errors, both runs
  for (const k of [0, 1]) expect(Math.abs(Number(table.get('simulated')![k]) - Number(table.get('exact')![k]))).toBeLessThan(5 * Number(table.get('standard error')![k]));
  expect(await colours(page, '[data-panel=crossings] svg.panel-figure')).toBeGreaterThan(8);
  await end();
});

test('dragging the weight over one third turns spurious minima into saddles; the address remembers', async () => {
  const { page, end } = await site.visit();
  await page.getByRole('button', { name: 'A weight passes one third' }).click();
  await allEnded(page);
  await page.getByText('All 9 stationary points').waitFor();
  expect((await points(page)).filter((kind) => kind === 'local minimum')).toHaveLength(2);
  await page.getByText('Marked: 9 of 9').waitFor();
  const before = await page.locator(canvas).screenshot();
  const slider = page.locator('.scene-drag').getByRole('slider');
  await slider.focus();
  for (let k = 0; k < 24; k++) await page.keyboard.press('ArrowRight');
  expect(await slider.inputValue()).toBe('0.34');
  await page.getByText('All 5 stationary points').waitFor();
  expect((await points(page)).filter((kind) => kind === 'saddle')).toHaveLength(2);
  await page.getByText('Marked: 5 of 5').waitFor();
  await allEnded(page);
  expect(await page.locator(canvas).screenshot()).not.toEqual(before);
  const hash = await addressOf(page);
  expect(fromAddress(hash)).toMatchObject({ composition: { objective: { id: 'weighted-two-by-two', options: { a: 0.34 } } }, view: { scene: 'weight-one-third', first: 'coordinate', centre: 'zero' } });
  await end();

  const again = await site.visit(hash);
  await again.page.getByRole('heading', { name: 'A weight passes one third' }).waitFor();
  expect(await again.page.locator('.scene-drag').getByRole('slider').inputValue()).toBe('0.34');
  await again.page.getByRole('button', { name: 'Close' }).click();
  await again.page.getByRole('navigation', { name: 'Guided terrains' }).waitFor();
  expect(await again.page.locator('.scene-drag').count()).toBe(0);
  await again.end();
});

test('the map of basins is drawn as runs go, with the numbers of Node; with another step it is another', async () => {
  const [radius, grid] = [2.6, 33];
  const { page, end } = await site.visit(toAddress({ composition: basins.composition, view: { ...defaultView, ...basins.view, scene: basins.id, radius, grid }, plugins: [] }));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const panel = page.locator('[data-panel=basins]');
  const registry = await loadRegistry([]);
  const agrees = async (step: number): Promise<void> => {
    const wanted = await basinMap(registry, basins.drags[0]!.write(basins.composition, step), { radius, grid }, () => undefined);
    await panel.getByText(`In all ${wanted.taken} steps of gradient-descent`).waitFor();
    // until the page has begun anew the map is the one before
    await expect.poll(async () => (await savedTable(page, 'Basins')).get('steps')!.map(Number), { timeout: 15_000, interval: 300 }).toEqual([...wanted.steps]);
    expect((await savedTable(page, 'Basins')).get('end')).toEqual(Array.from(wanted.labels, (label) => (label === -2 ? 'diverged' : String(label + 1))));
  };
  await agrees(0.3);
  await expect.poll(() => colours(page, '[data-panel=basins] canvas')).toBeGreaterThan(15);
  const before = await panel.locator('canvas').screenshot();
  const slider = page.locator('.scene-drag', { hasText: 'Step' }).getByRole('slider');
  await slider.focus();
  for (let k = 0; k < 3; k++) await page.keyboard.press('ArrowRight');
  await agrees(0.33);
  expect(await panel.locator('canvas').screenshot()).not.toEqual(before);
  await end();
});
