/** Plugins that a person loads: one that works, and those that throw, or never return. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { addressOf, allEnded, expectWords, openSite, type Site, type Visit } from './site.ts';

let site: Site;
beforeAll(async () => { site = await openSite(); });
afterAll(() => site[Symbol.asyncDispose]());

/** Descent whose step is the program given. */
const plugin = (step: string, top = ''): string => `
  ${top}
  const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }), jsonSchema: { input: () => ({ type: 'object', properties: { rate: { type: 'number', default: 0.01, description: 'How far.' } } }) } } };
  export default { apiVersion: 1, name: 'outside', version: '1.0.0', optimizers: [{
    apiVersion: 1, id: 'outside-descent', summary: 'A method from outside.', options: schema,
    create: ({ rate = 0.01 } = {}) => ({
      id: 'outside-descent', requires: ['gradient'], options: { rate }, readsPerStep: 0,
      start({ problem, device, state }) {
        const point = state(); const gradient = state();
        return { state: { point }, step() { ${step} } };
      },
    }),
  }] };`;
const descent = plugin('problem.gradient(point, gradient); device.kernels.axpy(-rate, gradient, point);');

async function load(page: Page, text: string): Promise<void> {
  await page.getByLabel('Files', { exact: true }).setInputFiles({ name: 'outside.js', mimeType: 'text/javascript', buffer: Buffer.from(text) });
  await page.getByText(/A plugin is a program/).waitFor();
  await page.getByRole('button', { name: 'Load outside.js' }).click();
}

/** On a small problem that ends soon, with little patience. */
const small = '#objective=double-well&method1=lbfgs&seed=1&limit.iterations=200&limit.patience=1.5';

async function visitWith(text: string, method = true): Promise<Visit> {
  const visit = await site.visit(small);
  await load(visit.page, text);
  if (!method) return visit;
  await visit.page.getByRole('dialog').waitFor({ state: 'detached' });
  await visit.page.getByRole('button', { name: 'Add a method' }).click();
  await visit.page.getByLabel('Method 2', { exact: true }).selectOption('outside-descent');
  await visit.page.locator('.plan-method').nth(1).getByText(/Runs in f64/).waitFor();
  return visit;
}

/** The page goes on: the other method runs to its end. */
async function alive(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Start/ }).click();
  await allEnded(page);
  expect(await page.locator('.run-list li').first().getAttribute('data-status')).toBe('ended');
}

test('a method from outside runs after a warning, with a form of its own', async () => {
  const { page, end } = await visitWith(descent);
  expect(await page.locator('.method').nth(1).getByText('A method from outside.').count()).toBe(1);
  await alive(page);
  expect(await page.locator('.run-list li').nth(1).getAttribute('data-status')).toBe('ended');
  await end();
});

test('one that posts messages of its own is not heard; one that changes how workers speak is refused', async () => {
  const { page, end } = await visitWith(plugin('postMessage({ kind: "progress" }); problem.gradient(point, gradient); device.kernels.axpy(-rate, gradient, point);', "postMessage(null); postMessage(7); postMessage({ kind: 'ready', catalogue: null }); postMessage({ kind: 'nonsense' });"));
  await alive(page);
  expect(await page.locator('.run-list li').nth(1).getAttribute('data-status')).toBe('ended');
  await load(page, plugin('', "const { postMessage: own } = MessagePort.prototype; MessagePort.prototype.postMessage = function () { own.call(this, { kind: 'ready', catalogue: 7 }); };"));
  await expectWords(page.getByRole('dialog'), /A plugin has changed how workers speak/);
  await end();
});

test('one that throws in a step: its run fails with its words, the others go on', async () => {
  const { page, end } = await visitWith(plugin("throw new Error('the third wheel came off');"));
  await alive(page);
  await expectWords(page.locator('.run-list'), 'the third wheel came off');
  await end();
});

test('one whose step never returns: its worker is ended when patience is, the others go on', async () => {
  const { page, end } = await visitWith(plugin('for (;;) {}'));
  await alive(page);
  await expectWords(page.locator('.run-list'), /Nothing was heard for 1.5 s, so the worker was ended/);
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'Remove method 2' }).click();
  await alive(page);
  await end();
});

