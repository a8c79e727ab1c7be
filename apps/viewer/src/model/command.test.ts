import { execFile } from 'node:child_process';
import { mkdtemp, readFile as readText, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';

import type { Registry } from '@lowland/core';
import { beforeAll, expect, test } from 'vitest';

import { prospect } from '../engine/answer.ts';
import { catalogueOf } from '../engine/catalogue.ts';
import { datasets } from '../engine/datasets.ts';
import { loadRegistry } from '../engine/plugins.ts';
import { readFile } from '../engine/read-file.ts';
import { run, Valve } from '../engine/run.ts';
import { commandsOf } from './command.ts';
import { type Composition, defaultLimits, firstComposition } from './composition.ts';

let registry: Registry;
beforeAll(async () => { registry = await loadRegistry([]); });

const limits = { ...defaultLimits, iterations: 25 };
const cases: readonly (readonly [string, Composition])[] = [
  ['the first composition', { ...firstComposition, limits }],
  [
    'parts, a start, a tolerance; options whose names are taken',
    {
      ...firstComposition,
      objective: { id: 'matrix-completion', options: { rank: 2, lambda: 0.01 } },
      generate: { rows: 30, cols: 20, rank: 2, density: 0.5 },
      init: { id: 'small-gaussian', options: { scale: 0.01 } },
      methods: [{ id: 'gradient-descent', options: { step: { id: 'armijo', options: { shrink: 0.3 } } } }, { id: 'soft-impute', options: {} }],
      limits: { ...limits, gradientTolerance: 1e-3 },
      track: [],
    },
  ],
  ['no data, noise from the seed', { ...firstComposition, objective: { id: 'double-well', options: {} }, generate: {}, methods: [{ id: 'langevin', options: {} }], seed: 5, limits, track: [] }],
];

/** What the command line comes to. */
async function byCommand(command: string): Promise<{ readonly value: number; readonly iterations: number; readonly data: { readonly sha256: string } | null }> {
  const [program, ...words] = command.split(' ');
  expect(program).toBe('lowland');
  const cli = new URL('../../../cli/src/cli.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(execPath, ['--conditions=@lowland/source', cli, ...words, '--json', '--quiet']).catch((error: unknown) => error as { stdout: string });
  return JSON.parse(stdout) as Awaited<ReturnType<typeof byCommand>>;
}

test.each(cases)('the command line comes to the same value: %s', async (_, composition) => {
  for (const [position, command] of commandsOf(composition, catalogueOf(registry), (await prospect(registry, composition)).forms).entries()) {
    const { value, iterations } = await byCommand(command);
    const solution = await run(registry, composition, position, new Valve(Infinity), () => undefined);
    expect([iterations, value]).toEqual([solution.iterations, solution.value]);
  }
});

test('the command line comes to the same value: data of a file, read as it says, a part held back', async () => {
  const name = join(await mkdtemp(join(tmpdir(), 'lowland-command-')), 'ratings.csv');
  const lines = Array.from({ length: 200 }, (_, k) => `u${k % 17},i${(k * 7) % 13},${(k % 5) + 1}`);
  await writeFile(name, `user,item,rating\n${lines.join('\n')}\n`);
  const reading = { duplicates: 'mean' };
  const loaded = await readFile(new File([await readText(name)], name), reading);
  datasets.set(loaded.digest, loaded);
  const composition: Composition = { ...firstComposition, objective: { id: 'matrix-completion', options: { rank: 2 } }, data: { name, sha256: loaded.digest, reading, holdout: 0.2 }, generate: {}, methods: [{ id: 'lbfgs', options: {} }], limits, track: [] };
  const [command] = commandsOf(composition, catalogueOf(registry), ['factored']);
  const { value, data } = await byCommand(command!);
  expect(command).toContain('--duplicates mean --holdout 0.2');
  expect(data!.sha256).toBe(loaded.digest);
  expect((await run(registry, composition, 0, new Valve(Infinity), () => undefined)).value).toBe(value);
  await expect(run(registry, { ...composition, data: { ...composition.data!, sha256: '0'.repeat(64) } }, 0, new Valve(Infinity), () => undefined)).rejects.toThrow(/is not here/);
});

test('words that a shell would read otherwise are quoted', () => {
  const odd: Composition = { ...firstComposition, methods: [{ id: 'own', options: { name: "it's", list: [1, 2] } }] };
  expect(commandsOf(odd, catalogueOf(registry), [])[0]).toContain(String.raw`--name 'it'\''s' --list '[1,2]'`);
});
