import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { full } from '@lowland/vitest-config/full';

import { bounds } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'lowland-bench-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('bounds runs at quick sizes, with SciPy or without', async () => {
  const printed: string[] = [];
  const options = { node: process.execPath, only: '', contenders: undefined, rounds: 1, quick: true, out: folder, cache: folder };
  // A Python that is none: as on a machine without SciPy.
  expect(await bounds.run({ ...options, python: full ? undefined : join(folder, 'python'), print: (text) => { printed.push(text); } })).toBe(true);
  const text = printed.join('\n');
  expect(text).toMatch(/GFlop\/s; loads of 16 bytes/);
  expect(text).toMatch(/2000 observed rank 10, 1 thread\n.*without arithmetic\n/);
  expect(text).toMatch(/factorisation descent 60x60 rank 10, 1 thread: 0.220 Mflop/);
  const report = JSON.parse(readFileSync(join(folder, 'bounds.quick.json'), 'utf8')) as {
    limits: { counts: unknown; rates: Record<string, number>; loadsOnly: Record<string, number> };
    completion: { threads: number; ours: number; parts: Record<string, number> }[];
    dense: { task: string; flops: number; ours: number }[];
  };
  expect(report.completion.map(({ threads }) => threads)).toEqual([1, 2]);
  const times = [...report.completion.flatMap(({ ours, parts }) => [ours, ...Object.values(parts)]), ...report.dense.map(({ ours }) => ours)];
  for (const value of [...times, ...Object.values(report.limits.loadsOnly), ...Object.values(report.limits.rates)]) expect(value).toBeGreaterThan(0);
  // 2000 entries: eleven loads for two and 24 for four, where none is left over.
  expect(report.limits.counts).toMatchObject({ alongRows: { loads: expect.closeTo(23_000, -3) as number } });
  expect(report.dense.map(({ flops }) => flops)).toEqual([(61 * 216_000) / 60, 216_000]);
}, 60_000);
