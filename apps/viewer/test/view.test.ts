/** `lowland view`: the folder that it serves, a run that goes on in it, and who may read it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { dist, expectWords, openSite, savedTable, type Site } from './site.ts';

let site: Site;
let root: string;
const children: ChildProcess[] = [];
beforeAll(async () => { [site, root] = await Promise.all([openSite(), mkdtemp(join(tmpdir(), 'lowland-live-'))]); });
afterAll(async () => {
  for (const child of children) child.kill('SIGINT');
  await rm(root, { recursive: true, force: true });
  await site[Symbol.asyncDispose]();
});

const cli = join(import.meta.dirname, '../../cli/src/cli.ts');

/** Starts `lowland view` and gives the address that it prints. */
function view(folder: string, port = '0'): Promise<URL> {
  const child = spawn(execPath, ['--conditions=@lowland/source', cli, 'view', folder, '--port', port, '--page', dist, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let [said, complained] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => { complained += chunk.toString(); });
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      try {
        resolve(new URL((JSON.parse(said) as { url: string }).url));
      } catch {
        // not all of it yet
      }
    });
    child.on('exit', () => { reject(new Error(`lowland view ended: ${complained}`)); });
  });
}

/** Passes everything on to the server, and can cut all connections. */
async function passage(to: URL): Promise<{ address: URL; cut: () => void; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    const { origin: _, ...headers } = incoming.headers;
    const onward = ask({ host: to.hostname, port: to.port, path: incoming.url, method: incoming.method, headers: { ...headers, host: to.host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = new URL(to);
  address.port = String((server.address() as AddressInfo).port);
  const cut = (): void => { for (const socket of sockets) socket.destroy(); };
  return { address, cut, close: () => { cut(); server.close(); } };
}

const header = 'round,rank,iteration,seconds,value,gradientNorm\n';
const rows = (from: number, to: number): string => Array.from({ length: to - from }, (_, k) => `0,2,${from + k},${(from + k) / 100},${100 / (from + k + 1)},${1 / (from + k + 1)}\n`).join('');

test('follows a run through a lost connection: no row is lost, none comes twice; at its end the result is there', async () => {
  const folder = join(root, 'going');
  await mkdir(folder);
  await writeFile(join(folder, 'trace.csv'), header + rows(0, 500));
  const way = await passage(await view(folder));
  const { page, complaints } = await site.visitAt(way.address.href);
  const chip = page.locator('.run-list li', { hasText: 'followed' });
  await expectWords(chip, /running, 499 iterations/);
  await appendFile(join(folder, 'trace.csv'), rows(500, 800));
  await expectWords(chip, /running, 799 iterations/);
  way.cut();
  await appendFile(join(folder, 'trace.csv'), rows(800, 1000) + '0,2,1000,10,');
  await expectWords(chip, /running, 999 iterations/);
  const table = await savedTable(page, 'Traces');
  const mine = table.get('run')!.flatMap((name, k) => (name.includes('followed') ? [k] : []));
  expect(mine.map((k) => Number(table.get('iteration')![k]))).toEqual(Array.from({ length: 1000 }, (_, k) => k));
  const result = { objective: 'double-well', optimizer: 'lbfgs', seed: 0, options: { objective: {}, optimizer: {} }, settings: {}, data: null, value: 0.1, gradientNorm: 0, iterations: 1000, seconds: 10, stop: { reason: 'converged', rule: 'gradient-tolerance' }, verdict: { kind: null, sentence: 'No verdict: a test wrote this.' }, counts: { method: { gradient: 7 }, driver: {}, reads: 3 } };
  // as the command line does: whole, or not at all
  await writeFile(join(root, 'result.tmp'), JSON.stringify(result));
  await rename(join(root, 'result.tmp'), join(folder, 'result.json'));
  await expectWords(page, 'No verdict: a test wrote this.');
  await page.context().close();
  way.close();
  // the cut is in the console, and nothing else
  expect(complaints.filter((words) => !words.includes('net::ERR_'))).toEqual([]);
});

test('a run that begins later arrives with its trackers; where the server ends, or is started anew, the page says what to do', async () => {
  const folder = join(root, 'later');
  await mkdir(folder);
  const address = await view(folder);
  const { page, complaints } = await site.visitAt(address.href);
  await expectWords(page.locator('.notices'), /later holds no run yet: one that is started with --out there appears here/);
  await mkdir(join(folder, 'one'));
  await writeFile(join(folder, 'one/trace.csv'), header + rows(0, 3));
  const chip = page.locator('.run-list li', { hasText: 'one: followed' });
  await expectWords(chip, /running, 2 iterations/);
  await expectWords(page.locator('.notices'), /^one has come\./);
  expect(await chip.getByRole('button').getAttribute('aria-pressed')).toBe('true');
  const said = (k: number): string => `${JSON.stringify({ iteration: k, tracked: { 'singular-values': [3 + k, 1] } })}\n`;
  await writeFile(join(folder, 'one/tracked.jsonl'), said(0) + said(1));
  await appendFile(join(folder, 'one/tracked.jsonl'), said(2) + '{"iteration":3,"trac');
  await appendFile(join(folder, 'one/trace.csv'), rows(3, 5));
  await expectWords(chip, /running, 4 iterations/);
  await vi.waitFor(async () => {
    const table = await savedTable(page, 'Singular values');
    expect([...table.values()].flat()).toEqual(expect.arrayContaining(['3', '4', '5']));
  }, 10_000);
  await mkdir(join(folder, 'two'));
  await writeFile(join(folder, 'two/trace.csv'), header + rows(0, 2));
  await expectWords(page.locator('.notices'), /^two has come\./);
  await expectWords(page.locator('.run-list li', { hasText: 'two: followed' }), /running, 1 iteration/);
  const server = children.at(-1)!;
  server.kill('SIGINT');
  await expectWords(page.locator('.notices'), /connection to lowland view is lost; trying again\. If it has ended, start it again/);
  const ended = new Promise((resolve) => { server.once('close', resolve); });
  if (server.exitCode === null) await ended;
  await view(folder, address.port);
  await expectWords(page.locator('.notices'), /lowland view was started anew.* open the address that it printed last/);
  await expectWords(chip, /from a file, 4 iterations/);
  await page.context().close();
  expect(complaints.filter((words) => !/net::ERR_|status of 403/.test(words))).toEqual([]);
});

test('a token opens one session; without it, from another origin, or for what is not offered, nothing is read', async () => {
  const folder = join(root, 'closed');
  await mkdir(folder);
  await writeFile(join(folder, 'trace.csv'), header + rows(0, 3));
  await writeFile(join(root, 'secret.txt'), 'not for you');
  const address = await view(folder);
  const plain = (path: string, headers: Record<string, string> = {}) => fetch(new URL(path, address), { headers, redirect: 'manual' });
  expect((await plain('/api/files')).status).toBe(403);
  expect((await plain('/?token=wrong')).status).toBe(403);
  expect(await (await plain('/', { accept: 'text/html' })).text()).toContain('open the whole address');
  const { page, end } = await site.visitAt(address.href);
  await expectWords(page.locator('.run-list'), /running, 2 iterations/);
  const own = await page.evaluate(async () => {
    const status = async (path: string) => (await fetch(path)).status;
    return { inside: await status('/api/file?path=trace.csv') };
  });
  expect(own).toEqual({ inside: 200 });
  // plugins load under the policy of this server, too
  await page.getByLabel('Files', { exact: true }).setInputFiles({ name: 'outside.js', mimeType: 'text/javascript', buffer: Buffer.from("export default { apiVersion: 1, name: 'outside', version: '1.0.0' };") });
  await page.getByRole('button', { name: 'Load outside.js' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const [session] = await page.context().cookies();
  const cookie = `${session!.name}=${session!.value}`;
  for (const path of ['../secret.txt', '%2e%2e/secret.txt', '/etc/hostname', '..\\secret.txt', 'trace.csv/../../secret.txt']) {
    const answer = await plain(`/api/file?path=${encodeURIComponent(path)}`, { cookie });
    expect([path, answer.status]).toEqual([path, 404]);
    expect(await answer.text()).not.toContain('not for you');
  }
  expect((await plain('/api/file?path=trace.csv', { cookie, origin: 'https://example.com' })).status).toBe(403);
  expect((await plain(address.pathname + address.search)).status).toBe(403);
  await end();
});
