import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Basins } from '@lowland/landscape';
import { expect, it } from 'vitest';

import { call } from '../testing.ts';
import type { Screen } from '../terminal/style.ts';
import { ofBasins } from './basins-picture.ts';

it('basins: letters for orbits, capitals for their other points', async () => {
  const { code, stdout } = await call('basins', 'double-well', '--grid', '5', '--quiet');
  expect(code).toBe(0);
  expect(stdout).toMatch(/method +gradient flow[^]*a A +0 +least[^]*b +0\.25 +saddle +index 1/);
  expect(stdout).toMatch(/ aabAA\n +aabAA\n +-2 aabAA\n/);
});

it('are those of the method that is named, and drawn', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lowland-basins-')), 'basins.svg');
  const { stdout } = await call('basins', 'double-well', '--grid', '6', '--optimizer', 'lbfgs', '--svg', file, '--quiet');
  expect(stdout).toMatch(/method +lbfgs/);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/Basins of lbfgs on double-well[^]*least 0: 100\.0 %/);
  expect(text).not.toMatch(/NaN|undefined|href/);
  const { stdout: json } = await call('basins', 'double-well', '--grid', '4', '--quiet', '--json');
  expect((JSON.parse(json) as { result: { labels: number[] } }).result.labels).toHaveLength(16);
  expect((await call('basins', 'double-well', '--first', 'up', '--quiet')).stderr).toMatch(/"up" was given.*LOWLAND_E_OPTIONS/);
});

it('half blocks hold two rows where colours are shown', () => {
  const found = {
    method: 'gradient flow', group: '{1}', by: 'position', names: ['a', 'b'], directions: [{ data: [1, 0] }, { data: [0, 1] }],
    s: Float64Array.of(-1, 0, 1), t: Float64Array.of(-1, 0, 1), labels: Int32Array.of(0, 0, 1, 0, 0, 1, 0, -1, -2), copies: new Int32Array(9), iterations: new Int32Array(9),
    basins: [0, 1].map((value) => ({ value, kind: 'least', index: 0, share: 0.5, copies: [0] })), ends: { stationary: 7, unfinished: 1, diverged: 1, beyond: 0 },
  } as unknown as Basins;
  const screen = { columns: 80, unicode: true, style: (format: unknown, text: string) => `<${String(format)}>${text}` } as unknown as Screen;
  const lines = ofBasins(found, screen);
  expect(lines.slice(-3)).toEqual([
    '       1 <blue,bgBlue>▀<gray,bgBlue>▀<black,bgYellow>▀',
    '      -1 <blue>▀▀<yellow>▀',
    '         -1 1',
  ]);
});
