import { realpathSync, statSync } from 'node:fs';

import { LowlandError } from '@lowland/core';

import { viewFlags } from '../command-line/base-flags.ts';
import { usageError } from '../command-line/flag.ts';
import { parse } from '../command-line/parse.ts';
import { jsonText } from '../data/index.ts';
import { exit, type ExitCode, exitCodeHelp } from '../exit.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { screen } from '../terminal/style.ts';
import { findPage } from '../view/page.ts';
import { serveView } from '../view/server.ts';

/** `lowland view DIR`: the page and the folder, read-only, on this machine alone, until Ctrl-C. */
export async function view(argv: readonly string[]): Promise<ExitCode> {
  const { values, operands } = parse(
    {
      name: 'view',
      summary: 'Show a folder of results in the page of the viewer, and follow a run that is still going.',
      operand: '<folder>',
      epilogue: `Served on 127.0.0.1 alone, read-only; the printed address opens one session. Ctrl-C ends it.\n\n${exitCodeHelp}`,
    },
    viewFlags,
    { argv, environment: process.env },
  );
  const [given] = operands;
  if (given === undefined) throw usageError('Name a folder: the --out folder of solve, or one that holds several.');
  const folder = folderAt(given, 'LOWLAND_E_VIEW');
  const page = values['page'] === undefined ? findPage() : folderAt(values['page'] as string, 'LOWLAND_E_VIEW');
  const interrupt = listenForInterrupt(() => undefined);
  try {
    await using server = await serveView({ folder, page, port: (values['port'] as number | undefined) ?? 0 });
    const out = screen(process.stdout);
    if (values['json'] === true) out.write(jsonText({ folder, url: server.url, port: server.port }));
    else out.write(`${out.style('bold', given)} is shown at\n\n  ${server.url}\n\nread-only, on this machine alone; the address opens one session. Ctrl-C ends it.\n`);
    await new Promise<void>((resolve) => {
      if (interrupt.signal.aborted) resolve();
      else interrupt.signal.addEventListener('abort', () => { resolve(); }, { once: true });
    });
  } finally {
    interrupt.release();
  }
  return exit.ok;
}

function folderAt(path: string, code: 'LOWLAND_E_VIEW'): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) throw new LowlandError(code, `${path}: there is ${stat === undefined ? 'nothing' : 'a file'}; expected a folder.`);
  return realpathSync(path);
}
