import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { chromium } from '@lowland/vitest-config/chromium';
import { type Browser, chromium as driver } from 'playwright';
import { build } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Findings, findings } from './findings.ts';

/** One file as browsers load it. */
async function bundle(entry: string): Promise<string> {
  const { output } = await build({
    input: join(import.meta.dirname, entry),
    platform: 'browser',
    resolve: { conditionNames: ['@lowland/source', 'browser', 'import', 'default'] },
    output: { format: 'es', codeSplitting: false },
    write: false,
  });
  return output[0].code;
}

/** Answers of a site whose every file has these headers. */
function serve(files: ReadonlyMap<string, readonly [type: string, text: string]>, headers: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer((request, response) => {
    const [type, text] = files.get(request.url ?? '') ?? ['text/plain', ''];
    response.writeHead(text === '' ? 404 : 200, { ...headers, 'content-type': type });
    response.end(text);
  });
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => { resolve(server); }); });
}

let browser: Browser;
let files: ReadonlyMap<string, readonly [string, string]>;
beforeAll(async () => {
  const [page, worker] = await Promise.all([bundle('page.ts'), bundle('worker.ts')]);
  files = new Map([
    ['/', ['text/html', '<!doctype html><title>linalg</title><link rel="icon" href="data:,"><body><script type="module" src="/page.js"></script>']],
    ['/page.js', ['text/javascript', page]],
    ['/worker.js', ['text/javascript', worker]],
  ]);
  browser = await driver.launch(chromium());
});
afterAll(() => browser.close());

async function visit(headers: Readonly<Record<string, string>>): Promise<{ page: Findings; worker: Findings }> {
  const server = await serve(files, headers);
  const page = await browser.newPage();
  const errors: unknown[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const text = await page.locator('pre').textContent({ timeout: 10_000 });
  await page.close();
  server.close();
  expect(errors).toEqual([]);
  return JSON.parse(text ?? '') as { page: Findings; worker: Findings };
}

const here = await findings();
const simd = { variant: 'simd', insisted: 'simd', digest: here.digest, isolated: false, sharedMemory: false, threads: 'LOWLAND_E_THREADS', held: here.held };
const plain = { ...simd, variant: 'plain', insisted: 'LOWLAND_E_WEBASSEMBLY' };
const isolated = { ...simd, isolated: true, sharedMemory: true };
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const policy = (text: string) => ({ 'content-security-policy': `default-src 'self'; img-src data:; ${text}` });

test('two threads have the bits of one', () => {
  expect(here.threads).toBe(here.digest);
});

test('a stored certificate holds, here and, below, in pages and workers', () => {
  expect(here.held).toEqual(['words', 'data', 'value', 'lower bound', 'gap', 'relative gap', 'least eigenvalue', 'rank', 'failure probability', 'verdict']);
});

test.each<[string, Record<string, string>, { page: object; worker: object }]>([
  ['a site that says nothing: one thread, no shared memory', {}, { page: simd, worker: simd }],
  ['a cross-origin isolated site: threads in workers', isolation, { page: isolated, worker: { ...isolated, threads: here.digest } }],
  ['a strict policy, which forbids WebAssembly: plain kernels, to the same bits', policy(''), { page: plain, worker: plain }],
  ['a strict policy that allows WebAssembly', policy("script-src 'self' 'wasm-unsafe-eval'"), { page: simd, worker: simd }],
  ['the same, isolated: no workers from blobs', { ...isolation, ...policy("script-src 'self' 'wasm-unsafe-eval'") }, { page: isolated, worker: isolated }],
  [
    'the same with workers from blobs',
    { ...isolation, ...policy("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:") },
    { page: isolated, worker: { ...isolated, threads: here.digest } },
  ],
])('%s', async (_, headers, expected) => {
  expect(await visit(headers)).toEqual(expected);
});
