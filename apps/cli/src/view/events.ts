import { lstatSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, posix } from 'node:path';

import { within } from './folder.ts';
import { idOf, type News, type Position, positionOf, readNews, stampsOf } from './follow.ts';

/** Milliseconds between looks at the file, and between signs of life. */
const patience = 100;
const heartbeat = 15_000;

/** What a run writes beside its trace when it ends or pauses. */
const beside = ['result.json', 'checkpoint.json', 'tracked.jsonl', 'certificate.json'];

/** Streams a trace as server-sent events, from where `Last-Event-ID` says, until the reader goes. `path` is below `root`; the file may come later. */
export function streamEvents(root: string, path: string, request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', Connection: 'keep-alive' });
  response.flushHeaders();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const header = request.headers['last-event-id'];
  let position: Position | undefined = positionOf(Array.isArray(header) ? header[0] : header);
  let stamps = new Map<string, string>();
  let spoken = performance.now();
  let waiting = false;

  const send = (text: string): void => {
    waiting = !response.write(text);
    spoken = performance.now();
  };
  const isReady = (): boolean => !waiting;
  const look = (): void => {
    if (waiting) return;
    const real = within(root, path);
    let news: News | undefined = real === undefined ? undefined : readNews(real, position);
    while (news !== undefined) {
      if (news.reset) send(`event: reset\nid: ${idOf({ ...news.position, offset: 0 })}\ndata: \n\n`);
      if (news.lines !== '') send(`event: rows\nid: ${idOf(news.position)}\n${news.lines.split(/\r?\n/).map((line) => `data: ${line}\n`).join('')}\n`);
      position = news.position;
      // what the reader cannot take yet waits in the file, not in memory
      news = news.more && isReady() ? readNews(real!, position) : undefined;
    }
    const folder = posix.dirname(path);
    const now = stampsOf(beside.flatMap((name): [string, string][] => {
      const full = within(root, folder === '.' ? name : `${folder}/${name}`);
      return full === undefined ? [] : [[name, full]];
    }));
    const changed = [...now].filter(([name, stamp]) => stamps.get(name) !== stamp).map(([name]) => name);
    stamps = new Map(now);
    if (changed.length > 0) send(`event: files\ndata: ${JSON.stringify(changed)}\n\n`);
    if (performance.now() - spoken > heartbeat) send(': still here\n\n');
  };

  const timer = setInterval(look, patience);
  response.on('drain', () => (waiting = false));
  response.on('close', () => { clearInterval(timer); });
  look();
}

/** Whether a trace may be followed there: a name below the folder that is not hidden, in a folder that exists. */
export function canFollow(root: string, path: string): boolean {
  const real = within(root, path);
  if (real !== undefined) return statSync(real, { throwIfNoEntry: false })?.isFile() === true;
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  if (name === '' || name.startsWith('.') || path.includes('\\') || path.includes('\0') || posix.isAbsolute(path)) return false;
  // not there yet: its folder must be, unless something of that name leads elsewhere
  const parent = folder === '.' ? root : within(root, folder);
  return parent !== undefined && lstatSync(join(parent, name), { throwIfNoEntry: false }) === undefined;
}