test('one that does not return when it is made is named and left out; all else is planned and runs', async () => {
  const { page, end } = await visitWith(descent.replace('create: ({ rate = 0.01 } = {}) => ({', 'create: ({ rate = 0.01 } = {}) => { for (;;) {} return ({').replace(/\}\),\s*\}\] \};$/, '}) }, }] };'), false);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expectWords(page.locator('.notices'), /Nothing was heard for 1.5 s, so the worker was ended: outside-descent, which a plugin brought, did not return when it was made/);
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  expect(await page.getByLabel('Method 1', { exact: true }).locator('optgroup[label="Cannot run here"] option', { hasText: 'outside-descent' }).getAttribute('title')).toMatch(/does not return when it is made/);
  await page.getByRole('button', { name: 'Add a method' }).click();
  await page.getByLabel('Method 2', { exact: true }).selectOption('outside-descent');
  await expectWords(page.locator('.method').nth(1), /does not return when it is made, so it is left out until plugins are loaded anew/);
  await alive(page);
  await expectWords(page.locator('.run-list li').nth(1), /outside-descent, which a plugin brought, did not return/);
  await end();
});

test('modules that do not load, or are no plugins, are refused; what was there stays', async () => {
  const { page, end } = await visitWith("throw new Error('no licence');", false);
  await expectWords(page.getByRole('dialog'), /outside.js does not load: no licence/);
  await page.keyboard.press('Escape');
  await load(page, 'export const nothing = 1;');
  await expectWords(page.getByRole('dialog'), /exports no plugin/);
  await page.keyboard.press('Escape');
  await load(page, "import { plan } from '@lowland/core'; export default plan;");
  await expectWords(page.getByRole('dialog'), /imports nothing by name/);
  await page.keyboard.press('Escape');
  await alive(page);
  await end();
});

test('one by its address: from a site of https, or of http on this machine; where there is none, or it does not answer to other pages, that is said', async () => {
  const served = new Map([['/descent.js', { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }], ['/closed.js', { 'content-type': 'text/javascript' }]]);
  const server = createServer((request, response) => {
    const headers = served.get(request.url ?? '');
    response.writeHead(headers === undefined ? 404 : 200, { 'access-control-allow-origin': '*', ...headers, ...(request.url === '/closed.js' && { 'access-control-allow-origin': 'https://elsewhere.example' }) });
    response.end(headers === undefined ? 'no' : descent);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { page, complaints } = await site.visit(small);
  const dialog = page.getByRole('dialog');
  const address = dialog.getByRole('textbox');
  await page.getByRole('button', { name: 'Plugins' }).click();
  const ask = async (source: string) => {
    await address.fill(source);
    await page.getByRole('button', { name: 'Load it' }).click();
  };
  await ask('ftp://127.0.0.1/descent.js');
  await expectWords(dialog, /begins with https:\/\/ or http:\/\/; ftp:/);
  await ask(`${home}/nothing.js`);
  await expectWords(dialog, /nothing.js answers 404 Not Found: look at the address/);
  await ask(`${home}/closed.js`);
  await expectWords(dialog, /closed.js cannot be reached, or its site does not let other pages read it \(CORS\)\. Download the file and drop it here/);
  await ask(`${home}/descent.js`);
  await dialog.waitFor({ state: 'detached' });
  expect(await page.getByLabel('Method 1', { exact: true }).locator('option', { hasText: 'outside-descent' }).count()).toBe(1);
  expect(await addressOf(page)).toContain(`plugin=${home}/descent.js`);
  await page.context().close();
  server.close();
  expect(complaints.filter((words) => !words.includes(home))).toEqual([]);
});

test('an address that names a plugin loads nothing until the person agrees', async () => {
  const source = 'https://plugins.example/descent.js';
  const { page, complaints } = await site.visit(`#plugin=${source}&objective=double-well&method1=outside-descent&seed=1&limit.iterations=20`);
  await page.route(source, (route) => route.fulfill({ contentType: 'text/javascript', headers: { 'access-control-allow-origin': '*' }, body: descent }));
  await expectWords(page.locator('.notices'), /names a plugin, which was not loaded: https:\/\/plugins.example/);
  expect(complaints).toEqual([]);
  await page.getByRole('button', { name: 'Plugins' }).click();
  await page.getByRole('button', { name: 'Load it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('.plan-method').first().getByText(/Runs in f64/).waitFor();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await allEnded(page);
  expect(complaints).toEqual([`asked for ${source}`]);
  expect(await addressOf(page)).toContain(`plugin=${source}`);
  await page.context().close();
});
