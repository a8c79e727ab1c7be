/** What panels show and save: pictures that are read again, a surface that turns, levels where there is no WebGL, both colour schemes. */
import { parseOptions } from '@lowland/core';
import { type CertificateDocument, checkCertificate } from '@lowland/landscape/checker';
import { plugin } from '@lowland/objectives';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { allEnded, colours, openSite, pictured, saved, type Site } from './site.ts';

let site: Site;
beforeAll(async () => { site = await openSite(); });
afterAll(() => site[Symbol.asyncDispose]());

const problem = '#objective=matrix-factorization&objective.rank=2&objective.symmetric=true&generate.rows=5&generate.rank=2&generate.symmetric=1&method1=gradient-descent&method2=lbfgs&seed=3&track=singular-values,effective-rank,sharpness';
const canvas = '[data-panel=slice] canvas';

async function ended(hash = problem): Promise<Awaited<ReturnType<Site['visit']>>> {
  const visit = await site.visit(hash);
  await visit.page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(visit.page);
  await visit.page.getByText(/Exact: on this plane/).waitFor();
  await visit.page.getByText(/positive off the orbit/).waitFor();
  return visit;
}

test('every panel is saved as PNG, SVG and CSV, and these are read again', async () => {
  const { page, end } = await ended();
  await page.getByRole('button', { name: 'Find them' }).click();
  await page.getByText(/Points are counted modulo O\(2\)/).waitFor();
  await page.getByRole('button', { name: 'Find the region' }).click();
  await page.getByText(/The point is in R2/).waitFor();
  await page.getByRole('button', { name: 'Check it here: lbfgs' }).click();
  await page.getByText(/^Checked: every claim holds/).waitFor();
  // what is saved is what lowland verify reads: its data are made again from what it records
  const document = JSON.parse((await saved(page, 'Save certificate.json of lbfgs')).toString('utf8')) as CertificateDocument;
  expect(document.evidence.data.settings).toEqual({ generate: 'rows=5,rank=2,symmetric=1', holdout: 0 });
  const { generate } = plugin.objectives!.find(({ id }) => id === document.problem.objective)!;
  const { data } = generate!.create(parseOptions(generate!.options, { rows: 5, rank: 2, symmetric: 1 }, 'data'), document.evidence.seed);
  expect(checkCertificate(document, data).ok).toBe(true);
  await page.locator('[data-panel=analysis] select').first().selectOption('classify');
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByRole('region', { name: 'Result of classify' }).waitFor();
  for (const title of ['Traces', 'Slice', 'Hessian spectrum', 'Singular values', 'Stationary points', 'Regions', 'Verdict', 'Work', 'Plan', 'Any analysis']) {
    const svg = (await saved(page, `Save ${title} as SVG`)).toString('utf8');
    expect(svg).not.toMatch(/NaN|undefined|style=|href=/);
    expect(await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')?.textContent ?? null, svg)).toBeNull();
    const drawn = await pictured(page, Buffer.from(svg), 'image/svg+xml');
    const picture = await pictured(page, await saved(page, `Save ${title} as PNG`), 'image/png');
    expect({ title, blank: drawn.colours < 8 || picture.colours < 8, width: picture.width, height: picture.height }).toEqual({ title, blank: false, width: 2 * drawn.width, height: 2 * drawn.height });
    const csv = (await saved(page, `Save ${title} as CSV`)).toString('utf8').trim().split('\r\n');
    expect(csv.length).toBeGreaterThan(1);
    await page.getByText(`Data: ${title}`).click();
    const region = page.getByRole('region', { name: `Data: ${title}` });
    await region.waitFor();
    expect({ title, columns: await region.locator('th').allInnerTexts(), rows: await region.locator('tbody tr').count() }).toEqual({ title, columns: csv[0]!.split(','), rows: Math.min(50, csv.length - 1) });
  }
  await end();
});

test('a long search tells how far it is and how long it takes on, and is cancelled beside it; one that is too large says so', async () => {
  const { page, end } = await site.visit('#objective=matrix-factorization&objective.rank=3&generate.rows=40&generate.cols=30&generate.rank=3&method1=lbfgs&seed=1&limit.iterations=5&track=');
  const panel = page.locator('[data-panel=stationary-points]');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  await panel.getByText(/^210 variables: fewer starts are taken/).waitFor();
  await panel.getByRole('button', { name: 'Find them' }).click();
  await panel.getByText(/^Starts that are brought to rest \(part 1 of 4\): \d+ of \d+, about \d+ (s|min) left for these\.$/).waitFor();
  expect(Number(await panel.getByRole('progressbar').getAttribute('max'))).toBeGreaterThan(40);
  await panel.getByRole('button', { name: 'Cancel the search' }).click();
  await panel.getByRole('button', { name: 'Find them' }).waitFor();
  expect(await panel.getByRole('progressbar').count()).toBe(0);
  await page.goto(`${site.origin}#objective=matrix-factorization&objective.rank=3&generate.rows=90&generate.cols=80&method1=lbfgs&limit.iterations=2&track=`);
  await page.reload();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await panel.getByText(/They are not looked for here: there are 510 variables, and a Hessian is formed at each of the points, of 300 variables at most/).waitFor();
  expect(await panel.getByRole('button', { name: 'Find them' }).isDisabled()).toBe(true);
  await end();
});

test('the surface is turned by keys, and turned back; it is saved as it is seen', async () => {
  const { page, end } = await ended();
  await page.getByLabel('View').selectOption('surface');
  await page.locator(`${canvas}[data-ready=yes]`).waitFor();
  await expect.poll(() => colours(page, canvas), { timeout: 15_000, interval: 250 }).toBeGreaterThan(50);
  const shot = (): Promise<Buffer> => page.locator(canvas).screenshot();
  await page.locator(canvas).focus();
  const first = await shot();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('+');
  await expect.poll(async () => (await shot()).equals(first), { timeout: 10_000, interval: 200 }).toBe(false);
  expect((await pictured(page, await saved(page, 'Save Slice as PNG'), 'image/png')).colours).toBeGreaterThan(50);
  expect((await pictured(page, await saved(page, 'Save Slice as SVG'), 'image/svg+xml')).colours).toBeGreaterThan(50);
  await page.locator(canvas).focus();
  await page.keyboard.press('Home');
  await expect.poll(async () => (await shot()).equals(first), { timeout: 10_000, interval: 200 }).toBe(true);
  await end();
});

test('without WebGL the levels serve, and say why', async () => {
  const { page, end } = await site.visit();
  await page.addInitScript(() => {
    const proper = HTMLCanvasElement.prototype.getContext as (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) => RenderingContext | null;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind.startsWith('webgl') ? null : proper.call(this, kind, ...rest);
    } as HTMLCanvasElement['getContext'];
  });
  await page.goto(`${site.origin}${problem}&view.view=surface`);
  await page.reload();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  await page.getByText('No surface can be drawn here: this browser offers no WebGL 2. The levels show the same section.').waitFor();
  await expect.poll(() => colours(page, canvas), { timeout: 15_000, interval: 250 }).toBeGreaterThan(30);
  await end();
});

test('pictures follow the colour scheme', async () => {
  const { page, end } = await ended();
  const ink = (): Promise<string | null> => page.locator('[data-panel=spectrum] svg text').last().getAttribute('fill');
  const corner = (): Promise<number[]> => page.locator(canvas).evaluate((element) => {
    const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(element as HTMLCanvasElement, -2, -2);
    return [...copy.getImageData(0, 0, 1, 1).data];
  });
  expect(await ink()).toBe('#17212b');
  expect(await corner()).toEqual([255, 255, 255, 255]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(ink).toBe('#e8edf1');
  await expect.poll(corner).toEqual([0x18, 0x20, 0x27, 255]);
  await end();
});
