import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { main } from '../main.ts';
import type { Changes } from './events.ts';
import { listFiles, within } from './folder.ts';
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
      const response = await get(`/api/file?path=${encodeURIComponent(path)}`);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('not for you');
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

interface Event {
  readonly event: string;
  readonly data: Changes;
}

/** Reads server-sent events as a browser does, until it leaves. */
async function listen(): Promise<{ readonly events: readonly Event[]; readonly leave: () => void }> {
  const leaving = new AbortController();
  const response = await fetch(`${base()}/api/events`, { signal: leaving.signal, headers: { cookie } });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const events: Event[] = [];
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const part of response.body!) {
      text += decoder.decode(part, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        events.push({ event, data: JSON.parse(data) as Changes });
      }
    }
  };
  // leaving ends the reading
  read().catch(() => undefined);
  await vi.waitFor(() => { expect(events.length).toBeGreaterThan(0); });
  return { events, leave: () => { leaving.abort(); } };
}

describe('events', () => {
  const seen = (events: readonly Event[], path: string) => events.flatMap(({ event, data }) => data.files.filter((file) => file.path === path).map(({ size }) => [event, size]));

  it('tell all there is, then what is new, grows, is replaced or goes, with nothing that is hidden or outside', async () => {
    const path = 'live/trace.csv';
    const { events, leave } = await listen();
    const told = (count: number) => vi.waitFor(() => { expect(seen(events, path).length).toBe(count); }, { timeout: 5000 });
    mkdirSync(join(folder, 'live'));
    write('live/next.csv', 'iteration,value\n');
    renameSync(join(folder, 'live/next.csv'), join(folder, path));
    await told(1);
    appendFileSync(join(folder, path), '0,1\n');
    await told(2);
    write('.still', 'no');
    write('live/next.csv', 'iteration,value\n');
    renameSync(join(folder, 'live/next.csv'), join(folder, path));
    await told(3);
    rmSync(join(folder, 'live'), { recursive: true });
    await vi.waitFor(() => { expect(events.some(({ data }) => data.gone.includes(path))).toBe(true); }, { timeout: 5000 });
    leave();
    expect(events[0]).toMatchObject({ event: 'all', data: { folder: 'result', complete: true, gone: [] } });
    expect(events[0]!.data.files.map((file) => file.path)).toEqual(['U.npy', 'in.npy', 'runs/one/result.json', 'trace.csv']);
    expect(seen(events, path)).toEqual([['changes', 16], ['changes', 20], ['changes', 16]]);
    const ids = events.flatMap(({ data }) => data.files.filter((file) => file.path === path).map(({ id }) => id));
    expect([ids[0] === ids[1], ids[1] === ids[2]]).toEqual([true, false]);
    expect(seen(events, 'U.npy')).toEqual([['all', 256]]);
    expect(JSON.stringify(events)).not.toMatch(/still|secret|out\.txt/);
  });

  it('begin with all there is for whoever comes back', async () => {
    const [first, second] = [await listen(), await listen()];
    expect(second.events[0]).toEqual(first.events[0]);
    for (const { leave } of [first, second]) leave();
  });
});

it('a file is read from where the reader is, and says which file it was', async () => {
  const { files: [listed] } = (await (await get('/api/files')).json()) as Changes;
  const response = await get('/api/file?path=U.npy&from=250');
  expect([response.headers.get('content-length'), response.headers.get('lowland-file')]).toEqual(['6', listed!.id]);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([250, 251, 252, 253, 254, 255]);
  expect((await (await get('/api/file?path=U.npy&from=256')).arrayBuffer()).byteLength).toBe(0);
  expect((await (await get('/api/file?path=U.npy&from=1000')).arrayBuffer()).byteLength).toBe(0);
  for (const from of ['-1', '1e9', '0x10', 'here']) expect((await get(`/api/file?path=U.npy&from=${from}`)).status).toBe(400);
});

it('writes nothing', async () => {
  const state = (): unknown => listFiles(folder).files.map(({ path }) => [path, statSync(join(folder, path)).mtimeMs]).concat([['', statSync(folder).mtimeMs]]);
  const before = state();
  await get('/api/files');
  await get('/api/file?path=trace.csv');
  (await listen()).leave();
  expect(state()).toEqual(before);
});

it('lowland view refuses what is no folder', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (said.push(String(text)), true));
  for (const argv of [['view'], ['view', join(root, 'nowhere')], ['view', join(root, 'secret.txt')], ['view', folder, '--page', join(root, 'nowhere')], ['view', folder, '--port', '70000']]) expect(await main(argv)).toBe(2);
  vi.restoreAllMocks();
  expect(said.join('')).toMatch(/Name a folder[^]*there is nothing[^]*there is a file[^]*from 0 to 65535/);
});
