/** The server of `lowland view`: README.md beside this file says what it answers. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';

import { LowlandError } from '@lowland/core';

import { streamChanges } from './events.ts';
import { listFiles, offered, within } from './folder.ts';
import { pageFile } from './page.ts';
import { refusalPage } from './refusal.ts';

export interface ViewServer extends AsyncDisposable {
  /** With the token: opens one session. */
  readonly url: string;
  readonly port: number;
}

export interface ViewOptions {
  /** Real path of the folder that is shown. */
  readonly folder: string;
  /** Real path of the built page. */
  readonly page: string;
  /** 0: any that is free. */
  readonly port?: number;
}

const cookie = 'lowland-session';

/** What the page may do: its own scripts, kernels made at run time, plugins that a person names, which it fetches as text; nothing else from elsewhere. */
const policy = "default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' https: http:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const headers = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // threads want memory that is shared, which browsers give to isolated pages
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

class Answer extends Error {
  readonly status: 400 | 403 | 404 | 405;

  constructor(status: Answer['status'], message: string) {
    super(message);
    this.status = status;
  }
}

/** Listens on the loopback interface. @throws LOWLAND_E_VIEW where the port is taken */
export async function serveView({ folder, page, port = 0 }: ViewOptions): Promise<ViewServer> {
  const [token, session] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')];
  let opened = false;
  const server = createServer((request, response) => {
    try {
      handle(request, response);
    } catch (error) {
      refuse(request, response, error);
    }
  });

  function handle(request: IncomingMessage, response: ServerResponse): void {
    refuseStrangers(request, (server.address() as AddressInfo).port);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const given = url.searchParams.get('token');
    if (url.pathname === '/' && given !== null) {
      enter(request, response, given);
      return;
    }
    if (!same(cookieOf(request), session)) throw new Answer(403, 'This address opens with the token that lowland view printed: open the whole address, with what follows the question mark. Cookies must be allowed.');
    serve(url, request, response);
  }

  function enter(request: IncomingMessage, response: ServerResponse, given: string): void {
    const again = same(cookieOf(request), session);
    if (!same(given, token)) throw new Answer(403, 'The token is not the one that lowland view printed: each start prints another. Open the address that it printed last.');
    if (opened && !again) throw new Answer(403, 'The token has been used: it opens one session. Start lowland view again for another.');
    opened = true;
    response.writeHead(303, { ...headers, Location: '/?folder', 'Set-Cookie': `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`, 'Cache-Control': 'no-store' });
    response.end();
  }

  function serve(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const path = url.searchParams.get('path') ?? '';
    switch (url.pathname) {
      case '/api/files':
        reply(request, response, Buffer.from(JSON.stringify({ folder: basename(folder), ...listFiles(folder) })), 'application/json');
        return;
      case '/api/file': {
        const from = startOf(url.searchParams.get('from'));
        const full = within(folder, path);
        if (full === undefined || statSync(full, { throwIfNoEntry: false })?.isFile() !== true) throw new Answer(404, `There is no file "${path}" in the folder.`);
        send(request, response, openSync(full, 'r'), from);
        return;
      }
      case '/api/events':
        streamChanges(folder, request, response, headers);
        return;
      default: {
        const file = pageFile(page, decoded(url.pathname));
        if (file === undefined) throw new Answer(404, `There is nothing at ${url.pathname}.`);
        reply(request, response, file.body, file.type);
      }
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => { reject(new LowlandError('LOWLAND_E_VIEW', `Port ${port} cannot be listened on: ${cause.message}. Name another with --port, or none.`, { cause })); });
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/?token=${token}`,
    port: bound,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => { resolve(); });
        server.closeAllConnections();
      }),
  };
}

/** Reading alone, from this machine's own page: names that resolve here from elsewhere, and pages of other sites, are refused. */
function refuseStrangers({ method, headers: { host, origin, 'sec-fetch-site': site } }: IncomingMessage, port: number): void {
  if (method !== 'GET' && method !== 'HEAD') throw new Answer(405, 'This server only shows: GET and HEAD.');
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (host === undefined || !own.includes(host)) throw new Answer(403, 'This server answers to 127.0.0.1 alone.');
  if (origin !== undefined && !own.some((name) => origin === `http://${name}`)) throw new Answer(403, 'Pages of other origins may not read this folder.');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Answer(403, 'Pages of other sites may not read this folder.');
}

/** Where reading begins. */
function startOf(from: string | null): number {
  if (from === null) return 0;
  if (!/^\d{1,15}$/.test(from)) throw new Answer(400, `A file is read from a byte, a whole number from 0 up, not from "${from}".`);
  return Number(from);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new Answer(400, 'The address is no text.');
  }
}

function cookieOf({ headers: { cookie: header = '' } }: IncomingMessage): string {
  const pairs = header.split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === cookie)?.[1] ?? '';
}

/** In a time that does not tell how much was right. */
function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function reply({ method }: IncomingMessage, response: ServerResponse, body: Buffer, type: string): void {
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  response.end(method === 'HEAD' ? undefined : body);
}

/** From a byte on, as long as the file was when it was looked at: one that grows meanwhile is not waited for. */
function send({ method }: IncomingMessage, response: ServerResponse, file: number, from: number): void {
  const { size, id } = offered(fstatSync(file));
  const length = Math.max(0, size - from);
  response.writeHead(200, { ...headers, 'Content-Type': 'application/octet-stream', 'Content-Length': length, 'Lowland-File': id, 'Cache-Control': 'no-store' });
  if (method === 'HEAD' || length === 0) {
    closeSync(file);
    response.end();
    return;
  }
  const stream = createReadStream('', { fd: file, start: from, end: size - 1 });
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

/** Whoever looks at an address gets a page to read, programs get JSON. */
function refuse({ method, headers: { accept = '' } }: IncomingMessage, response: ServerResponse, error: unknown): void {
  const status = error instanceof Answer ? error.status : 500;
  const message = error instanceof Answer ? error.message : 'Something went wrong here.';
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const [type, body] = accept.includes('text/html') ? ['text/html; charset=utf-8', refusalPage(message)] : ['application/json', JSON.stringify({ error: message })];
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store' });
  response.end(method === 'HEAD' ? undefined : body);
}
