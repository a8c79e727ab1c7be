/** Whoever looks at it, and on whatever: contrast, names, keyboard, colours, sizes, time. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { AxeResults } from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { allEnded, expectWords, openSite, servePage, type Site } from './site.ts';

let site: Site;
let axe: string;
beforeAll(async () => {
  [site, axe] = await Promise.all([openSite(), readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')]);
});
afterAll(() => site[Symbol.asyncDispose]());

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ resultTypes: ['violations'] }));
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`));
}

/** What a person can use and does not come to by the Tab key, or comes to behind something else. Pictures are no such things: tables and the scrubber stand for them. */
async function notReached(page: Page): Promise<readonly string[]> {
  const covered: string[] = [];
  for (let k = 0; k < 400; k++) {
    await page.keyboard.press('Tab');
    const met = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return { again: false, covered: null };
      const again = element.dataset['walked'] !== undefined;
      element.dataset['walked'] = '';
      const { x, y, width, height } = element.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      // rows of buttons that scroll sideways glide there
      const seen = element.closest('nav') !== null || top === null || element.contains(top) || top.contains(element) || top.closest('label')?.contains(element) === true;
      return { again, covered: seen ? null : `behind something: ${element.outerHTML.slice(0, 80)}` };
    });
    if (met.again) break;
    if (met.covered !== null) covered.push(met.covered);
  }
  const missed = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('button:enabled, select:enabled, input:enabled, textarea, summary, a[href]')].filter((element) => element.checkVisibility() && !element.classList.contains('hidden') && element.dataset['walked'] === undefined).map((element) => element.outerHTML.slice(0, 80)));
  return [...covered, ...missed];
}

const looks: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light, 1280 × 720', { colorScheme: 'light' }],
  ['dark, phone, reduced motion', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, reducedMotion: 'reduce', hasTouch: true }],
];

test.each(looks)('no serious finding of axe, and nothing sticks out sideways: %s', async (_, options) => {
  const { page, end } = await site.visit('', options);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  await page.getByText(/Exact: on this plane/).waitFor();
  await page.getByText(/positive off the orbit/).waitFor();
  await page.getByRole('button', { name: /^Check it here/ }).first().click();
  await page.getByText(/^Checked: every claim holds/).waitFor();
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByRole('region', { name: 'Result of nullity' }).waitFor();
  await page.getByLabel('View').selectOption('surface');
  await page.locator('[data-panel=slice] canvas[data-ready=yes]').waitFor();
  expect(await findings(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  // time and start stay in sight
  await page.locator('[data-panel=spectrum]').scrollIntoViewIfNeeded();
  for (const name of ['Start again', 'Play']) expect((await page.getByRole('button', { name, exact: true }).boundingBox())!.y).toBeGreaterThanOrEqual(0);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await findings(page)).toEqual([]);
  await end();
});

test('everything by the keyboard alone: compose, run, look, share', async () => {
  const { page, end } = await site.visit('#objective=double-well&method1=gradient-descent&seed=1&limit.iterations=50');
  await page.keyboard.press('Tab');
  const seen = new Set<string>();
  for (let k = 0; k < 120; k++) {
    seen.add(await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? (element as HTMLInputElement | null)?.labels?.[0]?.innerText ?? (element as HTMLElement | null)?.innerText ?? '';
    }));
    if (seen.has('Start')) break;
    await page.keyboard.press('Tab');
  }
  expect([...seen].join('|')).toMatch(/Objective[\s\S]*Method 1[\s\S]*seed/i);
  await page.keyboard.press('Enter');
  await allEnded(page);
  // all that comes without being asked for is there before it is walked through
  for (const panel of ['Slice', 'Hessian spectrum']) await page.getByRole('button', { name: `Save ${panel} as CSV` }).waitFor();
  expect(await notReached(page)).toEqual([]);
  await page.keyboard.press('l');
  await page.getByRole('textbox', { name: 'link' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByText(/Nothing leaves your computer/).waitFor();
  // a key that comes before the browser has told of the closing counts, too
  await page.evaluate(() => {
    document.querySelector('dialog')!.close();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'l', bubbles: true }));
  });
  await page.getByRole('textbox', { name: 'link' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await end();
});

test('the first useful paint comes within 2 s, and a 256 × 256 section of a 1000 × 1000 rank-10 factorisation within 1 s', async () => {
  const { page, end } = await site.visit('#objective=matrix-factorization&objective.rank=10&generate.rows=1000&generate.cols=1000&generate.rank=10&method1=gradient-descent&seed=1&limit.iterations=3&view.first=random&view.second=random&view.grid=256');
  // useful: what can be composed is there
  const useful = [await page.evaluate(() => performance.now())];
  for (let attempt = 0; attempt < 3 && !useful.some((time) => time < 2000); attempt++) {
    await page.reload();
    await page.locator('.compose').waitFor();
    useful.push(await page.evaluate(() => performance.now()));
  }
  expect(Math.min(...useful)).toBeLessThan(2000);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  const words = page.getByText(/256 × 256 places in/);
  await words.waitFor();
  const times: number[] = [];
  // other work on the machine counts, too: the best of a few
  for (let attempt = 0; attempt < 4 && !times.some((time) => time < 1000); attempt++) {
    if (attempt > 0) {
      const before = await words.innerText();
      await page.getByRole('button', { name: 'Draw other directions' }).click();
      await page.waitForFunction((text) => [...document.querySelectorAll('.panel-notes li')].some((item) => item.textContent.includes('places in') && item.textContent !== text), before);
    }
    times.push(Number(/places in ([\d.,]+)\s*ms/.exec(await words.innerText())?.[1]?.replace(',', '') ?? NaN));
  }
  expect(Math.min(...times)).toBeLessThan(1000);
  await end();
});

test('a page that is there goes on when its server has gone: it composes, runs, cuts, turns, opens files', async () => {
  const { origin, close } = await servePage();
  const { page, end } = await site.visitAt(origin);
  await page.getByRole('button', { name: 'Help' }).click();
  await page.getByText(/All parts of the page are here/).waitFor();
  await page.keyboard.press('Escape');
  close();
  await page.getByLabel('Seed', { exact: true }).fill('5');
  await page.keyboard.press('Enter');
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  expect(await page.locator('.run-words').allInnerTexts()).toEqual([expect.stringMatching(/^budget/), expect.stringMatching(/^converged/)]);
  await page.getByText(/Exact: on this plane/).waitFor();
  await page.getByLabel('View').selectOption('surface');
  await page.locator('canvas.surface').waitFor();
  await page.getByLabel('Files', { exact: true }).setInputFiles({ name: 'trace.csv', mimeType: 'text/plain', buffer: Buffer.from('iteration,seconds,value,gradientNorm\n0,0,1,1\n') });
  await expectWords(page.locator('.notices'), /^trace.csv is shown/);
  await end();
});
