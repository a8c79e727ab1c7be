import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import type { Taken } from './measure.ts';
import { landscape } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('landscape runs at small sizes, and finds what is known there', async () => {
  const printed: string[] = [];
  expect(await landscape.run({ node: process.execPath, python: undefined, only: '', contenders: undefined, rounds: 3, quick: true, out: folder, cache: folder, print: (text) => { printed.push(text); } })).toBe(true);
  const { matrix, taken } = JSON.parse(readFileSync(join(folder, 'landscape.quick.json'), 'utf8')) as { matrix: number; taken: Readonly<Record<string, Taken>> };
  expect(matrix).toBe(8 * 320 ** 2);
  expect(Object.keys(taken)).toEqual(['slice', 'minimum', 'saddle', 'copies', 'spectrum', 'classify']);
  for (const { seconds, peak, right, error = 0 } of Object.values(taken)) {
    expect(right).toBe(true);
    expect(error).toBeLessThan(1e-10);
    expect(seconds).toBeGreaterThan(0);
    expect(peak).toBeGreaterThan(1e7);
  }
  expect(taken['minimum']!.products).toBeLessThanOrEqual(60);
  const text = printed.join('\n');
  expect(text).toMatch(/saddle: products for the five least eigenvalues +\d+/);
  expect(text).not.toMatch(/MISSED|Not what/);
}, 60_000);
