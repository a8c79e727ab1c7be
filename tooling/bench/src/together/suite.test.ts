import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { type Shared, together } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('together runs at small sizes, points for all and products for those that share work', async () => {
  const printed: string[] = [];
  await together.run({ node: process.execPath, python: undefined, only: '', contenders: undefined, rounds: 1, quick: true, out: folder, cache: folder, print: (text) => { printed.push(text); } });
  const { rows } = JSON.parse(readFileSync(join(folder, 'together.quick.json'), 'utf8')) as { rows: readonly Shared[] };
  expect(rows.filter(({ what }) => what === 'product').map(({ name }) => name)).toEqual(['factorization, rank 10', 'factorization, rank 2', 'sensing, rank 3', 'Huber sensing, rank 3', 'one-bit sensing, rank 3']);
  expect(rows.filter(({ what }) => what === 'point')).toHaveLength(7);
  for (const { alone, together: shared } of rows) expect(Math.min(alone, shared)).toBeGreaterThanOrEqual(0);
  expect(printed[1]).toMatch(/^factorization, rank 10 +product +[\d.]+ us +[\d.]+ us +([\d.]+|NaN|Infinity)$/);
});
