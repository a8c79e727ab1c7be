import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { ensembles, type Moved } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('ensembles are measured where they are offered, for few steps', async () => {
  const printed: string[] = [];
  await ensembles.run({ node: process.execPath, python: undefined, only: 'sensing 8 x 8', contenders: undefined, rounds: 1, quick: true, out: folder, cache: folder, print: (text) => { printed.push(text); } });
  const { rows } = JSON.parse(readFileSync(join(folder, 'ensembles.quick.json'), 'utf8')) as { rows: readonly Moved[] };
  expect(new Set(rows.map(({ method }) => method))).toEqual(new Set(['gradient descent', 'langevin', 'langevin, lattice', 'scaled', 'perturbed']));
  expect(new Set(rows.map(({ count }) => count))).toEqual(new Set([2, 3, 9, 32]));
  for (const { loop, fused } of rows) expect(Math.min(loop, fused)).toBeGreaterThan(0);
  expect(printed[1]).toMatch(/^sensing 8 x 8, 60, gradient descent +f64 +3 +2 +[\d.]+ us +[\d.]+ us +[\d.]+$/);
});
