/** What a person does: compose, run, hold, step, move through time, cut another section, compare, share, restore. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { catalogueOf } from '../src/engine/catalogue.ts';
import { loadRegistry } from '../src/engine/plugins.ts';
import type { Questions, RunEvent } from '../src/engine/protocol.ts';
import { answer } from '../src/engine/answer.ts';
import { run, Valve } from '../src/engine/run.ts';
import { fromAddress } from '../src/model/address.ts';
import { commandsOf } from '../src/model/command.ts';
import { type Composition, firstComposition } from '../src/model/composition.ts';
import { addressOf, allEnded, colours, openSite, saved, savedTable, type Site } from './site.ts';

let site: Site;
beforeAll(async () => { site = await openSite(); });
afterAll(() => site[Symbol.asyncDispose]());

/** What the packages compute here. */
async function inNode(composition: Composition, position: number) {
  const events: RunEvent[] = [];
  await run(await loadRegistry([]), composition, position, new Valve(Infinity), (event) => events.push(structuredClone(event)));
  const rows = events.flatMap((event) => (event.kind === 'progress' ? [...event.rows] : []));
  const kept = events.flatMap((event) => (event.kind === 'progress' ? event.kept : []));
  const last = events.find((event) => event.kind === 'ended')!.last;
  const verdict = events.find((event) => event.kind === 'judged')!.verdict;
  return { iterations: rows.filter((_, k) => k % 4 === 0), values: rows.filter((_, k) => k % 4 === 2), kept, last, verdict };
}

const start = (page: Page) => page.getByRole('button', { name: 'Start', exact: true }).click();
const composed = async (page: Page): Promise<Composition> => fromAddress(await addressOf(page))!.composition;

test('composes a problem and two methods, runs them, and reads the numbers that the packages give in Node', async () => {
  const { page, end } = await site.visit();
  await page.getByLabel('Objective').selectOption('matrix-completion');
  await page.getByLabel('rank required').or(page.getByLabel('rank', { exact: true })).first().fill('3');
  await page.getByText('Generated data').waitFor();
  await page.getByLabel('rows').fill('30');
  await page.getByLabel('cols').fill('25');
  await page.getByLabel('density').fill('0.6');
  await page.getByLabel('Method 1', { exact: true }).selectOption('lbfgs');
  await page.getByLabel('Method 2', { exact: true }).selectOption('gradient-descent');
  await page.locator('.method').nth(1).locator('summary').first().click();
  await page.locator('.method').nth(1).getByLabel('step', { exact: true }).first().selectOption('barzilai-borwein');
  await page.getByLabel('Seed').fill('7');
  await page.getByLabel('Seed').blur();
  await page.locator('.plan-method').nth(1).getByText(/Runs in f64/).waitFor();
  const composition = await composed(page);
  expect(composition).toMatchObject({
    objective: { id: 'matrix-completion', options: { rank: 3 } },
    generate: { rows: 30, cols: 25, density: 0.6 },
    methods: [{ id: 'lbfgs', options: {} }, { id: 'gradient-descent', options: { step: 'barzilai-borwein' } }],
    seed: 7,
    track: ['distance', 'effective-rank', 'singular-values'],
  });
  await start(page);
  await allEnded(page);
  const table = await savedTable(page, 'Traces');
  const names = table.get('run')!;
  for (const [position, id] of ['lbfgs', 'gradient-descent'].entries()) {
    const wanted = await inNode(composition, position);
    const mine = names.flatMap((name, k) => (name.startsWith(id) ? [k] : []));
    expect(mine.map((k) => Number(table.get('iteration')![k]))).toEqual(wanted.iterations);
    expect(mine.map((k) => Number(table.get('value')![k]))).toEqual(wanted.values);
    const last = mine.at(-1)!;
    expect(Number(table.get('distance')![last])).toBe(wanted.last.tracked['distance']);
    await page.getByText(wanted.verdict.sentence, { exact: true }).first().waitFor();
  }
  await end();
});

