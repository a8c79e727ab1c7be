import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { main } from '../main.ts';
import { listFiles, within } from './folder.ts';
import { positionOf, readNews } from './follow.ts';
import { serveView, type ViewServer } from './server.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'lowland-view-')));
const [folder, page] = [join(root, 'result'), join(root, 'page')];
const write = (name: string, content: string | Uint8Array, at = folder): void => { writeFileSync(join(at, name), content); };

mkdirSync(join(folder, 'runs', 'one'), { recursive: true });
mkdirSync(join(page, 'assets'), { recursive: true });
write('index.html', '<!doctype html><title>page</title>', page);
write('assets/app.js', 'export {};', page);
write('secret.txt', 'not for you', root);
write('trace.csv', 'iteration,value\n0,1\n');
write('U.npy', Uint8Array.from({ length: 256 }, (_, k) => k));
write('runs/one/result.json', '{}');
write('.hidden', 'no');
symlinkSync(join(root, 'secret.txt'), join(folder, 'out.txt'));
symlinkSync(root, join(folder, 'up'));
symlinkSync(join(folder, 'U.npy'), join(folder, 'in.npy'));

let server: ViewServer;
let cookie = '';
const base = (): string => `http://127.0.0.1:${server.port}`;
const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => fetch(base() + path, { method, redirect: 'manual', headers: { cookie, ...headers } });
/** As it stands: fetch would tidy up the path. */
const raw = (path: string, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, headers: { cookie, ...headers } }, (response) => { response.resume().on('end', () => { resolve(response.statusCode!); }); }).on('error', reject).end();
  });

