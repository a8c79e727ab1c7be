import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';

import { listFiles, type Offered } from './folder.ts';

/** Milliseconds between looks at the folder at least, between signs of life, and how many times longer than a look the wait after it is. */
const patience = 100;
const heartbeat = 15_000;
const share = 10;

/** What is new in a folder. */
export interface Changes {
  readonly folder: string;
  /** New files, and those that have changed: all of them at first. */
  readonly files: readonly Offered[];
  /** Paths of those that are gone. */
  readonly gone: readonly string[];
  readonly complete: boolean;
}

/**
 * Streams what changes in a folder as server-sent events, until the reader goes. Each stream begins with all there is, so that a reader who comes
 * back after a lost connection has lost nothing: files are read by it, from where it was.
 */
export function streamChanges(root: string, { method }: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', Connection: 'keep-alive' });
  response.flushHeaders();
  if (method === 'HEAD') {
    response.end();
    return;
  }
  let known: ReadonlyMap<string, string> | undefined;
  let spoken = performance.now();
  let waiting = false;
  let timer: ReturnType<typeof setTimeout>;

  const send = (text: string): void => {
    waiting = !response.write(text);
    spoken = performance.now();
  };
  const look = (): void => {
    const since = performance.now();
    if (!waiting) {
      const { files, complete } = listFiles(root);
      const now = new Map(files.map((file) => [file.path, stampOf(file)]));
      const before = known;
      const changes: Changes = {
        folder: basename(root),
        files: files.filter((file) => before?.get(file.path) !== now.get(file.path)),
        gone: [...(before?.keys() ?? [])].filter((path) => !now.has(path)),
        complete,
      };
      known = now;
      if (before === undefined) send(`event: all\ndata: ${JSON.stringify(changes)}\n\n`);
      else if (changes.files.length + changes.gone.length > 0) send(`event: changes\ndata: ${JSON.stringify(changes)}\n\n`);
      else if (since - spoken > heartbeat) send(': still here\n\n');
    }
    // a folder of thousands is not looked at all the time
    timer = setTimeout(look, Math.max(patience, share * (performance.now() - since)));
  };
  response.on('drain', () => (waiting = false));
  response.on('close', () => { clearTimeout(timer); });
  look();
}

const stampOf = ({ id, size, modified }: Offered): string => `${id} ${size} ${modified}`;