test('values of the wrong type in an address are left out, and that is said', async () => {
  const { page, end } = await site.visit('#objective=double-well&method1=gradient-descent&method1.step=fixed&method1.step.step=NaN&seed=1');
  await page.locator('.notices').getByText(/method1.step.step \(NaN\): no value of the type that is wanted there/).waitFor();
  expect((await composed(page)).methods).toEqual([{ id: 'gradient-descent', options: { step: 'fixed' } }]);
  await end();
});

test('cuts the section that was chosen, with the values that the packages give; levels and surface are no blank pictures', async () => {
  const { page, end } = await site.visit('#objective=matrix-factorization&objective.rank=2&generate.rows=12&generate.cols=9&generate.rank=2&method1=lbfgs&seed=3');
  await start(page);
  await allEnded(page);
  await page.getByText(/Exact: on this plane/).waitFor();
  const before = await page.locator('[data-panel=slice] canvas').screenshot();
  expect(await colours(page, '[data-panel=slice] canvas')).toBeGreaterThan(50);
  await page.getByLabel('Across').selectOption('smallest');
  await page.getByLabel(/^Up/).selectOption('random');
  await page.waitForFunction(() => document.querySelector('[data-panel=slice] canvas')?.getAttribute('aria-label')?.includes('least Hessian eigenvector'));
  expect(await page.locator('[data-panel=slice] canvas').screenshot()).not.toEqual(before);
  const composition = await composed(page);
  const { last } = await inNode(composition, 0);
  const { view } = fromAddress(await addressOf(page))!;
  const at = { composition, method: 0, point: last.point, run: 'run-1', iteration: last.iteration };
  const ask = { first: view.first, second: view.second, radius: view.radius, grid: view.grid, seed: view.sliceSeed, ways: [], other: null, regions: false };
  const { slice } = (await answer(await loadRegistry([]), 'slice', at, ask)) as Questions['slice']['answer'];
  const table = await savedTable(page, 'Slice');
  const values = table.get('value on the slice')!.slice(0, slice.values.length).map(Number);
  // directions come from iterations that Math of another engine rounds otherwise
  values.forEach((value, k) => { expect(Math.abs(value - slice.values[k]!)).toBeLessThanOrEqual(1e-9 * Math.abs(slice.values[k]!)); });

  await page.getByLabel('View').selectOption('surface');
  const canvas = '[data-panel=slice] canvas';
  await page.waitForFunction((selector) => document.querySelector(selector)?.getAttribute('aria-label')?.includes('surface') === true || document.querySelectorAll(selector).length > 0, canvas);
  await expect.poll(() => colours(page, canvas), { timeout: 15_000, interval: 300 }).toBeGreaterThan(50);
  await end();
});

test('holds a run, steps it, lets it go on, resets it; every panel shows the time of the scrubber', async () => {
  const { page, end } = await site.visit('#objective=double-well&method1=gradient-descent&method1.step=fixed&method1.step.step=0.01&limit.iterations=4000&seed=2');
  await page.getByLabel('Iterations', { exact: true }).first().waitFor();
  await page.locator('.run-controls select').selectOption({ label: '20 a second' });
  await start(page);
  const chip = page.locator('.run-words');
  await expect.poll(() => chip.innerText()).toMatch(/running, ([3-9]|\d\d) iterations/);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => chip.innerText()).toMatch(/^paused/);
  await page.waitForTimeout(150);
  const held = Number(/(\d+) iterations/.exec(await chip.innerText())![1]);
  await page.waitForTimeout(200);
  expect(await chip.innerText()).toBe(`paused, ${held} iterations`);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect.poll(() => chip.innerText()).toBe(`paused, ${held + 1} iterations`);
  // from here by the keyboard
  await page.locator('h1').click();
  await page.keyboard.press('s');
  await expect.poll(() => chip.innerText()).toBe(`paused, ${held + 2} iterations`);
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Home');
  await expect.poll(() => page.locator('.scrubber output').innerText()).toMatch(/^iteration 0 of/);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.locator('.scrubber output').innerText()).toMatch(/^iteration 1 of/);
  await expect.poll(() => addressOf(page)).toContain('view.at=1');
  await page.locator('.run-controls select').selectOption({ label: 'as fast as it goes' });
  await page.locator('h1').click();
  await page.keyboard.press(' ');
  await allEnded(page);
  await page.keyboard.press('r');
  await expect.poll(() => chip.innerText()).toBe('not started');
  await page.keyboard.press('s');
  await expect.poll(() => chip.innerText()).toBe('paused, 1 iteration');
  await page.waitForTimeout(200);
  expect(await chip.innerText()).toBe('paused, 1 iteration');
  await end();
});

