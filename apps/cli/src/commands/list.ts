import { kinds } from '@lowland/core';

import { loadCatalog } from '../catalog.ts';
import { jsonFlag } from '../command-line/base-flags.ts';
import { type Flag, text } from '../command-line/flag.ts';
import { parse } from '../command-line/parse.ts';
import { jsonText } from '../data/write.ts';
import { exit, type ExitCode, exitCodeHelp } from '../exit.ts';
import { screen } from '../terminal/style.ts';

export const pluginFlag: Flag = {
  group: 'Setup',
  name: 'plugin',
  placeholder: 'path',
  summary: 'load a plugin: a path or an installed package (repeatable)',
  repeats: true,
  parse: text,
};

/** `lowland list`: what there is to name. With --json `{ objectives, optimizers, … }`, arrays of `{ id, summary, provides | requires }`. */
export async function list(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(
    { name: 'list', summary: 'List objectives, optimizers, backends, analyses, parts and trackers.', epilogue: exitCodeHelp },
    [pluginFlag, jsonFlag],
    { argv, environment: process.env },
  );
  const catalog = await loadCatalog((values['plugin'] as string[] | undefined) ?? [], process.cwd());
  const listing = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      catalog.all(kind).map(({ id, summary, provides, requires }) => ({
        id,
        summary,
        ...(kind === 'objectives' ? { provides: provides ?? [] } : { requires: requires ?? [] }),
      })),
    ]),
  );
  if (values['json'] === true) {
    process.stdout.write(jsonText(listing));
    return exit.ok;
  }
  const out = screen(process.stdout);
  for (const [kind, entries] of Object.entries(listing)) {
    if (entries.length === 0) continue;
    out.write(`${out.style('bold', kind)}\n`);
    for (const { id, summary } of entries) out.write(`  ${id.padEnd(28)} ${summary}\n`);
  }
  return exit.ok;
}