beforeAll(async () => {
  server = await serveView({ folder, page });
  const first = await get(server.url.slice(base().length));
  cookie = first.headers.get('set-cookie')!.split(';')[0]!;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a session', () => {
  it('opens once with the token, and needs its cookie afterwards', async () => {
    await using other = await serveView({ folder, page });
    const at = (path: string, given = ''): Promise<Response> => fetch(`http://127.0.0.1:${other.port}${path}`, { redirect: 'manual', headers: { cookie: given } });
    expect((await at('/')).status).toBe(403);
    expect((await at('/api/files')).status).toBe(403);
    expect((await at('/?token=wrong')).status).toBe(403);
    const entered = await fetch(other.url, { redirect: 'manual' });
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/?folder']);
    expect(entered.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    const own = entered.headers.get('set-cookie')!.split(';')[0]!;
    expect(await (await at('/', own)).text()).toContain('<title>page');
    const again = await fetch(other.url, { redirect: 'manual' });
    expect([again.status, await again.json()]).toEqual([403, { error: expect.stringMatching(/has been used/) as string }]);
    expect((await at('/', cookie)).status).toBe(403);
  });

  it('refuses foreign origins, names and sites, and every way of writing', async () => {
    expect((await get('/api/files', { origin: 'http://evil.example' })).status).toBe(403);
    expect((await get('/api/files', { origin: base() })).status).toBe(200);
    expect(await raw('/api/files', { host: 'evil.example' })).toBe(403);
    expect(await raw('/api/files', { host: `evil.example:${server.port}` })).toBe(403);
    expect(await raw('/api/files', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) expect((await get('/api/file?path=U.npy', {}, method)).status).toBe(405);
    const { headers } = await get('/');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'self'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  it('tells people why in a page, and programs in JSON', async () => {
    const read = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const stranger = await get('/', { ...read, cookie: '' });
    expect([stranger.status, stranger.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    expect(await stranger.text()).toMatch(/<p>This address opens with the token that lowland view printed/);
    const odd = await (await get('/api/file?path=%3Cscript%3Ealert(1)%3C/script%3E', read)).text();
    expect(odd).toContain('&lt;script&gt;');
    expect(odd).not.toContain('<script');
    const answer = await get('/', { cookie: '' });
    expect([answer.headers.get('content-type'), await answer.json()]).toEqual(['application/json', { error: expect.stringMatching(/token/) as string }]);
    expect(stranger.headers.get('content-security-policy')).toMatch(/script-src 'self' blob: 'wasm-unsafe-eval';/);
  });

  it('serves the page and nothing beside it', async () => {
    const script = await get('/assets/app.js');
    expect([script.headers.get('content-type'), await script.text()]).toEqual(['text/javascript; charset=utf-8', 'export {};']);
    for (const path of ['/assets/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/secret.txt', '//etc/passwd', '/%zz', '/assets']) expect([400, 404]).toContain(await raw(path));
  });
});

describe('files', () => {
  it('are listed and read, what is hidden or leads out left out', async () => {
    const listed = (await (await get('/api/files')).json()) as { folder: string; files: { path: string; size: number }[]; complete: boolean };
    expect(listed).toMatchObject({ folder: 'result', complete: true });
    expect(listed.files.map(({ path }) => path)).toEqual(['U.npy', 'in.npy', 'runs/one/result.json', 'trace.csv']);
    const response = await get('/api/file?path=U.npy');
    expect(response.headers.get('content-length')).toBe('256');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.from({ length: 256 }, (_, k) => k));
    expect(await (await get('/api/file?path=runs%2Fone%2Fresult.json')).text()).toBe('{}');
    expect((await get('/api/file?path=in.npy', {}, 'HEAD')).headers.get('content-length')).toBe('256');
  });

  it.each(['', '.', '..', '../secret.txt', 'runs/../../secret.txt', '/etc/passwd', `${root}/secret.txt`, 'out.txt', 'up/secret.txt', 'up', '.hidden', 'runs', 'none.csv', 'U.npy\0.csv', '..\\secret.txt', 'runs//one/result.json'])(
    'refuses %j',
    async (path) => {
      for (const way of ['file', 'events']) {
        if (way === 'events' && path === 'none.csv') continue;
        const response = await get(`/api/${way}?path=${encodeURIComponent(path)}`);
        expect(response.status).toBe(404);
        expect(await response.text()).not.toContain('not for you');
      }
    },
  );

  it('names within a folder', () => {
    expect(within(folder, 'trace.csv')).toBe(join(folder, 'trace.csv'));
    expect(within(folder, 'runs/one')).toBe(join(folder, 'runs/one'));
    expect(within(folder, 'out.txt')).toBeUndefined();
    expect(listFiles(join(root, 'nowhere'))).toEqual({ files: [], complete: true });
    const deep = join(root, 'deep');
    mkdirSync(join(deep, 'a/b/c/d/e/f'), { recursive: true });
    expect(listFiles(deep).complete).toBe(false);
  });
});

/** Reads server-sent events as a browser does. */
async function follow(path: string, lastId: string | undefined, enough: (events: readonly Event[]) => boolean): Promise<readonly Event[]> {
  const leave = new AbortController();
  const response = await fetch(`${base()}/api/events?path=${path}`, { signal: leave.signal, headers: { cookie, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) } });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const events: Event[] = [];
  let text = '';
  const decoder = new TextDecoder();
  const deadline = setTimeout(() => { leave.abort(); }, 5000);
  try {
    for await (const part of response.body!) {
      text += decoder.decode(part, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const);
        text = text.slice(end + 2);
        const of = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value);
        events.push({ event: of('event')[0] ?? '', id: of('id')[0], data: of('data') });
      }
      if (enough(events)) break;
    }
  } finally {
    clearTimeout(deadline);
    leave.abort();
  }
  return events;
}
interface Event { readonly event: string; readonly id: string | undefined; readonly data: readonly string[] }
const rowsOf = (events: readonly Event[]): readonly string[] => events.flatMap(({ event, data }) => (event === 'rows' ? data : []));
const lastId = (events: readonly Event[]): string | undefined => events.findLast(({ id }) => id !== undefined)?.id;

describe('events', () => {
  it('follow a run over a dropped connection without loss, whole lines alone', async () => {
    mkdirSync(join(folder, 'live'));
    const trace = join(folder, 'live', 'trace.csv');
    const written: string[] = [];
    const append = (k: number): void => {
      written.push(`${k},${1 / (k + 1)}`);
      appendFileSync(trace, `${k},${1 / (k + 1)}\n`);
    };
    // nothing is there yet
    const waiting = follow('live/trace.csv', undefined, (events) => rowsOf(events).length >= 3);
    await sleep(50);
    appendFileSync(trace, 'iteration,value\n');
    append(0);
    append(1);
    const first = await waiting;
    expect(rowsOf(first)).toEqual(['iteration,value', ...written]);
    for (let k = 2; k < 3000; k++) append(k);
    appendFileSync(trace, '3000,0.');
    const second = await follow('live/trace.csv', lastId(first), (events) => rowsOf(events).length >= 2998);
    expect(rowsOf(second)).toEqual(written.slice(2));
    appendFileSync(trace, '5\n');
    write('live/result.json', '{}');
    const third = await follow('live/trace.csv', lastId(second), (events) => rowsOf(events).length >= 1 && events.some(({ event }) => event === 'files'));
    expect(rowsOf(third)).toEqual(['3000,0.5']);
    expect(third.find(({ event }) => event === 'files')!.data).toEqual(['["result.json"]']);
    expect(third.some(({ event }) => event === 'reset')).toBe(false);
  });

  it('start over where the trace was replaced or cut', async () => {
    write('cut.csv', 'h\n1\n2\n3\n');
    const first = await follow('cut.csv', undefined, (events) => rowsOf(events).length >= 4);
    write('cut.csv.new', 'h\n1\n');
    renameSync(join(folder, 'cut.csv.new'), join(folder, 'cut.csv'));
    const second = await follow('cut.csv', lastId(first), (events) => rowsOf(events).length >= 2);
    expect(second.slice(0, 2).map(({ event, data }) => [event, data])).toEqual([['reset', ['']], ['rows', ['h', '1']]]);
    write('cut.csv', 'h\n');
    expect((await follow('cut.csv', lastId(second), (events) => rowsOf(events).length >= 1)).map(({ event }) => event).slice(0, 2)).toEqual(['reset', 'rows']);
    // ids of somebody else's making mean nothing
    expect(rowsOf(await follow('cut.csv', 'x:-1', (events) => rowsOf(events).length >= 1))).toEqual(['h']);
    expect([positionOf('1-2:3'), positionOf('1-2:-3'), positionOf('')]).toEqual([{ file: '1-2', offset: 3 }, undefined, undefined]);
  });

  it('do not wait for lines that never end', () => {
    write('endless.csv', 'x'.repeat(3 << 20));
    expect(readNews(join(folder, 'endless.csv'), undefined)).toMatchObject({ lines: '', more: false });
    expect(readNews(join(folder, 'none.csv'), undefined)).toBeUndefined();
  });
});

it('writes nothing', async () => {
  const state = (): unknown => listFiles(folder).files.map(({ path }) => [path, statSync(join(folder, path)).mtimeMs]).concat([['', statSync(folder).mtimeMs]]);
  const before = state();
  await get('/api/files');
  await get('/api/file?path=trace.csv');
  await follow('trace.csv', undefined, (events) => rowsOf(events).length > 0);
  expect(state()).toEqual(before);
});

it('lowland view refuses what is no folder', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (said.push(String(text)), true));
  for (const argv of [['view'], ['view', join(root, 'nowhere')], ['view', join(root, 'secret.txt')], ['view', folder, '--page', join(root, 'nowhere')], ['view', folder, '--port', '70000']]) expect(await main(argv)).toBe(2);
  vi.restoreAllMocks();
  expect(said.join('')).toMatch(/Name a folder[^]*there is nothing[^]*there is a file[^]*from 0 to 65535/);
});
