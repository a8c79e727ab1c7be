import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { promisify } from 'node:util';

import type { Registry } from '@lowland/core';
import { beforeAll, expect, test } from 'vitest';

import { prospect } from '../engine/answer.ts';
import { catalogueOf } from '../engine/catalogue.ts';
import { loadRegistry } from '../engine/plugins.ts';
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

test.each(cases)('the command line comes to the same value: %s', async (_, composition) => {
  for (const [position, command] of commandsOf(composition, catalogueOf(registry), (await prospect(registry, composition)).forms).entries()) {
    const [program, ...words] = command.split(' ');
    expect(program).toBe('lowland');
    const cli = new URL('../../../cli/src/cli.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(execPath, ['--conditions=@lowland/source', cli, ...words, '--json', '--quiet']).catch((error: unknown) => error as { stdout: string });
    const { value, iterations } = JSON.parse(stdout) as { value: number; iterations: number };
    const solution = await run(registry, composition, position, new Valve(Infinity), () => undefined);
    expect([iterations, value]).toEqual([solution.iterations, solution.value]);
  }
});

test('words that a shell would read otherwise are quoted', () => {
  const odd: Composition = { ...firstComposition, methods: [{ id: 'own', options: { name: "it's", list: [1, 2] } }] };
  expect(commandsOf(odd, catalogueOf(registry), [])[0]).toContain(String.raw`--name 'it'\''s' --list '[1,2]'`);
});