test('a link restores everything, and the commands are those that repeat the runs', async () => {
  const first = await site.visit();
  await first.page.getByLabel('Seed').fill('11');
  await first.page.getByLabel('Seed').blur();
  await first.page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  await start(first.page);
  await allEnded(first.page);
  await first.page.getByLabel('Across').selectOption('largest');
  await first.page.getByRole('button', { name: 'Share' }).click();
  const link = await first.page.getByRole('textbox', { name: 'link' }).inputValue();
  const command = await first.page.getByRole('textbox', { name: 'command 1' }).inputValue();
  expect(command).toBe(commandsOf({ ...firstComposition, seed: 11 }, catalogueOf(await loadRegistry([])), ['factored', 'factored'])[0]);
  const state = await saved(first.page, 'Save the state as JSON');
  await first.page.keyboard.press('Escape');
  const before = await savedTable(first.page, 'Traces');
  const section = await savedTable(first.page, 'Slice');
  await first.end();

  const second = await site.visit(new URL(link).hash);
  expect(await second.page.getByLabel('Seed').inputValue()).toBe('11');
  await start(second.page);
  await allEnded(second.page);
  expect(await second.page.getByLabel('Across').inputValue()).toBe('largest');
  const after = await savedTable(second.page, 'Traces');
  for (const column of ['run', 'iteration', 'value', 'gradient norm', 'effective-rank']) expect(after.get(column)).toEqual(before.get(column));
  await second.end();

  const third = await site.visit();
  await third.page.getByLabel('Files').setInputFiles({ name: 'lowland.json', mimeType: 'application/json', buffer: state });
  await third.page.getByText(/The state of lowland.json is back, with 2 runs/).waitFor();
  expect(await third.page.getByLabel('Seed').inputValue()).toBe('11');
  const read = await savedTable(third.page, 'Traces');
  expect(read.get('value')).toEqual(before.get('value'));
  // its points came along: the section of the run that was looked at is cut without a run
  await third.page.getByText(/Exact: on this plane/).waitFor();
  const cut = await savedTable(third.page, 'Slice');
  for (const [column, cells] of section) if (!cells.includes('run-1')) expect([column, cut.get(column)]).toEqual([column, cells]);
  await third.end();
});

test('refusals stand in the plan with their reason, and in the list of methods', async () => {
  const { page, end } = await site.visit();
  await page.getByLabel('Method 1', { exact: true }).selectOption('augmented-lagrangian');
  const refused = page.locator('.plan-method').first().getByRole('alert');
  await refused.getByText(/This cannot run/).waitFor();
  expect(await refused.innerText()).toMatch(/LOWLAND_E_CAPABILITY/);
  expect(await page.getByLabel('Method 1', { exact: true }).locator('optgroup[label="Cannot run here"] option', { hasText: 'augmented-lagrangian' }).getAttribute('title')).toMatch(/needs/);
  await page.getByLabel('Method 1', { exact: true }).selectOption('lbfgs');
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  await end();
});
