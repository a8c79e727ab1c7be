import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PhaseMap } from '@lowland/landscape';
import { expect, it } from 'vitest';

import { screen } from '../terminal/style.ts';
import { call } from '../testing.ts';
import { ofPhase } from './phase-picture.ts';

const sensing = ['phase', 'matrix-sensing', '--generate', 'rows=4,cols=4,rank=1', '--normalisation', 'mean', '--optimizer', 'gradient-descent', '--step', 'fixed', '--trials', '4', '--max-iterations', '200', '--seed', '7'];

it('phase: a table with intervals over one axis', async () => {
  const { code, stdout } = await call(...sensing, '--vary', 'measurements=5,40', '--quiet');
  expect(code).toBe(0);
  expect(stdout).toMatch(/the share of 4 problems that are recovered to 0\.001 within 200 steps\n2 of 2 cells as one ensemble/);
  expect(stdout).toMatch(/ 5 +0 % +0 % to 49 % +7\n +40 +100 % +51 % to 100 % +\d+ +7\n/);
});

it('phase: a map over two axes, drawn', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lowland-phase-')), 'phase.svg');
  const axes = ['--vary', 'measurements=5:45:20', '--vary', 'rank=1:2'];
  const { stdout } = await call(...sensing, ...axes, '--svg', file, '--quiet');
  expect(stdout).toMatch(/rank 2 +(\d+ % +){2}\d+ %\n +rank 1 +0 % +\d+ % +100 %\n +measurements +5 +25 +45\n/);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/Recovery of matrix-sensing by gradient-descent[^]*degrees of freedom/);
  expect(text.match(/<rect/g)!.length).toBeGreaterThanOrEqual(6);
  expect(text).not.toMatch(/NaN|undefined|href/);
  const { stdout: json } = await call(...sensing, ...axes, '--quiet', '--json');
  const map = JSON.parse(json) as PhaseMap & { interrupted: boolean };
  const { cells, routes, interrupted } = map;
  expect([cells.length, cells[1]!.at, routes.fused, interrupted]).toEqual([6, [25, 1], 6, false]);
  expect(ofPhase({ ...map, cells: cells.slice(0, 4) }, screen(process.stdout)).join(' ')).toMatch(/interrupted after 4 of 6\s+cells/);
});

it('phase: says when and why runs went one after another', async () => {
  const { stdout } = await call('phase', 'matrix-sensing', '--generate', 'rows=4,cols=4', '--vary', 'measurements=20', '--rank', '1', '--trials', '1', '--max-iterations', '5', '--quiet');
  expect(stdout).toMatch(/0 of 1 cells as one ensemble; "lbfgs" names no ensemble method/);
});

it.each([
  [[], /one axis or two/],
  [['--vary', 'measurements=5:1'], /expected name=from:to:step/],
  [['--vary', 'measurements=a,b'], /expected name=from:to:step/],
  [['--vary', 'measurements=1:1000'], /at most 200/],
  [['--vary', 'nothing=1'], /no setting of the data/],
  [['--vary', 'measurements=5', '--generate', 'rows'], /expected name=value/],
])('phase refuses %j', async (given, message) => {
  const { code, stderr } = await call('phase', 'matrix-sensing', ...given);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
