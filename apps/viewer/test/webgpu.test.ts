/** The GPU in the page: SwiftShader, which must be there; and a browser that has none. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { basinMap } from '../src/engine/analyses/basin-map.ts';
import { loadRegistry } from '../src/engine/plugins.ts';
import { toAddress } from '../src/model/address.ts';
import type { Options } from '../src/model/composition.ts';
import { defaultView } from '../src/model/view.ts';
import { basins } from '../src/scenes/basins.ts';
import { allEnded, openSite, savedTable, type Site } from './site.ts';

let [withGpu, without]: Site[] = [];
beforeAll(async () => { [withGpu, without] = await Promise.all([openSite(['--enable-unsafe-webgpu']), openSite()]); });
afterAll(() => Promise.all([withGpu![Symbol.asyncDispose](), without![Symbol.asyncDispose]()]));

const problem = '#objective=matrix-factorization&objective.rank=2&generate.rows=12&generate.cols=9&generate.rank=2&method1=gradient-descent&seed=3&limit.iterations=400&track=';
const backend = (page: Page) => page.getByLabel('Backend', { exact: true });

test('a factorisation runs on the GPU in f32; its verdict is decided on the cpu in f64, and says so; the plan shows what the GPU refuses', async () => {
  const { page, end } = await withGpu!.visit(problem);
  await backend(page).selectOption('webgpu');
  await page.locator('.plan-method').first().getByText(/Runs in f32/).waitFor();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  const verdict = page.locator('[data-panel=verdict]');
  await verdict.getByText(/^Decided on the cpu in f64, at .*the run reached on webgpu.* in f32/).waitFor();
  expect(await verdict.locator('.panel-verdict').getAttribute('data-kind')).toBe('global-minimum');
  const traces = await savedTable(page, 'Traces');
  const values = traces.get('value')!.map(Number);
  expect(values.at(-1)!).toBeLessThan(1e-9 * values[0]!);

  // the same start and the same steps on the cpu, up to the rounding of f32
  await backend(page).selectOption('cpu');
  await page.getByRole('button', { name: 'Start again' }).click();
  await allEnded(page);
  const first = (await savedTable(page, 'Traces')).get('value')!.map(Number);
  expect(Math.abs(first[0]! - values[0]!)).toBeLessThan(1e-5 * first[0]!);

  await backend(page).selectOption('webgpu');
  await page.getByLabel('Objective').selectOption('double-well');
  const refused = page.locator('.plan-method').first().getByRole('alert');
  await refused.waitFor();
  expect(await refused.innerText()).toMatch(/host[^]*LOWLAND_E_KERNEL/);
  await end();
});

test('a map of basins is computed on the GPU, with the bits of the cpu in f32', async () => {
  const [radius, grid] = [2.6, 7];
  const state = (id: string, options: Options) => ({ composition: { ...basins.composition, methods: basins.composition.methods.slice(0, 1), backend: { id, options }, limits: { ...basins.composition.limits, iterations: 30, gradientTolerance: 1e-3 } }, view: { ...defaultView, ...basins.view, scene: basins.id, radius, grid }, plugins: [] });
  const wanted = await basinMap(await loadRegistry([]), state('cpu', { dtype: 'f32' }).composition, { radius, grid }, () => undefined);
  const { page, end } = await withGpu!.visit(toAddress(state('webgpu', {})));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('[data-panel=basins]').getByText(/^In all .* starts on webgpu.* in f32/).waitFor();
  expect(await page.locator('[data-panel=basins]').getByText('one after another').count()).toBe(0);
  const table = await savedTable(page, 'Basins');
  expect(table.get('end')).toEqual(Array.from(wanted.labels, (label) => ends[label] ?? String(label + 1)));
  expect(table.get('steps')!.map(Number)).toEqual([...wanted.steps]);
  await end();
});

test('a GPU that is lost is said so; the run goes on from its last checkpoint to the end of one that was not disturbed', async () => {
  // slow enough to be seen, and to be lost on the way
  const address = `${problem.replace('limit.iterations=400', 'limit.iterations=640')}&limit.gradientTolerance=1e-6&method1.step=fixed&method1.step.step=0.002&backend=webgpu`;
  const { page, end } = await withGpu!.visit();
  // what is within the reach of the worker alone: the devices that it opens
  const patch = 'const own = GPUAdapter.prototype.requestDevice; GPUAdapter.prototype.requestDevice = async function (...given) { const device = await own.apply(this, given); (globalThis.devices ??= []).push(device); return device; };';
  await page.route('**/worker-*.js', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: patch + (await answer.text()) });
  });
  await page.goto(`${withGpu!.origin}${address}`);
  await page.reload();
  await page.locator('.plan-method').first().getByText(/Runs in f32/).waitFor();
  await page.locator('.run-controls select').selectOption({ label: '5 a second' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const chip = page.locator('.run-words');
  await expect.poll(() => chip.innerText(), { timeout: 20_000 }).toMatch(/running, (1[6-9]\d|[2-6]\d\d) iterations/);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => chip.innerText()).toMatch(/^paused/);
  const lost = await Promise.all(page.workers().map((worker) => worker.evaluate(() => {
    const devices = (globalThis as unknown as { devices?: { destroy: () => void }[] }).devices ?? [];
    for (const device of devices) device.destroy();
    return devices.length;
  })));
  expect(lost.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  const told = page.locator('.run-list').getByRole('alert').getByText(/lost.*Continue goes on from iteration [1-9]\d*\.$/i);
  // by a step that was on its way when the run was held, else by the next one
  await told.waitFor({ timeout: 2000 }).catch(() => page.getByRole('button', { name: 'Continue' }).click());
  await told.waitFor();
  expect(await chip.innerText()).toMatch(/^paused/);
  await page.locator('.run-controls select').selectOption({ label: 'as fast as it goes' });
  await page.getByRole('button', { name: 'Continue' }).click();
  await allEnded(page);
  const after = await savedTable(page, 'Traces');
  await page.getByRole('button', { name: 'Start again' }).click();
  await allEnded(page);
  const undisturbed = await savedTable(page, 'Traces');
  expect(after.get('iteration')).toEqual(undisturbed.get('iteration'));
  expect(after.get('value')).toEqual(undisturbed.get('value'));
  await end();
});

const ends: Readonly<Record<number, string>> = { [-1]: 'still going', [-2]: 'diverged' };

test('where there is no GPU the page says why it is not offered', async () => {
  const { page, end } = await without!.visit(`${problem}&backend=webgpu`);
  await page.getByText(/^No GPU is offered\. (WebGPU finds no GPU|This browser has no WebGPU)/).waitFor();
  await backend(page).selectOption('cpu');
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  expect(await page.getByRole('status').filter({ hasText: 'No GPU is offered' }).count()).toBe(1);
  await end();
});
